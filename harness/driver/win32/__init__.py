"""Win32 from Python: functions called in an agent's process (agent.py, functions.py), and what
tests do with them: processes, pipes, console, message boxes, objects, tokens, and a program's own
calls (tracing.py). What is expected of a program belongs above, and so does where an agent runs.
"""
