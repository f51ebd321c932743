// Package places finds the folders in which programs keep a user's files.
package places

import (
	"os"
	"path/filepath"
)

// Settings returns the path of an application's settings file.
func Settings(application string) (string, error) {
	folder, err := os.UserConfigDir()
	return filepath.Join(folder, application, "settings.ini"), err
}
