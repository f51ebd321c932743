"""Runs any Windows program under an isolated Wine: `python3 -m harness.run PROGRAM.exe`. It needs
no agent and no pair; driver/ starts the programs that a test drives."""
