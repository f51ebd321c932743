"""The host: where Windows programs run. Tests use this interface and need not know the platform."""
from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Dict, List, Optional, Tuple

from harness.driver.errors import HarnessError, HostLost
from harness.driver.paths import BUILD, ROOT
from harness.driver.programs import Launch, Program
from harness.driver.waiting import Deadlines
from harness.driver.win32.agent import Agent
from harness.driver.win32.console import Consoles
from harness.driver.win32.functions import Win32
from harness.driver.win32.objects import Objects
from harness.driver.win32.tokens import Token, token


@dataclass(frozen=True)
class Settings:
    """The settings of a run: see the options in judge/options.py. `agents` has a folder with
    agent.exe and tracer.dll for each architecture. `sandbox` is "none", "auto" (if it works) or
    "required"; of the user's files, programs in a sandbox can read only the files and folders that
    are `shown`."""

    display: str = "null"
    prefix: Optional[str] = None
    wine: Optional[str] = None
    keep: bool = False
    agents: Path = BUILD
    sandbox: str = "none"
    shown: Tuple[Path, ...] = ()


class Host(Objects):
    """An isolated place for Windows programs, with a resident agent.

    `folder` is its own scratch folder; `kind` describes it in a few words; `display` is where
    windows are drawn; `creates_global` is whether a process here may create a file mapping object
    under `Global\\`, which on Windows requires session 0 or SeCreateGlobalPrivilege. `sweep` ends
    or closes whatever a test has started, created or opened through the host."""

    folder: Path
    kind: str
    display: str
    #: With sandbox "auto", why its programs run without one.
    unsafe = ""
    #: How many programs this process has started, in all hosts.
    launched = 0
    creates_global = True

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self._built = settings.agents
        self._consoles: Dict[str, Consoles] = {}
        self._programs: List[Program] = []
        self._lacks: Dict[str, Optional[str]] = {}

    # What a platform must provide -----------------------------------------------------------

    def _launch(self, program: Path) -> Any:
        """Start an .exe with pipes as its standard input and output, for an Agent."""
        raise NotImplementedError

    def close(self) -> None:
        """End everything and remove the folder. Never raises because of a lost agent."""
        for consoles in self._consoles.values():
            consoles.win32.agent.close()

    # What tests use -----------------------------------------------------------------------

    def win32(self, arch: str = "x86_64") -> Win32:
        return self._started(arch).win32

    def new_agent(self, arch: str = "x86_64") -> Agent:
        """Start another agent process. Under Wine it ends with the host's own agents."""
        return Agent(self._launch(self._agent_exe(arch)))

    def _started(self, arch: str) -> Consoles:
        if arch not in self._consoles:
            agent = self.new_agent(arch)
            try:
                self._consoles[arch] = Consoles(Win32(agent))
            except BaseException:
                agent.close()
                raise
        return self._consoles[arch]

    def _agent_exe(self, arch: str) -> Path:
        program = self._built / arch / "agent.exe"
        if not program.is_file():
            raise HarnessError(f"{program} is missing; run make in {ROOT} first")
        return program

    def start(self, name: str, command: str, arch: str = "x86_64",
              launch: Launch = Launch()) -> Program:
        """Start a program by its Windows command line in the host's folder. Only the agent of its
        architecture, which starts it, can trace it. See Program for the other arguments."""
        program = Program(self._started(arch), name, command, self.path(self.folder),
                          self.path(self._built / arch / "tracer.dll"), launch, self.exit_code)
        self._programs.append(program)
        Host.launched += 1
        return program

    def exit_code(self, process_id: int, code: int) -> int:
        """Return the exit code of an ended process, for which the system reports `code`."""
        return code

    def refuses(self, name: str) -> Optional[str]:
        """Return why no program here can create a file mapping object of that name, or None."""
        if self.creates_global or not name.startswith("Global\\"):
            return None
        return (f"creating {name} needs SeCreateGlobalPrivilege, which this run does not have; run "
                "it from a terminal that was opened as administrator (docs/windows.md)")

    def token(self, limited: bool = False) -> Token:
        """Call token in this host."""
        return token(self.win32(), limited)

    def sweep(self) -> None:
        """End every program and close every object that was started or opened through this host."""
        while self._programs:
            self._programs.pop().close()
        while self._objects:
            self._objects.pop().close()

    @property
    def lost(self) -> bool:
        """Whether an agent is gone, which makes the host useless."""
        return any(consoles.win32.agent.lost for consoles in self._consoles.values())

    def story(self) -> str:
        """Return the last calls in the agents, for failure messages."""
        return "\n".join(consoles.win32.agent.story() for consoles in self._consoles.values())

    def describe(self) -> str:
        """Describe each program since the last `sweep`, with its message boxes and output."""
        try:
            return "\n".join(program.describe() for program in self._programs)
        except HarnessError as problem:
            return f"unknown: {problem}"

    def lacks(self, arch: str) -> Optional[str]:
        """Return why programs of that architecture do not run here, or None. Tests it once."""
        if arch not in self._lacks:
            try:
                if not (self._built / arch).is_dir():
                    raise HarnessError(f"no {arch} programs were built")
                self.prove(arch)
            except HostLost:
                raise
            except HarnessError as problem:
                self._lacks[arch] = str(problem)
                self.sweep()
        return self._lacks[arch]

    def pace(self) -> float:
        """Measure how long a small program takes now from its start to its end, in seconds."""
        began = time.monotonic()
        self.prove()
        return time.monotonic() - began

    def prove(self, arch: str = "x86_64") -> None:
        """Start a program of that architecture that opens a message box, read and answer the box.
        Raises HarnessError if any of that fails. The exit code alone proves nothing: a 32-bit
        program that Wine cannot run may end with 0."""
        try:
            program = self.start("agent.exe", f'"{self.path(self._agent_exe(arch))}" seen')
            program.deadlines = Deadlines()
            box = program.box()
            program.answer(box)
            ended = program.wait()
            if (box.text, ended.code) != ("seen", 0):
                raise HarnessError(f'the smoke test said "{box.text}": {program.describe()}')
            self._programs.pop().close()
            self._lacks[arch] = None
        except HostLost:
            raise
        except Exception as problem:
            raise HarnessError(f"an {arch} program with a message box does not work here: "
                               f"{problem}")
