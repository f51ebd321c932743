"""Run any Windows program under an isolated Wine: `python3 -m harness.run PROGRAM.exe`. It needs
no agent and no pair; programs that a test drives are started by driver/."""
