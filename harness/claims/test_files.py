"""The headers and imports of the two .exe files."""
from __future__ import annotations

import pytest

from harness.driver.pair import Pair
from harness.judge.checks import Mine, See, check
from harness.judge.claims import READER, WRITER
from harness.judge.executable import examine
from harness.judge.subject import SUBJECT


FACTS, GIVES = ("B1.dlls", "B1.console", "B2.imports"), "starts letters"


@pytest.mark.parametrize("role", [
    pytest.param(WRITER, marks=check(*FACTS, about=WRITER, gives=GIVES)),
    pytest.param(READER, marks=check(*FACTS, "R7.user32", about=READER, gives=GIVES))])
def test_its_file(pair: Pair, known: Mine, see: See, request: pytest.FixtureRequest,
                  role: str) -> None:
    """It is a console program of one character set that needs only the DLLs of Windows, and the
    reader needs user32."""
    subject = request.config.stash[SUBJECT]
    handed_in = subject.handed_in.get(role)
    file = subject.half(pair, role).file
    if not handed_in and not file.is_file():
        pytest.skip(f"32-bit was not run: {file} was not built")
    program = handed_in[str(pair)] if handed_in else examine(file, role)
    starts = see("B1.dlls", "DLLs that Windows does not ship", (), program.not_shipped, role)
    starts &= see("B1.console", "whether it is a console program", True, program.console, role)
    see("B2.imports", "imports of both character sets, or of the other one", (), program.mixed,
        role)
    if role in subject.refused:
        charset, text = subject.refused[role]
        see("B2.compiles", f"whether it compiles for {charset}", True, text, role)
    if len({name[-1] for name in program.mixed}) < 2:
        known.give("letters")  # They show the character set of its text.
    if starts:
        known.give("starts")
    if role == READER:
        see("R7.user32", "whether it imports from user32.dll", True, program.user32)
