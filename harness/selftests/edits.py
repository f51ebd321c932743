"""Reads tables of edited programs: attempts.txt, which explains the notation, and mutants/*.txt."""
from __future__ import annotations

import re
from pathlib import Path
from typing import Dict, Iterable, List, NamedTuple, Optional


#: What a space in the text to find matches: white space and comments.
SPACE = r"(?:\s|//.*|/\*[^*]*\*+(?:[^/*][^*]*\*+)*/)+"


class Stale(Exception):
    """An edit does not fit its source any more; the text says which and why."""


class Edit(NamedTuple):
    """Replaces `old` by `new`, or inserts `new` before it, as the arrow says."""

    old: str
    arrow: str
    new: str


class Entry(NamedTuple):
    """One program of a table: its section, its name, what follows the name, and its edits."""

    section: str
    name: str
    about: str
    edits: List[Edit]


def entries(file: Path, words: Optional[Dict[str, str]] = None) -> List[Entry]:
    """Return the entries of a table, with these words, and those that it defines, replaced."""
    found: List[Entry] = []
    words, section = dict(words or {}), ""

    def add(text: str) -> None:
        old, arrow, new = re.split(" ([→←]) ?", text, maxsplit=1)
        found[-1].edits.append(Edit(old.strip(), arrow, new))

    for line in file.read_text("utf-8").splitlines():
        defined = re.match(r"(\$\w+) = ", line)
        for word, text in words.items():
            line = line.replace(word, text)
        if defined:
            words[defined[1]] = line[defined.end():]
        elif line.startswith("== "):
            section = line[3:]
        elif line.startswith("  "):
            add(line)
        elif line.startswith("+"):
            last = found[-1].edits.pop()
            found[-1].edits.append(last._replace(new=f"{last.new}\n{line[1:]}"))
        elif line and not line.startswith("#"):
            name, _, rest = line.partition(":")
            about, _, edit = rest.partition("| ")
            found.append(Entry(section, name, about.strip(), []))
            if edit:
                add(edit)
    return found


def edited(text: str, edits: Iterable[Edit], name: str) -> str:
    """Return the text after these edits. Raises Stale, with the name, unless it has each edited
    text exactly once."""
    for old, arrow, new in edits:
        places = list(re.finditer(SPACE.join(map(re.escape, old.split())), text))
        if len(places) != 1:
            raise Stale(f"{name}: {old!r} is there {len(places)} times instead of once")
        [at] = places
        kept = f"\n{at[0]}" if arrow == "←" else ""
        text = text[:at.start()] + new + kept + text[at.end():]
    return text
