// Package places knows where programs of this user keep their files.
package places

import (
	"os"
	"path/filepath"
)

// Settings is the file in which an application of that name keeps its settings.
func Settings(application string) (string, error) {
	folder, err := os.UserConfigDir()
	return filepath.Join(folder, application, "settings.ini"), err
}
