"""Finds the submissions in a folder: their files, their programs, and which are equal."""
from __future__ import annotations

import fnmatch
import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Dict, Iterator, List, Mapping, Optional, Sequence, Tuple

from harness.driver.errors import HarnessError
from harness.driver.paths import BUILD, ROOT
from harness.judge.claims import READER, WRITER
from harness.judge.sources import INCLUDED, is_source
from harness.judge.verdict import NAMES as SAID
from harness.judge.words import clean

#: The files of a submission that are read, and their limits: number, and bytes in total.
READ, MOST_FILES, MOST_BYTES = (*INCLUDED, ".exe", ".dll"), 200, 32 << 20
#: What shows the role of a program: its name or, failing that, its content.
NAMES = {WRITER: re.compile("first|writer|server|producer|sender"),
         READER: re.compile("second|reader|client|consumer|receiver")}
CALLS = {WRITER: b"CreateFileMapping", READER: b"OpenFileMapping"}
#: Programs of the project, which somebody may hand in as their own.
PUBLISHED = ("first_process/*.c", "second_process/*.c", "docs/*/*.c", "harness/lessons/**/*.c")
BUILT = ("*-ansi/*.exe", "*-unicode/*.exe", "*-robust/*.exe", "*-changing/*.exe", "exercises/*.exe")


@dataclass
class Submission:
    """A submission: a folder or a single file of that name. `files` has the contents by file name,
    `programs` the file name of each program by role; `problem` says why there is none."""

    name: str
    files: Dict[str, bytes]
    programs: Dict[str, str]
    problem: str = ""

    def put(self, folder: Path) -> Dict[str, Path]:
        """Write its files into an empty folder. Return the path of each program by role."""
        for name, content in self.files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        return {role: folder / name for role, name in self.programs.items()}

    def sum(self, settings: str) -> str:
        """Return a sum that changes if any file or the settings change."""
        whole = [settings, *((name, hashlib.sha256(content).hexdigest())
                             for name, content in sorted(self.files.items()))]
        return hashlib.sha256(repr(whole).encode(errors="backslashreplace")).hexdigest()


def find(folder: Path, patterns: Mapping[str, Optional[str]], roles: Sequence[str] = tuple(NAMES)
         ) -> List[Submission]:
    """Return the submissions in a folder, by name, with the programs of these `roles`. The
    `patterns` select the file of a role; by default its name or calls do. If there is one role, a
    single file has it. Raises HarnessError."""
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as problem:
        raise HarnessError(f"{clean(str(folder))} cannot be read: {problem.strerror}")
    found = []
    for entry in entries:
        single = entry.is_file(follow_symlinks=False) and _is_program(entry.name)
        if entry.name.startswith((".", "__MACOSX")) or entry.is_symlink() or not (
                single or entry.is_dir() and entry.name != "results"):
            continue
        try:
            files = dict(_read(Path(entry.path), folder if single else Path(entry.path)))
            found.append(Submission(entry.name, files, *_programs(files, patterns, roles)))
        except (OSError, HarnessError) as problem:
            found.append(Submission(entry.name, {}, {}, clean(str(problem))))
    if not found:
        raise HarnessError(f"{clean(str(folder))} has no submissions: a folder, a source or an "
                           ".exe for each")
    return found


def _is_program(name: str) -> bool:
    return name.lower().endswith(".exe") or is_source(name)


def _read(top: Path, start: Path) -> Iterator[Tuple[str, bytes]]:
    """Yield the name and content of each relevant file of a submission; never follow a link."""
    total = count = 0
    for path in sorted(top.rglob("*")) if top.is_dir() else [top]:
        hidden = any(part.startswith((".", "__MACOSX")) for part in path.relative_to(top).parts)
        if not hidden and path.name.lower().endswith(READ) and path.is_file() \
                and not path.is_symlink():
            with open(path, "rb") as content:
                data = content.read(MOST_BYTES + 1)
            total, count = total + len(data), count + 1
            if total > MOST_BYTES or count > MOST_FILES:
                raise HarnessError(f"it has more than {MOST_FILES} files or {MOST_BYTES >> 20} MB")
            yield str(path.relative_to(start)), data


def _programs(files: Mapping[str, bytes], patterns: Mapping[str, Optional[str]],
              roles: Sequence[str]) -> Tuple[Dict[str, str], str]:
    """Return the program of each role, and why there is none, or ""."""
    candidates: Dict[str, List[str]] = {role: [] for role in NAMES}
    names = list(filter(_is_program, files))
    for name in names:
        for role in roles if len(names) == len(roles) == 1 else _roles(
                name, files[name], patterns):
            candidates[role].append(name)
    programs = {}
    for role in roles:
        names = candidates[role]
        # A source has precedence over its .exe.
        names = [name for name in names if is_source(name)] or names
        if len(names) > 1:
            return {}, f"more than one file may be {SAID[role]}: {clean(', '.join(names[:4]))}"
        programs.update({role: name for name in names})
    who = " or ".join(SAID[role] for role in roles)
    return programs, "" if programs else f"no source and no .exe is {who}"


def _roles(name: str, content: bytes, patterns: Mapping[str, Optional[str]]) -> List[str]:
    """Return the roles of a file: by the patterns or, without any, by its name, the names of its
    folders, or its calls."""
    if any(patterns.values()):
        return [role for role, pattern in patterns.items() if pattern and (
            fnmatch.fnmatch(name, pattern) or fnmatch.fnmatch(name.split("/")[-1], pattern))]
    for part in reversed(name.lower().split("/")):
        roles = [role for role, pattern in NAMES.items() if pattern.search(part)]
        if len(roles) == 1:
            return roles
    return [role for role, call in CALLS.items() if call in content][:1]


# What is equal --------------------------------------------------------------------------------

def _essence(name: str, content: bytes) -> str:
    """Return the sum of a file; of a source without white space, which editors change."""
    return hashlib.sha256(b"".join(content.split()) if is_source(name) else content).hexdigest()


def published() -> Dict[str, str]:
    """Return the paths of the project's programs by their sums."""
    paths = [path for pattern in PUBLISHED for path in sorted(ROOT.glob(pattern))]
    paths += [path for pattern in BUILT for path in sorted(BUILD.glob(pattern))]
    return {_essence(path.name, path.read_bytes()): str(path.relative_to(ROOT)) for path in paths}


def equals(submissions: List[Submission]) -> Dict[str, List[str]]:
    """Return lines that say what the programs of each submission are equal to, by its name."""
    known, owners = published(), {}  # type: Dict[str, str], Dict[str, List[Tuple[str, str]]]
    for submission in submissions:
        for name in submission.programs.values():
            owners.setdefault(_essence(name, submission.files[name]), []).append(
                (submission.name, name))
    found: Dict[str, List[str]] = {submission.name: [] for submission in submissions}
    for whole, files in owners.items():
        for owner, name in files:
            if whole in known:
                found[owner].append(clean(f"{name} is {known[whole]} of the project"))
            others = [other for other, _ in files if other != owner]
            if others:
                more = f" and {len(others) - 3} more" if len(others) > 3 else ""
                found[owner].append(
                    clean(f"{name} is the same as from {', '.join(others[:3])}{more}"))
    return found
