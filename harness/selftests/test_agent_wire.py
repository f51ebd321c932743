"""Tests that the agent refuses what it does not understand, answers each line once, and lives.

Thousands of malformed requests come from a seed that is printed where they fail.

The same lines go to the agent and to its wire, built for this machine under sanitizers. Whatever
the wire refuses, the agent refuses with the same words.
"""
from __future__ import annotations

import json
import os
import random
import re
import subprocess
import threading
from pathlib import Path
from typing import Any, Dict, List, Optional

import pytest

from harness.driver.host import Host
from harness.driver.paths import BUILD, ROOT
from harness.driver.wine.host import WineHost

pytestmark = pytest.mark.products

LINES = 3000
#: The most bytes of a line, as agent/wire.h has it.
LONGEST = 1 << 18
AGENT = ROOT / "harness" / "agent"

#: Every verb and every field that there is, so that a new one is tried too.
VERBS, FIELDS = (re.findall(rf"^ +{row}\((\w+),", (AGENT / "protocol.h").read_text(), re.M)
                 for row in "VF")
VALUES = (["0" * 2, "01", "0x1", "+1", "-1", "1.0", "1e3", "=", "a=b", "9" * 400, "A" * 5000,
           "%41" * 3000, "a%", ""]
          + ("0 1 4 41 65535 65536 4294967295 4294967296 9223372036854775808 18446744073709551615 "
             "18446744073709551616 nonsense new none event eve event%20mutex limited 4g %4 %zz %00 "
             "%FF %C3%A4 %C0%80 %ED%A0%80 %F4%90%80%80 %F0%9F%98%80 %E2%82").split())
BYTES = [b"\0", b"\r", b"\t", b"\x1a", b"\x7f", "ä".encode(), b"\xff", b"  ", b"\x0b"]


def line(choose: random.Random, number: int) -> bytes:
    """A line, without its end, that is a request in most of its parts."""
    kind = choose.random()
    if kind < 0.01:
        return b"%d whoami token=" % number + b"x" * choose.randrange(LONGEST - 40, LONGEST + 9)
    if kind < 0.02:
        return b"x" * choose.choice([LONGEST - 1, LONGEST, LONGEST + 1, 3 * LONGEST])
    if kind < 0.1:
        return bytes(choose.choice(range(11, 256)) for _ in range(choose.randrange(60)))
    ids = [str(number)] * 20 + ["", "0", "007", "-1", "4294967296", "id"]
    words = [choose.choice(ids), choose.choice(VERBS * 5 + ["", "nonsense", "WAIT", "whoami=1"])]
    words += [f"{choose.choice(FIELDS + ['tarce', ''])}={choose.choice(VALUES)}"
              for _ in range(choose.randrange(6))]
    if kind < 0.15:
        words.append(choose.choice(["word", "", words[-1]]))
    raw = " ".join(words).encode()
    if kind < 0.25:
        place = choose.randrange(len(raw) + 1)
        raw = raw[:place] + choose.choice(BYTES) + raw[place:]
    return raw


def ask(process: "subprocess.Popen[bytes]", lines: List[bytes]) -> List[Dict[str, Any]]:
    """The answers of a process to these lines, and to none besides."""
    assert process.stdin and process.stdout
    to = process.stdin

    def send() -> None:
        with to:
            to.write(b"".join(text + b"\n" for text in lines))
    sender = threading.Thread(target=send)
    sender.start()
    with process.stdout as out:
        answers = [json.loads(out.readline()) for _ in lines]
        assert not out.read().strip()  # Wine ends the line when it gives up a console.
    sender.join()
    assert process.wait(10) == 0
    return answers


@pytest.fixture(scope="module")
def wire(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wire as a program of this machine, watched by sanitizers."""
    program = tmp_path_factory.mktemp("wire") / "wire"
    subprocess.run(["gcc", "-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-O1", "-g",
                    "-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-o", program,
                    Path(__file__).parent / "native" / "wire.c", AGENT / "wire.c",
                    AGENT / "answer.c"], check=True, timeout=60)
    return program


def start(program: Path, host: Optional[Host] = None) -> "subprocess.Popen[bytes]":
    """A program with pipes, in a host or on this machine. Wine's supervisor would end its host when
    an agent ends, so it does not start this one."""
    command, environment = [str(program)], None
    if isinstance(host, WineHost):
        command, environment = host.command(program), host.environment
    return subprocess.Popen(command, env=environment, stdin=subprocess.PIPE,
                            stdout=subprocess.PIPE)


@pytest.mark.parametrize("request_line, refusal", [
    (b"1 whoami", None),
    (b"1 create name=%C3%A4%F0%9F%98%80 size=18446744073709551615 protect=4", None),
    (b"1 write object=0 offset=0 data=00fF", None),
    (b"whoami", "no request id at the beginning"),
    (b"01 whoami", "no request id at the beginning"),
    (b"4294967296 whoami", "no request id at the beginning"),
    (b"1 quit", "no such verb"),
    (b"1 terminate program=nonsense", "a value of the wrong type"),
    (b"1 terminate program=00", "a value of the wrong type"),
    (b"1 terminate program=-1", "a value of the wrong type"),
    (b"1 terminate program=4294967296", "a value of the wrong type"),
    (b"1 start command=x tarce=1", "a field that this verb does not take"),
    (b"1 start command=x trace=2", "a value of the wrong type"),
    (b"1 start command=x command=x", "a field given twice"),
    (b"1 start", "a field is missing"),
    (b"1 start command", "not of the form name=value"),
    (b"1 write object=0 offset=0 data=xy", "a value of the wrong type"),
    (b"1 write object=0 offset=0 data=123", "a value of the wrong type"),
    (b"1 open name=%ED%A0%80 access=4", "a value of the wrong type"),
    (b"1 open name=a%00b access=4", "a value of the wrong type"),
    (b"1 open name=\xc3\xa4 access=4", "bytes other than printable ASCII"),
    (b"1 occupy name=x kind=eve", "a value of the wrong type"),
    pytest.param(b"1 whoami token=" + b"x" * LONGEST, "a line that is too long", id="too long"),
])
def test_a_line_is_understood_or_refused(wire: Path, request_line: bytes,
                                         refusal: str) -> None:
    """One fault a row; the answer repeats the id where there is one."""
    answer, = ask(start(wire), [request_line])
    assert answer.get("refused") == refusal
    assert answer["id"] == (0 if refusal == "no request id at the beginning" else 1)


def test_the_agent_survives_any_line(host: Host, wire: Path) -> None:
    """Each line is answered once and in order, and after all of them the agent still works."""
    seed = int(os.environ.get("FUZZ_SEED", random.randrange(1 << 32)))
    print(f"FUZZ_SEED={seed}")
    choose = random.Random(seed)
    lines = [line(choose, number + 1) for number in range(LINES)]
    lines = [text.replace(b"\n", b" ") for text in lines] + [b"%d whoami" % (LINES + 1)]
    known = ask(start(wire), lines)
    answers = ask(start(BUILD / "x86_64" / "agent.exe", host), lines)
    assert [answer["id"] for answer in answers] == [answer["id"] for answer in known]
    for text, answer, verdict in zip(lines, answers, known):
        assert "refused" not in verdict or answer == verdict, text[:400]
    assert "session" in answers[-1]
