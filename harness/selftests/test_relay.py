"""A second opinion on the tracer: Wine's own log of what crosses between its modules."""
from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Iterator, List, Union

import pefile
import pytest

from harness.driver.host import Host
from harness.driver.meeting import Scene
from harness.driver.pair import Half, product_pair
from harness.driver.paths import BUILD
from harness.driver.programs import TRACED, Program
from harness.driver.win32.agent import Agent
from harness.driver.win32.calls import BY_NAME, Call, Text, lines
from harness.driver.win32.functions import Win32
from harness.driver.win32.processes import Processes
from harness.driver.wine.host import WineHost

pytestmark = pytest.mark.products

#: `0080:0084:Call KERNEL32.CloseHandle(00000038) ret=14000161b`, and the like after `Ret`.
LINE = re.compile(r'^([0-9a-f]{4}):[0-9a-f]{4}:(Call|Ret ) \w+\.(\w+)\((.*)\) '
                  r'(?:retval=([0-9a-f]+) )?ret=([0-9a-f]+)$', re.MULTILINE)
ARGUMENT = re.compile(r'([0-9a-f]+)(?: L?"((?:[^"\\]|\\.)*)")?')
INVALID_HANDLE_VALUE = (1 << 64) - 1


def argument(shown: "re.Match[str]", kind: str) -> Union[int, Text]:
    """An argument as the tracer notes it. The log shows whole stack slots, of which a DWORD is the
    lower half."""
    value = int(shown[1], 16)
    if kind == "TEXT":
        return Text(value, shown[2] and shown[2].replace("\\\\", "\\"))
    if kind == "HANDLE" and value == INVALID_HANDLE_VALUE:
        return -1
    return value if kind in ("HANDLE", "PVOID", "SIZE_T") else value & 0xFFFFFFFF


def relayed(log: str, pid: int, program: Path) -> List[Call]:
    """The calls of traced functions by the process that return into the program's own image."""
    header = pefile.PE(str(program), fast_load=True).OPTIONAL_HEADER
    calls: List[Call] = []
    for process, way, name, arguments, result, back in LINE.findall(log):
        inside = 0 <= int(back, 16) - header.ImageBase < header.SizeOfImage
        if int(process, 16) != pid or name not in BY_NAME or not inside:
            continue
        if way == "Call":
            calls.append(Call(name, tuple(
                argument(shown, kind)
                for shown, kind in zip(ARGUMENT.finditer(arguments), BY_NAME[name].kinds))))
        else:
            calls[-1] = Call(name, calls[-1].arguments, int(result, 16))
    return calls


@pytest.fixture
def logged(host: Host) -> Iterator[Processes]:
    """The programs of an agent whose calls, and theirs, Wine logs: a megabyte for each."""
    assert isinstance(host, WineHost)
    with open(host.folder / "relay.log", "wb") as file:
        process = subprocess.Popen(host.command(BUILD / "x86_64" / "agent.exe"),
                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=file,
                                   env=dict(host.environment, WINEDEBUG="+relay,+pid"),
                                   cwd=host.folder)
    agent = Agent(process)
    yield Processes(Win32(agent))
    agent.close()


@pytest.mark.parametrize("charset", ["ansi", "unicode"])
def test_wine_logs_the_same_calls(host: Host, logged: Processes, charset: str) -> None:
    """The documented scene twice, with Wine as the witness and with the tracer."""
    pair = product_pair("x86_64", charset)

    def run(half: Half, name: str, trace: bool) -> Program:
        if trace:
            return host.start(name, half.line(host), launch=TRACED)
        return Program(logged, name, half.line(host), host.path(host.folder), "")

    seen = {}
    for trace in (False, True):
        writer = run(pair.writer, "the writer", trace)
        Scene(host, pair).message_of(writer).close()
        reader = run(pair.reader, "the reader", trace)
        reader.answer(reader.box())
        reader.wait()
        writer.press()
        writer.wait()
        log = (host.folder / "relay.log").read_text("ascii", "replace")
        seen[trace] = [lines(program.calls() if trace else relayed(log, program.pid, half.file))
                       for program, half in ((writer, pair.writer), (reader, pair.reader))]
        assert all(len(made) == 5 for made in seen[trace]), seen[trace]
    assert seen[True] == seen[False]
