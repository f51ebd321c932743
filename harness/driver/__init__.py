"""Drives Win32 programs from Python: hosts, the client of the agent, programs, objects, calls, and
pairs of programs. It knows neither claims nor verdicts; those are in judge/."""
