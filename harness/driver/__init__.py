"""Drives Win32 programs from Python: hosts, the client of the agent, programs, objects, calls, and
two programs meeting. It knows neither claims nor verdicts; those are in judge/.
"""
