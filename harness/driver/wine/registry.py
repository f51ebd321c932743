"""Writes files of Wine's registry."""
from __future__ import annotations

from typing import Mapping, Union

#: A value: text, a number, bytes, or the target of a link.
Value = Union[str, int, bytes]
Keys = Mapping[str, Mapping[str, Value]]
HEADER = "WINE REGISTRY Version 2\n;; All keys relative to {}\n\n#arch=win64\n"
#: The value that makes a key a link; it has the path of the target.
LINK = "SymbolicLinkValue"
REG_LINK = 6


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _value(name: str, value: Value) -> str:
    if name == LINK:
        data = ",".join(f"{byte:02x}" for byte in str(value).encode("utf-16-le"))
        return f'#link\n"{LINK}"=hex({REG_LINK}):{data}'
    if isinstance(value, str):
        shown = f'"{_escaped(value)}"'
        # Text with variables has its own type (REG_EXPAND_SZ).
        kind = "str(2):" if "%" in value else ""
        return f'"{_escaped(name)}"={kind}{shown}' if name else f"@={shown}"
    if isinstance(value, int):
        return f'"{_escaped(name)}"=dword:{value:08x}'
    return f'"{_escaped(name)}"=hex:{",".join(f"{byte:02x}" for byte in value)}'


def written(root: str, keys: Keys) -> str:
    """Return the text of a file with those keys, by their path below the root."""
    lines = [HEADER.format(root)]
    for key, values in keys.items():
        lines.append(f"[{_escaped(key)}]")
        lines += [_value(name, value) for name, value in values.items()]
        lines.append("")
    return "\n".join(lines)
