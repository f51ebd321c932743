"""Tests of grading a folder: how its programs are found, what each row gets, and the outputs."""
from __future__ import annotations

import csv
import json
import os
import sys
from pathlib import Path
from typing import Any, Dict, List

import pytest

from harness.check.grade import outputs
from harness.check.grade.outputs import Row, marks, possible, read_points, slug
from harness.check.grade.submissions import Submission, equals, find
from harness.driver.errors import HarnessError
from harness.driver.paths import ROOT
from harness.judge.claims import READER, WRITER
from harness.lessons.exercises.checkers import solution
from harness.selftests.documents import RESULTS, document
from harness.selftests.inner_runs import InnerRuns

NOTHING: Dict[str, Any] = {WRITER: None, READER: None}


def put(folder: Path, **files: str) -> Path:
    """Write these files of a submission; in their names `__` is a dot and `___` a slash."""
    for name, text in files.items():
        path = folder / name.replace("___", "/").replace("__", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def programs(folder: Path, **patterns: str) -> List[Any]:
    """Return the name of each submission in a folder, with its programs or its problem."""
    return [(one.name, one.problem or one.programs) for one in find(
        folder, {WRITER: patterns.get("first"), READER: patterns.get("second")})]


def test_programs_are_found_by_name_and_by_calls(tmp_path: Path) -> None:
    """A program is found by its name, its folder or its calls; a source precedes its .exe."""
    put(tmp_path / "a", first_process__c="", second_process__cpp="", common__c="", notes__txt="")
    put(tmp_path / "b", writer___main__c="", reader___main__c="", reader___main__exe="")
    put(tmp_path / "c", one__c="CreateFileMapping(", two__c="OpenFileMapping(")
    put(tmp_path / "d", writer__c="", writer_old__c="")
    put(tmp_path / "e", readme__md="")
    put(tmp_path, f__c="OpenFileMapping(", points__csv="W5,1", results___x___writer__c="")
    assert programs(tmp_path) == [
        ("a", {WRITER: "first_process.c", READER: "second_process.cpp"}),
        ("b", {WRITER: "writer/main.c", READER: "reader/main.c"}),
        ("c", {WRITER: "one.c", READER: "two.c"}),
        ("d", "more than one file may be the writer: writer.c, writer_old.c"),
        ("e", "no source and no .exe is the writer or the reader"),
        ("f.c", {READER: "f.c"})]
    assert dict(programs(tmp_path, first="writer_*.c"))["d"] == {WRITER: "writer_old.c"}


def test_no_link_and_no_device_is_read(tmp_path: Path) -> None:
    """A submission cannot include other people's files, block the reader, or fill the memory."""
    folder = put(tmp_path / "mallory", real_writer__c="mine", __git___writer__c="")
    (folder / "reader.c").symlink_to("/etc/passwd")
    (folder / "more").symlink_to("/etc")
    os.mkfifo(folder / "second.c")
    (tmp_path / "link").symlink_to(folder)
    with open(folder.parent / "huge_writer.c", "wb") as huge:
        huge.truncate(40 << 20)
    (one, two) = find(tmp_path, NOTHING)
    assert "more than" in one.problem and not one.files
    assert (two.name, two.files) == ("mallory", {"real_writer.c": b"mine"})


def test_equal_files_are_named(tmp_path: Path) -> None:
    """Files equal to the project's or to others' are named, even if white space differs."""
    text = (ROOT / "first_process" / "first_process.c").read_bytes()
    found = equals([Submission(name, {"w.c": content}, {WRITER: "w.c"}) for name, content in (
        ("a", b"int x;"), ("b", b"int\r\n x;"), ("c", text.replace(b"\n", b"\r\n")), ("d", b"y"))])
    assert found == {"a": ["w.c is the same as from b"], "b": ["w.c is the same as from a"],
                     "c": ["w.c is first_process/first_process.c of the project"], "d": []}


def row(name: str, state: str = "wrong", **more: Any) -> Row:
    """Return a row of a reader with a wrong title and a writer that keeps W5."""
    return Row(name, state, {READER: "reader.c"}, document(RESULTS, words={"name": "Mine"}), **more)


def test_points_are_the_teachers(tmp_path: Path) -> None:
    """Each claim gives one point, or what the file says, but none if no program can keep it."""
    file = put(tmp_path, p__csv="W5,3\nR5,2\nH2,9\n") / "p.csv"
    points = possible(read_points(file, ""), [row("a")])
    assert points == {"W5": 3.0, "R5": 2.0}
    got = marks(row("a"), points)
    assert [(mark.name, mark.points, mark.most) for mark in got] == [("W5", 3, 3), ("R5", 0, 2)]
    assert "title" in got[1].why
    assert marks(Row("b", "right"), read_points(None, "length"))[0].points == 1.0
    for text in ("W5", "W9,1", "W5,many", "W5,-1"):
        with pytest.raises(HarnessError, match="--points"):
            read_points(put(tmp_path, p__csv=text) / "p.csv", "")


def test_outputs_of_a_row(tmp_path: Path) -> None:
    """The text has claim, line and both values; spreadsheets run nothing in the files."""
    said = ["✗ It does not compile:", "   | w.c:3: error"]
    rows = [row("=cmd|x", equal=["w.c is the same as from b"], lines=["✗ R5 broken by the reader"]),
            Row("b/", "does not compile", lines=said), Row("b_", "right")]
    text = outputs.text(rows[0])
    for part in ("=cmd|x: wrong", "second_process: reader.c\n\n✗ R5 broken by the reader"):
        assert part in text and "same as" not in text, text
    points = possible(read_points(None, ""), rows)
    outputs.save(tmp_path, "", rows, {})
    outputs.write_all(tmp_path, rows, points)
    lines = list(csv.reader((tmp_path / "grades.csv").read_text().splitlines()))[1:]
    assert [line[0] for line in lines] == ["'=cmd|x", "b/", "b_"] and lines[1][5] == "w.c:3: error"
    graded = json.loads((tmp_path / slug("=cmd|x") / "gradescope.json").read_text())
    assert graded["score"] == sum(test["score"] for test in graded["tests"]) == 1.0
    assert {test["status"] for test in graded["tests"]} == {"passed", "failed"}
    assert outputs.places(rows) == {"=cmd|x": "_cmd_x", "b/": "b_", "b_": "b__"}
    assert outputs.load(tmp_path)[""].name == "b_"


GRADE = [sys.executable, "-m", "harness.check.grade"]


def states(folder: Path) -> Dict[str, str]:
    """Return the state of each submission from results.json."""
    document = json.loads((folder / "results" / "results.json").read_text())
    return {one["name"]: one["state"] for one in document["submissions"]}


BROKEN = "int main(void)\n{\n    retrun 0;\n}\n/* CreateFileMapping */\n"
ENDLESS = "int main(void) { for (;;) ; } /* CreateFileMapping */\n"


def test_a_folder(inner: InnerRuns, tmp_path: Path) -> None:
    """Each submission has a row. An interrupted run keeps its rows, the next run does the rest, and
    a later one only what is new or changed. Nothing is left behind."""
    folder = tmp_path / "their work"
    grade = [*GRADE, str(folder), "--charset", "ansi"]
    put(folder, a__c=BROKEN, b__c=ENDLESS)
    with inner.start([*grade, "-n", "1"]) as run:
        assert run.stdout
        while b"1/2]" not in run.stdout.readline():
            assert run.poll() is None
        run.terminate()
        assert run.wait(60) == 2
    wanted = {"a.c": "does not compile"}
    assert states(folder) == wanted and not inner.left()
    put(folder, b__c=ENDLESS.replace("for (;;) ;", ""), c___readme__txt="")
    put(folder, d___writer__exe="not an .exe")
    done = inner.run([*grade, "-n", "2"], 200.0)
    assert done.code == 0 and "4 submissions, 3 of them new or changed" in done.text, done.text
    wanted.update({"b.c": "wrong", "c": "no program", "d": "no program"})
    assert states(folder) == wanted
    text = (folder / "results" / "a.c" / "verdict.txt").read_text()
    assert "a.c:3" in text and str(tmp_path) not in text and "graded" not in text, text
    text = (folder / "results" / "b.c" / "verdict.txt").read_text()
    assert "✗ W1 broken by the writer" in text, text
    assert "graded" not in text and "goes on" not in text, text
    put(folder / "d", writer__exe="still none")
    done = inner.run(grade, 200.0)
    assert "4 submissions, 1 of them new or changed" in done.text, done.text
    assert states(folder) == wanted


def test_a_folder_of_solutions(inner: InnerRuns, tmp_path: Path) -> None:
    """A single file is the program of the exercise; one of two programs is enough."""
    folder = tmp_path / "theirs"
    right = solution("read_only_reader")
    put(folder, mine__c=right, wrong__c=right.replace("FILE_MAP_READ", "FILE_MAP_WRITE"))
    points = put(tmp_path, p__csv="right,10") / "p.csv"
    done = inner.run([*GRADE, str(folder), "--task", "read-only", "--points", str(points)], 200.0)
    assert done.code == 0, done.text
    assert states(folder) == {"mine.c": "right", "wrong.c": "wrong"}
    lines = list(csv.reader((folder / "results" / "grades.csv").read_text().splitlines()))
    assert [line[2:4] for line in lines[1:]] == [["10", "10"], ["0", "10"]]
    text = (folder / "results" / "wrong.c" / "verdict.txt").read_text()
    assert "wrong.c: wrong" in text and "FILE_MAP_WRITE" in text and "→" in text, text
    assert str(tmp_path) not in text
