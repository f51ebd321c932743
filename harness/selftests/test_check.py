"""Tests of the command that checks programs: its outputs, its exit status, and what it refuses."""
from __future__ import annotations

import json
import random
import re
import shlex
import sys
from pathlib import Path
from typing import Any, Dict, Iterator, List
from xml.etree import ElementTree

import pytest

from harness.check.__main__ import junit
from harness.driver.contract import Words
from harness.driver.errors import HarnessError
from harness.driver.paths import BUILD, ROOT
from harness.driver.programs import Exit
from harness.judge import files
from harness.judge.claims import READER
from harness.judge.executable import examine
from harness.judge.sources import line_saying
from harness.judge.results import Result, Seen
from harness.judge.screen import verdict_lines
from harness.judge.subject import Subject
from harness.judge.verdict import judge
from harness.judge.words import clean, printed, quoted
from harness.report.scene import pair_of
from harness.selftests.documents import document
from harness.selftests.inner_runs import CHECK, InnerRuns

SCHEMA: Dict[str, Any] = json.loads((ROOT / "docs" / "verdict.schema.json").read_text())
KINDS: Dict[str, Any] = {"object": dict, "array": list, "string": str, "integer": int,
                         "boolean": bool, "number": (int, float)}
WRITER = str(BUILD / "x86_64-ansi" / "first_process.exe")
#: Characters that must not reach a terminal or an XML file.
HARMFUL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069"
                     "\ud800-\udfff\ufffe\uffff]")
PIECES = ["\x1b[2J", "\x1b]0;x\x07", "\r\n::error::x", "\u202e", "\ud800", "\ufffe", "\0", "]]>",
          "<script>", "&amp;", "✓ All 29 claims", "'", '"', "|", "\x9b31m", "a" * 500, "🙂", "\t"]


def problems(value: Any, schema: Dict[str, Any], place: str = "") -> Iterator[str]:
    """Yield where a value violates the schema, for the JSON Schema keywords that ours uses."""
    while "$ref" in schema:
        schema = SCHEMA["$defs"][schema["$ref"].rpartition("/")[2]]
    kind = KINDS[schema["type"]] if "type" in schema else object
    if not isinstance(value, kind) or value not in schema.get("enum", [value]) \
            or value != schema.get("const", value) \
            or isinstance(value, str) and not re.search(schema.get("pattern", ""), value):
        yield f"{place}: {value!r}"
    elif isinstance(value, list):
        for each in value:
            yield from problems(each, schema["items"], f"{place}[]")
    elif isinstance(value, dict):
        yield from (f"{place}.{name} is missing" for name in schema.get("required", ())
                    if name not in value)
        for name, each in value.items():
            about = schema.get("properties", {}).get(name, schema["additionalProperties"])
            if about:
                yield from problems(each, about, f"{place}.{name}".lstrip("."))
            else:
                yield f"{place}.{name} is not described"


def test_whatever_a_program_prints_is_escaped() -> None:
    """Control characters, surrogates and markup are escaped on the screen, in JUnit and JSON."""
    chance, made = random.Random(29), document()
    for _ in range(500):
        text = "".join(chance.choice(PIECES) for _ in range(chance.randint(1, 8)))
        data = text.encode("utf-8", "surrogatepass") + bytes([chance.randrange(256)])
        seen = printed(Exit(0, data[:65536], data[:99], len(data), 99))
        found = Seen("R5.title", READER, False, "title of the message box", quoted("Process2"),
                     clean(quoted(text)), clean("a\x1b.c:1"), clean(text))
        output = Seen("B4.silent", READER, False, "output of a run that succeeds", "nothing",
                      clean(seen))
        results = [Result("a", "x", READER, ["R5.title", "B4.silent"], "failed", [found, output],
                          why=clean(text))]
        verdict = judge(results)
        screen = "\n".join(verdict_lines(verdict, Subject([])))
        xml = junit(verdict, made, [clean(f"name: {text}")], Words())
        ElementTree.fromstring(xml)
        for said in (screen, xml, json.dumps(verdict.data(), ensure_ascii=False)):
            assert not HARMFUL.search(said), said
            assert not re.search(r"^\s*::", said, re.MULTILINE)


def test_what_a_program_prints_has_a_line(tmp_path: Path) -> None:
    """Output is located by the string that it begins with, up to a format or an escape."""
    source = tmp_path / "mine.c"
    line = 'printf("\\nWrote %d bytes", n);'
    source.write_text(f'#include "no.h"\nputs("");\n  {line}\nputs("%d");\n')
    assert line_saying("\r\nWrote 27 bytes", source) == ("mine.c:3", line)
    assert line_saying("27", source) is None and line_saying("", source) is None


@pytest.mark.parametrize("command, status, said", [
    ("pytest {trip} --wine /nowhere", 4, "--wine /nowhere: there is no such file"),
    ("pytest {trip} --wine /bin/true", 4, "--wine /bin/true: this is no Wine with its server"),
    ("pytest {trip} --deadline 0", 4, "--deadline: give it in seconds, more than 0"),
    ("pytest {trip} --first-process /none.exe", 4, "/none.exe cannot be read (No such file"),
    ("run", 125, "PROGRAM.exe"), ("run --timeout 0 {writer}", 125, "more than 0"),
    ("run --nothing {writer}", 125, "--nothing"), ("run --wine /none {writer}", 125, "/none"),
    ("run --env x {writer}", 125, "NAME=VALUE"),
    ("run --env PATH=x {writer}", 125, "set WINEPATH"), ("run --env temp=x {writer}", 125, "temp"),
    ("run --cwd /none {writer}", 125, "no such folder"),
    (f"run --share {'x' * 99} {{writer}}", 125, "1 to 60 bytes"),
    ("run --linger 1 {writer}", 125, "--share"),
    ("check '' ''", 4, "--first-process is empty"), ("check -", 4, "name a program of your own"),
    ("check {here}", 4, "is a folder"), ("check /nowhere.exe", 4, "/nowhere.exe cannot be read"),
    ("check /nowhere.c", 4, "/nowhere.c cannot be read"),
    ("check {here}/a.c --log {here}/log", 1, "✗ It does not compile:\n   | a.c:1"),
    ("check {myself}", 4, "is not a Windows program"),
    ("check {writer} --deadline 0", 4, "--deadline: give it in seconds"),
    ("check {writer} --ceiling nan", 4, "--ceiling: give it in seconds"),
    ("check {writer} --name ''", 4, "--name is empty"),
    ("check {writer} --verdict ''", 4, "--verdict is empty"),
    ("check {writer} --verdict /etc", 4, "/etc is a folder"),
    ("check {writer} --verdict {me}", 4, "was not written by a check"),
    ("check {writer} --junitxml {me}", 4, "was not written by a check"),
    ("check {writer} --verdict /nowhere/v.json", 4, "there is no folder /nowhere"),
    (f"check {{writer}} --message {'x' * 256}", 4, "--message"),
    ("check {writer} -n -3", 4, "-n: give a number"),
    ("check {writer} --charset unicode", 4, "and --charset says unicode"),
    ("check {writer} --nonsense", 4, "unrecognized arguments"),
    ("check.grade {here} --points /nowhere", 4, "--points: /nowhere cannot be read"),
    ("check.grade {here} -n 0", 4, "-n: give"),
    ("check.grade {here} --nonsense", 4, "grade: unrecognized arguments"),
    ("check.grade {here} --limit inf", 4, "give it in seconds"),
    ("check.grade {here} --name=", 4, "--name is empty"),
    ("check.grade {here} --task no", 4, "there is no exercise no"),
    ("check.grade {here} --task length --title x", 4, "--title is for pairs"),
    ("check.grade {here}/none", 4, "has no submissions"),
    # Results of somebody else are not overwritten.
    ("check.grade {here}/theirs", 4, "was not written by"),
    ("lessons.exercise read-only", 2, "read-only is about the reader; name your program with SEC"),
    ("lessons.exercise length", 2, "FIRST= or SECOND="),
    ("lessons.exercise limit --first-process {here}/a.c", 2, "limit is about the reader"),
    ("lessons.exercise event --first-process /nowhere.c", 2, "nowhere.c cannot be read"),
    ("lessons.exercise event --first-process {here}/a.c", 1, "It does not compile:\n   | a.c:1"),
    ("lessons.exercise event --first-process ''", 2, "--first-process is empty"),
    ("lessons.exercise event --name 'a\\b\\c'", 2, "one backslash"),
    ("lessons.exercise event --verdict .", 2, "is a folder"),
    ("lessons.show nothing", 2, 'there is no scene "nothing"'),
    ("report.conformance /none.json", 1, "conformance: cannot read a verdict"),
    ("report /none.json {here}/page.html", 1, "report: cannot read a verdict"),
    ("report {here}/a.c {here}/page.html", 1, "run make test or make check first"),
    ("report {here}/old.json {here}/page.html", 1, "is not a verdict of this version"),
    ("report.summary /none.json", 0, "**There is no verdict:**")],
    ids=lambda value: re.sub(r"\W+", "-", value)[:40] if isinstance(value, str) else "")
def test_what_makes_no_sense_is_refused(inner: InnerRuns, tmp_path: Path, command: str,
                                        status: int, said: str) -> None:
    """A wrong command ends at once with one line; a source that does not compile is wrong."""
    for name, text in (("a.c", "int main(void) { return 0 }"), ("none/readme.txt", ""),
                       ("old.json", '{"claims": {}}'),
                       ("theirs/results/results.json", "mine")):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    # A program may have arguments, so its path is quoted once more.
    first = {name: shlex.quote(shlex.quote(str(file)))
             for name, file in (("writer", WRITER), ("myself", __file__))}
    module, *words = shlex.split(command.format(
        here=shlex.quote(str(tmp_path)), me=shlex.quote(__file__),
        trip="harness/claims/test_round_trip.py", **first))
    done = inner.run([sys.executable, "-m", f"harness.{module}".replace("harness.pytest", "pytest"),
                      *words])
    assert done.code == status and said in done.text, done.text
    assert status != 4 or len(done.text.split("\n")) <= 3, done.text
    assert status != 125 or said in done.text.splitlines()[-1], done.text


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    """A file is written whole or not at all, and only over a file of a check."""
    file = tmp_path / "v.json"
    files.refuse("--verdict", file, *files.VERDICT)
    assert files.write(file, '{\n "format": 2}') == ""
    files.refuse("--verdict", file, *files.VERDICT)
    file.write_text("my thesis")
    with pytest.raises(HarnessError, match="was not written by a check"):
        files.refuse("--verdict", file, *files.VERDICT)
    with files.whole(file) as part:
        part.write_text("half of it")
        assert file.read_text() == "my thesis"
    assert file.read_text() == "half of it"
    assert "cannot be written" in files.write(Path("/dev/full"), "x" * 9999)
    assert [path.name for path in tmp_path.iterdir()] == ["v.json"]


@pytest.mark.parametrize("name, status, broken, words", [
    ("floods", 1, ["W1"], ["whether it creates its object", "bytes so far"]),
    ("lies", 1, ["R1", "R5"], ["functions that it calls to get the object"]),
    ("dynamic", 3, [], ["install the Visual C++ Redistributable, or link with /MT"])])
def test_a_program_that_misbehaves(inner: InnerRuns, tmp_path: Path, name: str, status: int,
                                   broken: List[str], words: List[str]) -> None:
    """The verdict names exactly the broken claims, on one screen, in time; because of these, others
    are not judged, in all processes that check. A program without its Visual C DLL gets no verdict,
    and its author learns what to install."""
    program, verdict = f"'{BUILD}/probe/probe.exe' {name}", tmp_path / "v.json"
    if name == "dynamic":
        program = str(tmp_path / "dynamic.exe")
        product = (BUILD / "x86_64-ansi" / "second_process.exe").read_bytes()
        Path(program).write_bytes(product.replace(b"msvcrt.dll", b"msvcr9.dll"))
        found = examine(Path(program), READER)
        assert (found.visual_c, found.not_shipped, found.own_runtime) == (("msvcr9.dll",), (), 0)
    done = inner.run([*CHECK, *["-"] * (name != "floods"), program, "--charset", "ansi",
                      "--verdict", str(verdict), "--log", str(tmp_path / "log")], 180.0)
    assert done.code == status, done.text
    claims = json.loads(verdict.read_text())["claims"]
    assert [claim for claim in claims if claims[claim]["verdict"] == "broken"] == broken, done.text
    assert all(one.get("because", []) == broken for one in claims.values()
               if one["verdict"] == "not judged")
    assert all(word in done.text for word in words), done.text
    assert done.text.count("\n") <= 60


def test_a_source_is_compiled_for_both_character_sets(inner: InnerRuns, tmp_path: Path) -> None:
    """A pair in one source, whose argument selects the role, is built and checked in both character
    sets, and has a verdict and a JUnit file."""
    source = tmp_path / "both.c"
    first, second = ((ROOT / name / f"{name}.c").read_text().replace("szName", f"szName{number}")
                     .replace("_tmain(void)", f"main{number}(void)")
                     for number, name in enumerate(("first_process", "second_process")))
    source.write_text(f"{first}\n#undef BUF_SIZE\n{second}\nint _tmain(int argc, TCHAR **argv)\n"
                      '{\n    return argc > 1 && !_tcscmp(argv[1], TEXT("reader")) ? main1() : '
                      "main0();\n}\n")
    verdict, results = tmp_path / "v.json", tmp_path / "r.xml"
    done = inner.run([*CHECK, f"'{source}'", f"'{source}' reader", "--verdict", str(verdict),
                      "--junitxml", str(results), "--log", str(tmp_path / "log")], 280.0)
    assert done.code == 0, done.text
    data = json.loads(verdict.read_text())
    assert {file["charset"] for file in data["files"]} == {"ansi", "unicode"}
    assert data["verdict"] == "kept"
    # The check has removed its builds; the scene of the report builds the source again.
    pair = pair_of(data)
    assert pair.reader.command.endswith(".exe reader") and pair.writer.file.exists()
    assert list(problems(data, SCHEMA)) == []
    assert list(problems({**data, "level": "none", "wine": 8, "date": "x"}, SCHEMA)) == [
        "level: 'none'", "wine: 8", "date: 'x'"]
    cases = list(ElementTree.parse(str(results)).iter("testcase"))
    assert [case.get("name") for case in cases] == list(data["claims"])
    [place] = {case.get("classname", "") for case in cases}
    assert re.fullmatch(r"wine-[\d_]+\.x86_64-ansi\+x86_64-unicode", place)
    assert all(case.find("properties/property[@name='says']") is not None for case in cases)
