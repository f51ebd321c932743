"""Tests that a minimal prefix differs from a full one only as docs/wine.md says."""
from __future__ import annotations

from contextlib import closing
from typing import Any, Dict
from uuid import UUID

from harness.driver.host import Settings
from harness.driver.hosts import open_host
from harness.driver.win32.prototypes import FUNCTIONS, Prototype
from harness.driver.wine.local_machine import described
from harness.selftests.inner_runs import SHARE, InnerRuns

MACHINE, USER = -0x7FFFFFFE, -0x7FFFFFFF
CURRENT, CPU = r"Software\Microsoft\Windows", r"Hardware\Description\System\CentralProcessor\0"
FOLDERS = rf"{CURRENT}\CurrentVersion\Explorer\Shell Folders"
#: Values of the registry.
VALUES = [(MACHINE, rf"{CURRENT} NT\CurrentVersion", "CurrentBuild"),
          (MACHINE, rf"{CURRENT} NT\CurrentVersion", "ProductName"),
          (MACHINE, rf"{CURRENT} NT\CurrentVersion", "SystemRoot"),
          (MACHINE, CPU, "~MHz"), (MACHINE, CPU, "ProcessorNameString"),
          (MACHINE, r"System\CurrentControlSet\Control\Nls\CodePage", "ACP"),
          (MACHINE, rf"{CURRENT}\CurrentVersion", "ProgramFilesDir"), (USER, FOLDERS, "AppData"),
          (USER, FOLDERS, "Personal"), (USER, r"Control Panel\International", "LocaleName")]
#: Numbers of SHGetFolderPath, such as CSIDL_APPDATA.
KNOWN = (0x1A, 0x1C, 0x23, 0x28, 5, 0x10, 0x26, 0x24, 0x25, 0x14, 6, 0xD)
FILES = [rf"C:\windows\{name}" for name in (
    "system32\\kernel32.dll", "system32\\drivers\\etc\\hosts", "system32\\cmd.exe",
    "system32\\find.exe", "system32\\ping.exe", "system32\\reg.exe", "system32\\taskkill.exe",
    "system32\\where.exe", "notepad.exe", "win.ini", r"..\Program Files", r"..\users\Public")]
#: The identifiers of the class ShellLink and of the interface IUnknown.
SHELL_LINK, UNKNOWN = (UUID(f"000{start}-0000-0000-C000-000000000046").bytes_le
                       for start in ("21401", "00000"))
#: Offsets in KUSER_SHARED_DATA, without the size of memory, which changes in some machines.
SHARED_DATA = {*range(0x260, 0x300, 4), *range(0x3C0, 0x610, 4)} - {0x2E8}
#: The permitted differences; docs/wine.md has the reasons.
ALLOWED = {"drives", "adapters", "services", "shell link"}
#: In a virtual machine, Linux may have another name for the processor, and Wine 10.0 may find
#: neither.
PROCESSOR = {"ProcessorNameString", "~MHz"}


def facts(settings: Settings) -> Dict[str, Any]:
    """Return what a program can find out about its Windows, by question."""
    found: Dict[str, Any] = {}
    with closing(open_host(settings)) as host:
        win32 = host.win32()

        def ask(dll: str, name: str, *arguments: Any) -> int:
            # A failure is an answer, so the result is of a type that shows none.
            FUNCTIONS[name] = Prototype(name, dll, "HWND", ("PVOID",) * len(arguments),
                                        ("argument",) * len(arguments))
            return getattr(win32, name)(*arguments)  # type: ignore[no-any-return]

        def words(dll: str, name: str, *arguments: Any) -> object:
            text, size = bytearray(600), win32.out("DWORD", value=300)
            result = ask(dll, name, *arguments, text, *[size] * (name != "SHGetFolderPathW"))
            return result, text.decode("utf-16-le", "replace").partition("\0")[0]

        listed = host.start("set", "cmd.exe /c set").wait().out.decode("ascii", "replace")
        for line in listed.replace(host.folder.name, "its-folder").splitlines():
            name, _, value = line.partition("=")
            if not name.startswith("WINE") and not value.startswith("/"):
                found[f"variable {name}"] = value
        for feature in range(64):
            found[f"feature {feature}"] = ask("kernel32", "IsProcessorFeaturePresent", feature)
        for offset in SHARED_DATA:
            found[f"shared data {offset:x}"] = win32.read(0x7FFE0000 + offset, 4)
        zone, path = bytearray(172), bytearray(600)
        for root, key, value in VALUES:
            kind = win32.out("DWORD")
            result = words("advapi32", "RegGetValueW", root, key, value, 0xFFFF, kind)
            found[value] = kind.value, result
        for provider in (1, 3, 12, 13, 24):  # Such as PROV_RSA_FULL; CRYPT_VERIFYCONTEXT.
            found[f"cryptographic provider {provider}"] = ask(
                "advapi32", "CryptAcquireContextW", bytearray(8), None, None, provider, 0xF0000000)
        for folder in KNOWN:
            found[f"folder {folder:x}"] = words("shell32", "SHGetFolderPathW", 0, folder, 0, 0)
        for file in FILES + [folder[1] for name, folder in found.items() if "folder" in name]:
            found[f"file {file}"] = ask("kernel32", "GetFileAttributesW", file) != 0xFFFFFFFF
        found["computer"] = words("kernel32", "GetComputerNameW")
        found["user"] = words("advapi32", "GetUserNameW")
        found["time zone"] = ask("kernel32", "GetTimeZoneInformation", zone), zone
        found["drives"] = ask("kernel32", "GetLogicalDrives")
        found["adapters"] = ask("iphlpapi", "GetAdaptersAddresses", 2, 0, None, None, bytearray(4))
        found["services"] = bool(ask("advapi32", "OpenSCManagerW", None, None, 1))
        ask("ole32", "CoInitialize", None)
        found["shell link"] = ask("ole32", "CoCreateInstance", SHELL_LINK, None, 1, UNKNOWN, path)
        ask("ws2_32", "WSAStartup", 0x202, path)
        found["protocol"] = bool(ask("ws2_32", "getprotobyname", b"tcp\0"))
        found["service"] = bool(ask("ws2_32", "getservbyname", b"http\0", b"tcp\0"))
    return found


def test_a_whole_windows(runner: InnerRuns) -> None:
    """Only the listed facts differ, and all of them do. A shared Wine also has services."""
    full, minimal = facts(Settings(prefix="full")), facts(Settings(prefix="minimal"))
    assert set(full) == set(minimal)
    assert {fact for fact in full if full[fact] != minimal[fact]} - PROCESSOR == ALLOWED
    assert minimal["ProcessorNameString"][1][1].endswith(described()["model name"])
    assert minimal == facts(Settings(prefix="minimal", sandbox="auto"))
    runner.expect(0, "", "probe.exe", "services")
    runner.expect(1, "", *SHARE, "probe.exe", "services")
