"""Run any Windows program under an isolated Wine: `python3 -m harness.run PROGRAM.exe`."""
