package places

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

func TestSettings(t *testing.T) {
	path, err := Settings("greeter")
	if err != nil || path != os.Getenv("APPDATA")+`\greeter\settings.ini` {
		t.Fatal(path, err)
	}
}

func TestAnotherProgramCanBeStarted(t *testing.T) {
	output, err := exec.Command("cmd", "/c", "echo %OS%").Output()
	if err != nil || strings.TrimSpace(string(output)) != "Windows_NT" {
		t.Fatal(output, err)
	}
}
