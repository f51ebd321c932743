"""The headers and imports of the two .exe files."""
from __future__ import annotations

import pytest

from harness.driver.pair import Pair
from harness.judge.checks import Mine, See, check
from harness.judge.claims import READER, WRITER
from harness.judge.executable import Executable, examine
from harness.judge.subject import SUBJECT


def look(pair: Pair, known: Mine, see: See, request: pytest.FixtureRequest) -> Executable:
    """Check what holds for both programs, and whether this one can be started at all."""
    subject = request.config.stash[SUBJECT]
    handed_in = subject.handed_in.get(known.role)
    file = subject.half(pair, known.role).file
    if not handed_in and not file.is_file():
        pytest.skip(f"32-bit was not run: {file} was not built")
    program = handed_in[str(pair)] if handed_in else examine(file, known.role)
    starts = see("B1.dlls", "DLLs that Windows does not ship", (), program.not_shipped, known.role)
    starts &= see("B1.console", "whether it is a console program", True, program.console,
                  known.role)
    see("B2.imports", "imports of both character sets, or of the other one", (), program.mixed,
        known.role)
    if known.role in subject.refused:
        charset, text = subject.refused[known.role]
        see("B2.compiles", f"whether it compiles for {charset}", True, text, known.role)
    if len({name[-1] for name in program.mixed}) < 2:
        known.give("letters")  # They show the character set of its text.
    if starts:
        known.give("starts")
    return program


@check("B1.dlls", "B1.console", "B2.imports", about=WRITER, gives="starts letters")
def test_the_writers_file(pair: Pair, known: Mine, see: See,
                          request: pytest.FixtureRequest) -> None:
    """It is a console program of one character set that needs only the DLLs of Windows."""
    look(pair, known, see, request)


@check("B1.dlls", "B1.console", "B2.imports", "R7.user32", about=READER, gives="starts letters")
def test_the_readers_file(pair: Pair, known: Mine, see: See,
                          request: pytest.FixtureRequest) -> None:
    """It is a console program of one character set that needs only the DLLs of Windows, including
    user32."""
    program = look(pair, known, see, request)
    see("R7.user32", "whether it imports from user32.dll", True, program.user32)
