"""What drives Win32 programs from Python: the host that runs them, the agent inside it, and
programs, message boxes and file-mapping objects as Python sees them."""
