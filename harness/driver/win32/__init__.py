"""Win32 from Python: functions called in an agent's process (agent.py, functions.py), and their
uses: processes, pipes, consoles, message boxes, objects, tokens, and the calls of a program
(tracing.py). Expectations of a program, and where an agent runs, belong in the layers above."""
