"""Unix paths as Windows programs see them, and Windows paths."""
from __future__ import annotations

SYSTEM = "C:\\windows\\system32"
#: Where Wine's debugger describes crashes.
CRASHES = "C:\\windows\\temp\\crashes.txt"
#: Windows allows 260 characters for a path, including drive, file name and terminator.
LONGEST = 230
#: The characters that no Windows file name may contain.
FORBIDDEN = set('"*:<>?\\|')


def windows_path(path: str) -> str:
    """Return the path on the drive that maps the Unix root."""
    return "Z:" + path.replace("/", "\\")


def strange(path: str) -> str:
    """Return why Windows programs cannot use that path, in a few words, or an empty string."""
    found = sorted(FORBIDDEN & set(path))
    if found:
        return f"{' '.join(found)} in it"
    if len(path) > LONGEST:
        return "too long"
    if any(part.endswith((".", " ")) for part in path.split("/") if part not in (".", "..")):
        return "a name in it ends with a dot or a space"
    return ""
