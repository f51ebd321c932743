"""Builds docs/play.html from the recorded table, the programs' sources, script and style."""
from __future__ import annotations

import json
import re
from html import escape
from pathlib import Path
from typing import Any, Dict, List, Tuple

from harness.driver.paths import ROOT
from harness.web import fill, source_hash, style
from harness.play.record import RECORDED

HERE = Path(__file__).parent
PAGE = ROOT / "docs" / "play.html"
#: The description for search engines and link previews.
DESCRIPTION = ("You are the scheduler: let a writer and a reader take their steps in any order, "
               "and see what real Windows processes did. Nothing to install.")
#: The parts of the script; each uses only earlier ones.
SCRIPTS = ("table", "words", "goals", "view", "game", "main")
COMMENT = re.compile(r"[ \t]*(/\*.*?\*/|//[^\n]*)", re.S)

#: Each program's file, the first line of its listing, and the pieces of source that each step runs.
#: "fail" is the exit after an error.
LISTINGS: Dict[str, Tuple[str, str, Dict[str, Tuple[str, ...]]]] = {
    "first_process": ("first_process/first_process.c", "int _tmain", {
        "create": ("CreateFileMapping(",), "map": ("MapViewOfFile(",), "copy": ("CopyMemory(",),
        "unmap": ("_getch()", "UnmapViewOfFile("), "close": ("CloseHandle(",),
        "exit": ("return 0;",)}),
    "second_process": ("second_process/second_process.c", "int _tmain", {
        "open": ("OpenFileMapping(",), "map": ("MapViewOfFile(",), "show": ("MessageBox(",),
        "unmap": ("UnmapViewOfFile(",), "close": ("CloseHandle(",), "exit": ("return 0;",),
        "fail": ('Could not open file mapping object (%d).\\n"), (int)GetLastError());\n'
                 "        return 1;",)}),
    "robust_writer": ("docs/robust/robust_writer.c", "static void publish", {
        "event": ("stop = CreateEventW(", "open_ready("), "create": ("CreateFileMappingW(",),
        "reset": ("MapViewOfFile(", "if (!ResetEvent("), "publish": ("publish(message);",),
        "set": ("SetEvent(ready)",), "unset": ("WaitForSingleObject(", "ResetEvent(ready);"),
        "close": ("UnmapViewOfFile(", "CloseHandle(mapping)"),
        "exit": ("CloseHandle(ready)", "return code;")}),
    "robust_reader": ("docs/robust/robust_reader.c", "static BOOL is_mine", {
        "event": ("open_ready(",), "wait": ("WaitForSingleObject(",),
        "open": ("OpenFileMappingW(",), "copy": ("MapViewOfFile(", "if (view->magic != MAGIC)",
                                                 "CopyMemory(text"),
        "close": ("UnmapViewOfFile(view)", "CloseHandle(mapping)"),
        "lapse": ("WaitForSingleObject(",),
        "show": ("CloseHandle(ready)", "MessageBoxW("),
        "exit": ("return code;",), "fail": ("return code;",)}),
    "changing_writer": ("docs/changing/changing_writer.c", "static void change", {
        "create": ("CreateFileMappingW(",), "map": ("MapViewOfFile(",),
        "half": ("if (way == SEQUENCE)\n        InterlockedIncrement(&record->sequence);\n"
                 "    record->first = key;",),
        "whole": ("record->second = _getch();\n    if (way == SEQUENCE)\n"
                  "        InterlockedIncrement(&record->sequence);",),
        "close": ("UnmapViewOfFile(", "CloseHandle(mapping)"), "exit": ("return code;",)}),
    "changing_reader": ("docs/changing/changing_reader.c", "static BOOL copy_in_sequence", {
        "open": ("OpenFileMappingW(",), "read": ("MapViewOfFile(", "wrong = copy_record("),
        "lapse": ("if (GetTickCount64() >= end)\n            return FALSE;",),
        "close": ("UnmapViewOfFile(", "CloseHandle(mapping)"),
        "exit": ("return code;",), "fail": ("return code;",)})}


def joined(source: str) -> str:
    """Return the source with each statement on one line; the page wraps lines itself."""
    lines = [""]
    for line in source.split("\n"):
        if lines[-1].count("(") > lines[-1].count(")"):
            lines[-1] += ("" if lines[-1].endswith("(") else " ") + line.strip()
        else:
            lines.append(line)
    return "\n".join(lines[1:])


def listing(program: str) -> List[Dict[str, Any]]:
    """Return each line of a program's source, without comments, and the steps that run it. Raises
    ValueError if a step's piece is missing."""
    file, begin, steps = LISTINGS[program]
    source = (ROOT / file).read_text(encoding="utf-8")
    source = joined(COMMENT.sub("", source[source.index(begin):]).strip())
    source = re.sub(r"(?<!\n})\n(\s*\n)+", "\n", source)  # Keep blank lines between functions.
    lines: List[Dict[str, Any]] = [{"text": text, "steps": []} for text in source.split("\n")]
    for step, pieces in steps.items():
        for at, piece in ((source.rindex(piece), piece) for piece in pieces):
            first = source.count("\n", 0, at)
            for line in lines[first:first + piece.count("\n") + 1]:
                line["steps"].append(step)
    return lines


def page() -> str:
    """Return the page. It depends only on the recording and the sources."""
    recorded: Dict[str, Any] = json.loads(RECORDED.read_text(encoding="utf-8"))
    css = style(HERE / "style.css")
    script = '"use strict";\n' + "\n".join(
        (HERE / f"{name}.js").read_text(encoding="utf-8") for name in SCRIPTS)
    listings = {program: listing(program) for program in LISTINGS}
    data = json.dumps({**recorded, "listings": listings}, ensure_ascii=False,
                      separators=(",", ":")).replace("</", "<\\/")
    parts = {"style": css, "script": script, "recorded": data, "date": recorded["date"],
             "platform": escape(recorded["platform"]), "description": DESCRIPTION,
             "policy": f"default-src 'none'; script-src {source_hash(script)}; style-src "
                       f"{source_hash(css)}; img-src data:; base-uri 'none'; form-action 'none'"}
    return fill((HERE / "page.html").read_text(encoding="utf-8"), parts)
