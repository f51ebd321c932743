"""A second opinion on the API calls: Wine's own log of what crosses between its modules."""
from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Iterator, List, Union

import pefile
import pytest

from harness.driver.agent import Agent
from harness.driver.calls import KINDS, Call, Text
from harness.driver.host import Host
from harness.driver.meeting import Scene
from harness.driver.paths import BUILD
from harness.driver.programs import Program
from harness.driver.wine.host import WineHost
from harness.judge.findings import READER, WRITER
from harness.judge.trace import Trace

pytestmark = [pytest.mark.calls, pytest.mark.products,
              pytest.mark.skipif(sys.platform == "win32", reason="the relay log is Wine's alone")]

#: `0080:0084:Call KERNEL32.CloseHandle(00000038) ret=14000161b`, and the like after `Ret`.
LINE = re.compile(r'^([0-9a-f]{4}):[0-9a-f]{4}:(Call|Ret ) \w+\.(\w+)\((.*)\) '
                  r'(?:retval=([0-9a-f]+) )?ret=([0-9a-f]+)$', re.MULTILINE)
ARGUMENT = re.compile(r'([0-9a-f]+)(?: L?"((?:[^"\\]|\\.)*)")?')


def argument(shown: "re.Match[str]", kind: str, invalid: int) -> Union[int, Text]:
    """An argument as the agent would tell it; `invalid` is INVALID_HANDLE_VALUE. The log shows
    whole stack slots, of which a DWORD is the lower half on x86_64."""
    value = int(shown[1], 16)
    if kind == "text":
        return Text(value, shown[2] and shown[2].replace("\\\\", "\\"))
    if kind == "handle" and value == invalid:
        return -1
    return value if kind in ("handle", "address") else value & 0xFFFFFFFF


def relayed(log: str, pid: int, program: Path) -> List[Call]:
    """The calls of the process that return into the program's own image, of those functions
    that have a place in the documented pair."""
    image = pefile.PE(str(program), fast_load=True)
    header = image.OPTIONAL_HEADER
    invalid = (1 << (64 if image.PE_TYPE == pefile.OPTIONAL_HEADER_MAGIC_PE_PLUS else 32)) - 1
    calls: List[Call] = []
    for process, way, name, arguments, result, back in LINE.findall(log):
        known = Call(name, ()).function
        inside = 0 <= int(back, 16) - header.ImageBase < header.SizeOfImage
        if int(process, 16) != pid or known not in KINDS or not inside:
            continue
        if way == "Call":
            kinds = KINDS[known][0].split()
            calls.append(Call(name, tuple(
                argument(shown, kind, invalid)
                for shown, kind in zip(ARGUMENT.finditer(arguments), kinds))))
        else:
            calls[-1] = Call(name, calls[-1].arguments, int(result, 16))
    return calls


@pytest.fixture
def log(host: Host) -> Path:
    """Where Wine is to log; its log has about a megabyte for each program."""
    return host.folder / "relay.log"


@pytest.fixture
def agent(host: Host, log: Path) -> Iterator[Agent]:
    """An agent whose programs are logged, as it is itself."""
    assert isinstance(host, WineHost)
    environment = dict(host.environment, WINEDEBUG="+relay,+pid")
    with open(log, "wb") as file:
        process = subprocess.Popen(host.command(BUILD / "x86_64" / "agent.exe"),
                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=file,
                                   env=environment, cwd=host.folder)
    agent = Agent(process)
    yield agent
    agent.close()


@pytest.mark.claims("W1", "W3", "W6", "W7", "R1", "R3", "R5", "R6")
def test_wine_logs_the_same_calls(scene: Scene, agent: Agent, log: Path) -> None:
    """The documented scene once more, with Wine as the witness instead of the agent."""
    pair, host = scene.pair, scene.host
    writer = Program(agent, "the writer", pair.writer.line(host))
    scene.message_of(writer).close()
    reader = Program(agent, "the reader", pair.reader.line(host))
    reader.answer(reader.box())
    reader.wait()
    writer.press()
    writer.wait()
    seen = log.read_text("ascii", "replace")
    for program, half, name in ((writer, pair.writer, WRITER), (reader, pair.reader, READER)):
        Trace(half, name, relayed(seen, program.pid, half.file), pair.words).compare()
