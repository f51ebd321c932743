"""Starts processes, each in its own job, with pipes for its output and a console for its input."""
from __future__ import annotations

from contextlib import suppress
from typing import Any, Callable, List, Tuple

from harness.driver.errors import HostLost, Win32Error
from harness.driver.waiting import GRACE
from harness.driver.win32.console import Consoles
from harness.driver.win32.constants import (CREATE_SUSPENDED, ERROR_BAD_EXE_FORMAT,
                                            ERROR_INTERNAL_ERROR, EXTENDED_STARTUPINFO_PRESENT,
                                            JOB_OBJECT_EXTENDED_LIMIT_INFORMATION,
                                            JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE, MEM_RELEASE,
                                            PROC_THREAD_ATTRIBUTE_HANDLE_LIST,
                                            STARTF_USESTDHANDLES, WAIT_TIMEOUT)
from harness.driver.win32.functions import Win32
from harness.driver.win32.tokens import opened_token

#: Under Wine, one new process in several thousand dies before the program runs, with one of
#: these errors: ERROR_INTERNAL_ERROR if an address that Wine needs is in use, ERROR_BAD_EXE_FORMAT
#: on a busy machine, for an unknown reason.
PASSING = (ERROR_INTERNAL_ERROR, ERROR_BAD_EXE_FORMAT)
MOST_ATTEMPTS = 3
#: More than enough for a list of one attribute, in bytes.
ATTRIBUTES = 256
#: The most bytes to keep of a stream; KEPT in agent/agent.c, too.
KEPT = 65536


class Stream:
    """A pipe for one stream of a program, which never blocks, however much it writes. `write_end`
    is the handle that the program inherits; close it here once the program has it."""

    def __init__(self, win32: Win32) -> None:
        self.win32 = win32
        self._given_up = False  # Another process has it open: do not wait again.
        read_end, write_end = win32.out("HANDLE"), win32.out("HANDLE")
        win32.CreatePipe(read_end, write_end, win32.out("SECURITY_ATTRIBUTES", inherit=1), KEPT)
        self.write_end, self._pipe = write_end.value, read_end.value
        head = win32.out("STREAM", pipe=self._pipe)
        self._memory = win32.allocate(len(head) + 2 * KEPT)
        win32.write(self._memory, bytes(head))
        self._thread = win32.CreateThread(None, 0, win32.agent.drain, self._memory, 0,
                                          None)

    def close_write_end(self) -> None:
        """Leave the pipe to the program: the stream ends with the last handle."""
        handle, self.write_end = self.write_end, 0
        if handle:
            self.win32.CloseHandle(handle)

    def _over(self, seconds: float) -> bool:
        return self.win32.wait(self._thread, seconds=seconds) is not None

    def written(self, ended: bool) -> Tuple[bytes, int, bool]:
        """Return the output so far: the first 64 KiB, the number of all bytes, whether the stream
        is over. If the program has `ended`, wait for the rest, but not for other processes."""
        over = self._over(GRACE if ended and not self._given_up else 0.0)
        self._given_up = ended and not over
        head = self.win32.out("STREAM")
        head[:] = self.win32.read(self._memory, len(head))
        data = self.win32.read(self._memory + len(head), head.kept) if head.kept else b""
        return data, head.total, over

    def close(self) -> bool:
        """Free it. Return whether it had ended. If not, the agent's thread still uses it."""
        self.close_write_end()
        if not self._over(GRACE):
            return False
        self.win32.CloseHandle(self._thread)
        self.win32.CloseHandle(self._pipe)
        self.win32.VirtualFree(self._memory, 0, MEM_RELEASE)
        return True


class Process:
    """A process in its own job, started by an agent, suspended until `resume`: a command line in
    that folder, in a new console if requested. `handle` and `main_thread` are handles, the latter 0
    once it runs; `out` and `err` are its output. It has the console of that number. Raises
    Win32Error, after freeing everything."""

    handle = main_thread = 0

    def __init__(self, consoles: Consoles, command: str, folder: str, new_console: bool,
                 limited_token: bool) -> None:
        win32 = self.win32 = consoles.win32
        self._consoles = consoles
        consoles.choose(new_console)
        self.console = consoles.current
        self._job = win32.CreateJobObjectW(None, None)
        self._streams: List[Stream] = []
        try:
            limits = win32.out("JOBOBJECT_EXTENDED_LIMIT_INFORMATION",
                               flags=JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE)
            win32.SetInformationJobObject(self._job, JOB_OBJECT_EXTENDED_LIMIT_INFORMATION, limits,
                                          len(limits))
            self.out, self.err = self._streams = [Stream(win32), Stream(win32)]
            with consoles.opened(inherited=True) as keys:
                made = self._create(command, folder, limited_token,
                                    [keys, self.out.write_end, self.err.write_end])
            self.handle, self.main_thread, self.pid = made.process, made.thread, made.process_id
            for stream in self._streams:
                stream.close_write_end()
            win32.AssignProcessToJobObject(self._job, self.handle)
        except BaseException:
            with suppress(HostLost):
                if self.handle:
                    win32.TerminateProcess(self.handle, 1)
                self.close()
            raise
        consoles.inhabitants.append(self)

    def _create(self, command: str, folder: str, limited: bool,
                handles: List[int]) -> Any:
        """Create it with only these handles inherited. Return its PROCESS_INFORMATION."""
        win32 = self.win32
        size, made = win32.out("SIZE_T", value=ATTRIBUTES), win32.out("PROCESS_INFORMATION")
        attributes, inherited = win32.stored(bytes(ATTRIBUTES), win32.array(*handles))
        startup = win32.out("STARTUPINFOEXW", flags=STARTF_USESTDHANDLES, input=handles[0],
                            output=handles[1], error=handles[2], attributes=attributes)
        win32.InitializeProcThreadAttributeList(attributes, 1, 0, size)
        try:
            win32.UpdateProcThreadAttribute(attributes, 0, PROC_THREAD_ATTRIBUTE_HANDLE_LIST,
                                            inherited, len(win32.array(*handles)), None, None)
            rest = (None, None, True, CREATE_SUSPENDED | EXTENDED_STARTUPINFO_PRESENT, None, folder,
                    startup, made)
            if limited:
                with opened_token(win32, limited=True) as token:
                    _retried(lambda: win32.CreateProcessAsUserW(token, None, command, *rest))
            else:
                _retried(lambda: win32.CreateProcessW(None, command, *rest))
        finally:
            with suppress(HostLost):
                win32.DeleteProcThreadAttributeList(attributes)
        return made

    def joined(self) -> Consoles:
        """Return the consoles, switched to the one of this process. Raises Win32Error."""
        self._consoles.join(self.console, self.pid)
        return self._consoles

    def resume(self) -> None:
        """Let it run; a second call does nothing. Raises Win32Error."""
        thread, self.main_thread = self.main_thread, 0
        if thread:
            self.win32.ResumeThread(thread)
            self.win32.CloseHandle(thread)

    def ended(self, seconds: float = 0.0) -> bool:
        """Wait at most that many seconds for its end. Return whether it has ended."""
        return self.win32.wait(self.handle, seconds=seconds) is not None

    def exit_code(self) -> int:
        """Return its exit code, unsigned."""
        code = self.win32.out("DWORD")
        self.win32.GetExitCodeProcess(self.handle, code)
        return int(code.value)

    def terminate(self) -> None:
        """End it with TerminateProcess, as a crash would, and wait for its end, so that the next
        start sees that it has ended, and what it has left in its console. Raises Win32Error."""
        self.win32.TerminateProcess(self.handle, 1)
        if not self.ended(GRACE):
            raise Win32Error("WaitForSingleObject", WAIT_TIMEOUT)

    def close(self) -> None:
        """End it and all that it has started. Raises Win32Error if that takes too long."""
        self.console = 0
        self.win32.CloseHandle(self._job)  # Ends the process tree.
        gone = not self.handle or self.ended(GRACE)
        # Close both before checking the results.
        over = [stream.close() for stream in self._streams]
        for handle in self.main_thread, self.handle:
            if handle:
                self.win32.CloseHandle(handle)
        if not gone or not all(over):
            raise Win32Error("WaitForSingleObject", WAIT_TIMEOUT)


def _retried(create: Callable[[], int]) -> None:
    for attempt in range(MOST_ATTEMPTS):
        try:
            create()
            return
        except Win32Error as error:
            if error.code not in PASSING or attempt + 1 == MOST_ATTEMPTS:
                raise
