"""The host: where Windows programs run. The only interface that tests need of a platform."""
from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Dict, List, Optional

from .agent import Agent, Process
from .errors import HarnessError, HostLost, Win32Error
from .objects import Mapping, NamedObject, create_mapping, occupy, open_mapping
from .patience import Patience
from .programs import Program

BUILD = Path(__file__).resolve().parents[2] / "build"


@dataclass(frozen=True)
class Settings:
    """What a run may choose: see the options in conftest.py."""

    display: str = "null"
    prefix: Optional[str] = None
    wine: Optional[str] = None
    keep: bool = False


class Host:
    """One isolated place for Windows programs, with a resident agent in it.

    `folder` is a scratch folder of its own; `kind` says in a few words what it is; `display` is
    where windows are drawn; `may_create` is whether a process here may create a file mapping under
    `Global\\`. Whatever a test starts, makes or opens through the host is ended by
    `sweep`.
    """

    folder: Path
    kind: str
    display: str
    #: How many programs this process has started, in whatever host.
    launched = 0
    may_create = True

    def __init__(self) -> None:
        self._agents: Dict[str, Agent] = {}
        self._programs: List[Program] = []
        self._objects: List[NamedObject] = []
        self._lacks: Dict[str, Optional[str]] = {}
        self._spoilt = False

    # What a platform has to provide -------------------------------------------------------

    def path(self, path: Path) -> str:
        """The Windows path of a file of this machine."""
        raise NotImplementedError

    def _launch(self, program: Path) -> Process:
        """Start an .exe with its standard input and output as pipes."""
        raise NotImplementedError

    def close(self) -> None:
        """End everything and remove the folder. Never raises because of a lost agent."""
        for agent in self._agents.values():
            agent.close()

    # What tests use -----------------------------------------------------------------------

    def agent(self, arch: str = "x86_64") -> Agent:
        """The agent of that width, started at its first use. Raises HarnessError without one."""
        if arch not in self._agents:
            program = BUILD / arch / "agent.exe"
            if not program.is_file():
                raise HarnessError(f"{program} is missing; run make first")
            self._agents[arch] = Agent(self._launch(program))
            self._agents[arch].greet()
        return self._agents[arch]

    def start(self, name: str, command: str, arch: str = "x86_64", **fields: object) -> Program:
        """Start a program by its Windows command line, in the host's folder."""
        fields.setdefault("folder", self.path(self.folder))
        if self._spoilt:
            fields["console"] = "new"
            self._spoilt = False
        program = Program(self.agent(arch), name, command, **fields)
        self._programs.append(program)
        Host.launched += 1
        return program

    def create(self, name: str, size: int, **fields: Any) -> Mapping:
        """create_mapping in this host."""
        return self._kept(create_mapping(self.agent(), name, size, **fields))

    def open(self, name: str, **fields: Any) -> Mapping:
        """open_mapping in this host."""
        return self._kept(open_mapping(self.agent(), name, **fields))

    def occupy(self, name: str, kind: str) -> NamedObject:
        """occupy in this host."""
        thing = occupy(self.agent(), name, kind)
        self._objects.append(thing)
        return thing

    def exists(self, name: str) -> bool:
        """Whether a file-mapping object of that name can be opened now."""
        try:
            open_mapping(self.agent(), name).close()
        except Win32Error as error:
            if error.code != 2:
                raise
            return False
        return True

    def _kept(self, mapping: Mapping) -> Mapping:
        self._objects.append(mapping)
        return mapping

    def sweep(self) -> None:
        """End every program and close every object that was made through this host."""
        while self._programs:
            self._programs.pop().forget()
        while self._objects:
            self._objects.pop().close()

    def spoil(self) -> None:
        """Something went wrong: the next program gets a new console, since keys go astray in one
        whose reader was killed by somebody else than the agent."""
        self._spoilt = True

    @property
    def lost(self) -> bool:
        """Whether an agent is gone, so that the host is of no more use."""
        return any(agent.lost for agent in self._agents.values())

    def story(self) -> str:
        """What the agents were asked and answered last, for failure messages."""
        return "\n".join(agent.story() for agent in self._agents.values())

    def describe(self) -> str:
        """Each program that was started and not swept, with its boxes and what it has printed."""
        try:
            return "\n".join(program.describe() for program in self._programs)
        except HarnessError as problem:
            return f"nobody can tell: {problem}"

    def lacks(self, arch: str) -> Optional[str]:
        """Why programs of that width do not run here, or None where they do; tried only once."""
        if arch not in self._lacks:
            self._lacks[arch] = None
            try:
                self.prove(arch)
            except HostLost:
                raise
            except HarnessError:
                self._lacks[arch] = f"an {arch} program with a message box does not work here"
                self.sweep()
        return self._lacks[arch]

    def prove(self, arch: str = "x86_64") -> None:
        """A program of that width that opens a message box is started, read and answered. Raises
        HarnessError where any of that does not work here. The exit code alone would prove
        nothing: a 32-bit program that Wine cannot run may end with 0."""
        try:
            program = self.start("agent.exe", f'"{self.path(BUILD / arch / "agent.exe")}" seen')
            program.patience = Patience()
            box = program.box()
            program.answer(box)
            ended = program.wait()
            if (box.text, ended.code) != ("seen", 0):
                raise HarnessError(f"the smoke test's box said «{box.text}»: {program.describe()}")
            self.sweep()
        except HostLost:
            raise
        except Exception as problem:
            raise HarnessError(f"a program with a message box does not work here: {problem}")


def open_host(settings: Settings) -> Host:
    """A new host for this platform, proven to work. Raises HarnessError with cause and remedy."""
    if sys.platform == "win32":
        from .windows import WindowsHost
        return WindowsHost(settings)
    from .wine import open_wine_host
    return open_wine_host(settings)
