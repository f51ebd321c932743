"""Turns a minimal prefix into a whole Windows: variables, folders, registry, programs."""
from __future__ import annotations

import functools
import os
import re
import socket
import time
from pathlib import Path
from typing import Dict, Mapping, Tuple, Union

from harness.driver.wine import local_machine
from harness.driver.wine.installation import Wine
from harness.driver.wine.sandbox import user

#: A value of the registry: text, a number, bytes, or the target of a link.
Value = Union[str, int, bytes]
Keys = Mapping[str, Mapping[str, Value]]
#: The value that makes a key a link; it has the path of the target.
LINK = "SymbolicLinkValue"
#: DLLs that programs look for by path, and those of winedbg, which does not find its own DLLs when
#: Wine starts it for a crash.
DLLS = ("advapi32", "comctl32", "dbghelp", "dssenh", "gdi32", "imm32", "kernel32", "kernelbase",
        "msvcrt", "ntdll", "ole32", "rpcrt4", "rsaenh", "sechost", "shcore", "shell32", "shlwapi",
        "ucrtbase", "user32", "version", "win32u", "ws2_32", "zlib1")
#: Programs that other folders of Windows have, too.
ELSEWHERE = {"notepad.exe": (".",), "explorer.exe": (".",), "regedit.exe": (".",),
             "powershell.exe": ("system32/WindowsPowerShell/v1.0",), "wmic.exe": ("system32/wbem",)}
FOLDERS = ("Program Files/Common Files", "Program Files (x86)/Common Files", "ProgramData",
           "users/Public/Documents", "users/Public/Desktop", "windows/Fonts", "windows/temp",
           "windows/system32/drivers/etc", "windows/syswow64")
#: Folders of the user, by their registry names.
PROFILE = {"AppData": "AppData/Roaming", "Local AppData": "AppData/Local", "Desktop": "Desktop",
           "Personal": "Documents", "Favorites": "Favorites", "My Music": "Music",
           "My Pictures": "Pictures", "My Video": "Videos",
           "{374DE290-123F-4565-9164-39C4925E467B}": "Downloads",
           "Start Menu": "AppData/Roaming/Microsoft/Windows/Start Menu"}
FILES = {"windows/win.ini": "[fonts]\n", "windows/system.ini": "[drivers]\n",
         "windows/system32/drivers/etc/hosts": "127.0.0.1 localhost\n::1 localhost\n",
         "windows/system32/drivers/etc/networks": "loopback 127\n",
         "windows/system32/drivers/etc/protocol":
             "ip 0 IP\nicmp 1 ICMP\ntcp 6 TCP\nudp 17 UDP\nipv6 41 IPv6\nipv6-icmp 58 IPv6-ICMP\n",
         "windows/system32/drivers/etc/services": "".join(
             f"{name} {port}/{kind}\n" for name, port, kinds in (
                 ("echo", 7, "tcp udp"), ("ftp", 21, "tcp"), ("ssh", 22, "tcp"),
                 ("telnet", 23, "tcp"), ("smtp", 25, "tcp"), ("domain", 53, "tcp udp"),
                 ("tftp", 69, "udp"), ("http", 80, "tcp"), ("pop3", 110, "tcp"),
                 ("ntp", 123, "udp"), ("imap", 143, "tcp"), ("snmp", 161, "udp"),
                 ("ldap", 389, "tcp"), ("https", 443, "tcp udp"), ("ldaps", 636, "tcp"),
                 ("imaps", 993, "tcp"), ("pop3s", 995, "tcp")) for kind in kinds.split())}
#: Cryptographic providers with their type, the default one first.
RSA, SCHANNEL, AES, DSS, DIFFIE_HELLMAN = 1, 12, 24, 3, 13
PROVIDERS = (("Microsoft Enhanced Cryptographic Provider v1.0", RSA, "rsaenh"),
             ("Microsoft Base Cryptographic Provider v1.0", RSA, "rsaenh"),
             ("Microsoft Strong Cryptographic Provider", RSA, "rsaenh"),
             ("Microsoft RSA SChannel Cryptographic Provider", SCHANNEL, "rsaenh"),
             ("Microsoft Enhanced RSA and AES Cryptographic Provider", AES, "rsaenh"),
             ("Microsoft Enhanced RSA and AES Cryptographic Provider (Prototype)", AES, "rsaenh"),
             ("Microsoft Base DSS Cryptographic Provider", DSS, "dssenh"),
             ("Microsoft Enhanced DSS and Diffie-Hellman Cryptographic Provider", DIFFIE_HELLMAN,
              "dssenh"),
             ("Microsoft Base DSS and Diffie-Hellman Cryptographic Provider", DIFFIE_HELLMAN,
              "dssenh"))
NT = r"Software\Microsoft\Windows NT\CurrentVersion"
CURRENT = r"Software\Microsoft\Windows\CurrentVersion"
CONTROL = r"System\CurrentControlSet\Control"
FOLDER_KEYS = rf"{CURRENT}\Explorer"
#: A value of it in wine.inf: name, type, data.
VALUE = r'HKLM,%CurrentVersionNT%,"(\w+)",(\w+),"?([^",\n]*)"?\n'
SECTIONS = ("[VersionInfo.ntamd64]", "[VersionInfo]")
#: The user of all processes of Wine.
SID = "S-1-5-21-0-0-0-1000"


def host_name() -> str:
    """Return the machine's host name without the domain."""
    return socket.gethostname().partition(".")[0] or "localhost"


@functools.lru_cache(maxsize=None)
def version(wine: Wine) -> Dict[str, Value]:
    """Return the default Windows version of that Wine, from its wine.inf, or nothing."""
    for folder in wine.folders():
        try:
            text = (folder / "wine.inf").read_text(errors="replace")
        except OSError:
            continue
        # Wine 8.0 has a section for 32-bit prefixes, too.
        name = next((name for name in SECTIONS if name in text), SECTIONS[-1])
        section = text.partition(name)[2].partition("\n[")[0]
        found: Dict[str, Value] = {}
        for name, flags, value in re.findall(VALUE, section):
            found[name] = int(value, 0) if int(flags, 16) & 0x10000 else value
        return found
    return {}


def numbers(about: Dict[str, Value]) -> Tuple[int, int, int]:
    """Return the version numbers: major, minor, build."""
    major, _, minor = str(about.get("CurrentVersion", "6.1")).partition(".")
    return (int(about.get("CurrentMajorVersionNumber", major)),
            int(about.get("CurrentMinorVersionNumber", minor)),
            int(about.get("CurrentBuild", 7601)))


def temp(about: Dict[str, Value]) -> str:
    """Return the user's temporary folder, relative to the user's folder: Windows 10 moved it."""
    return "AppData/Local/Temp" if numbers(about)[0] >= 10 else "Temp"


def machine_keys(about: Dict[str, Value]) -> Dict[str, Dict[str, Value]]:
    """Return the keys of HKEY_LOCAL_MACHINE."""
    cpu = local_machine.described()
    family, model, stepping = (int(cpu.get(key, 0)) for key in ("cpu family", "model", "stepping"))
    vendor = cpu.get("vendor_id", "")
    name = host_name()
    place = local_machine.zone_name()
    zone = f"{place} Standard Time"
    maker = "Intel64" if vendor == "GenuineIntel" else "AMD64"
    identifier = f"{maker} Family {family} Model {model} Stepping {stepping}"
    crypto = r"Software\Microsoft\Cryptography"
    keys: Dict[str, Dict[str, Value]] = {
        NT: {**about, "SystemRoot": "C:\\windows"},
        rf"{NT}\ProfileList": {"ProfilesDirectory": "C:\\users", "Public": "C:\\users\\Public",
                               "ProgramData": "C:\\ProgramData"},
        rf"{NT}\ProfileList\{SID}": {"Flags": 0, "ProfileImagePath": f"C:\\users\\{user()}"},
        rf"{NT}\Time Zones\{zone}": {
            "Display": place, "Std": zone, "Dlt": zone.replace("Standard", "Daylight"),
            "TZI": local_machine.zone_information(time.localtime().tm_year)},
        CURRENT: {"ProgramFilesDir": "C:\\Program Files",
                  "ProgramFilesDir (x86)": "C:\\Program Files (x86)",
                  "CommonFilesDir": "C:\\Program Files\\Common Files",
                  "CommonFilesDir (x86)": "C:\\Program Files (x86)\\Common Files"},
        rf"{FOLDER_KEYS}\Shell Folders": {"Common AppData": "C:\\ProgramData",
                                          "Common Desktop": "C:\\users\\Public\\Desktop",
                                          "Common Documents": "C:\\users\\Public\\Documents"},
        crypto: {"MachineGuid": re.sub("(.{8})(.{4})(.{4})(.{4})", r"\1-\2-\3-\4-",
                                       os.urandom(16).hex())},
        # 32-bit programs look for all of this there.
        r"Software\Wow6432Node\Microsoft": {LINK: r"\Registry\Machine\Software\Microsoft"},
        rf"{CONTROL}\ComputerName\ComputerName": {"ComputerName": name[:15].upper()},
        rf"{CONTROL}\ComputerName\ActiveComputerName": {"ComputerName": name[:15].upper()},
        rf"{CONTROL}\TimeZoneInformation": {"StandardName": zone, "TimeZoneKeyName": zone},
        rf"{CONTROL}\ProductOptions": {"ProductType": "WinNT"},
        r"System\CurrentControlSet\Services\Tcpip\Parameters": {
            "Hostname": name, "Domain": "", "DataBasePath": "C:\\windows\\system32\\drivers\\etc"},
        rf"{CONTROL}\Session Manager\Environment": {
            "ComSpec": "%SystemRoot%\\system32\\cmd.exe", "OS": "Windows_NT",
            "NUMBER_OF_PROCESSORS": str(os.cpu_count()), "PROCESSOR_ARCHITECTURE": "AMD64",
            "PROCESSOR_IDENTIFIER": f"{identifier}, {vendor}", "PROCESSOR_LEVEL": str(family),
            "PROCESSOR_REVISION": f"{model:02x}{stepping:02x}",
            "PATH": "%SystemRoot%\\system32;%SystemRoot%;%SystemRoot%\\system32\\wbem;"
                    "%SystemRoot%\\system32\\WindowsPowershell\\v1.0",
            "PATHEXT": ".com;.exe;.bat;.cmd;.vbs;.vbe;.js;.jse;.wsf;.wsh",
            "TEMP": "%SystemRoot%\\temp", "TMP": "%SystemRoot%\\temp", "windir": "%SystemRoot%",
            "winsysdir": "C:\\windows\\system32"}}
    for number in range(os.cpu_count() or 1):
        keys[rf"Hardware\Description\System\CentralProcessor\{number}"] = {
            "Identifier": identifier, "VendorIdentifier": vendor,
            "ProcessorNameString": cpu.get("model name", ""),
            "~MHz": int(float(cpu.get("cpu MHz", 0)))}
    for provider, kind, dll in PROVIDERS:
        keys[rf"{crypto}\Defaults\Provider\{provider}"] = {
            "Image Path": f"C:\\windows\\system32\\{dll}.dll", "Type": kind,
            **({"Signature": b"\xde\xad\xbe\xef"} if dll == "rsaenh" else {})}
        keys.setdefault(rf"{crypto}\Defaults\Provider Types\Type {kind:03}", {"Name": provider})
    return keys


def user_keys(about: Dict[str, Value]) -> Keys:
    """Return the keys of HKEY_CURRENT_USER."""
    home = f"C:\\users\\{user()}"
    paths = {name: folder.replace("/", "\\") for name, folder in PROFILE.items()}
    own = rf"{home}\{temp(about)}".replace("/", "\\")
    return {
        "Environment": {"TEMP": own, "TMP": own},
        rf"{FOLDER_KEYS}\Shell Folders": {name: rf"{home}\{path}" for name, path in paths.items()},
        rf"{FOLDER_KEYS}\User Shell Folders": {name: rf"%USERPROFILE%\{path}"
                                               for name, path in paths.items()},
        "Volatile Environment": {
            "APPDATA": rf"{home}\AppData\Roaming", "LOCALAPPDATA": rf"{home}\AppData\Local",
            "CLIENTNAME": "Console", "SESSIONNAME": "Console", "HOMEDRIVE": "C:",
            "HOMEPATH": home[2:], "HOMESHARE": "", "USERNAME": user(), "USERPROFILE": home,
            "USERDOMAIN": host_name()[:15].upper(),
            "LOGONSERVER": f"\\\\{host_name()[:15].upper()}"}}


def add_folders(prefix: Path, about: Dict[str, Value]) -> None:
    """Make the folders and small files that every Windows has."""
    drive = prefix / "drive_c"
    home = f"users/{user()}"
    others = [f"windows/{folder}" for folders in ELSEWHERE.values() for folder in folders]
    own = [f"{home}/{path}" for path in (*PROFILE.values(), temp(about))]
    for folder in [*FOLDERS, *others, *own]:
        (drive / folder).mkdir(parents=True, exist_ok=True)
    for name, text in FILES.items():
        (drive / name).write_text(text)


def add_programs(prefix: Path, files: Dict[str, str]) -> None:
    """Put the first page of Wine's own `files` (paths by names) where Windows has them: it shows
    Wine that the file is its own, and Wine loads the one in its library. All programs of a kind are
    links to one file, which takes a tenth of the time. Of a DLL, Wine reads more."""
    windows = os.path.join(prefix, "drive_c", "windows")
    first: Dict[bytes, str] = {}
    for name in {f"{dll}.dll" for dll in DLLS} & set(files):
        Path(windows, "system32", name).write_bytes(builtin_stub(files[name]))
    for name in [name for name in files if name.endswith(".exe")]:
        page = builtin_stub(files[name])
        header = int.from_bytes(page[0x3C:0x40], "little")
        kind = page[header + 0x5C:header + 0x5E]  # Its subsystem: console or windows.
        for place in ("system32", "syswow64", *ELSEWHERE.get(name, ())):
            path = os.path.join(windows, place, name)
            stub = first.setdefault(kind, path)
            if stub == path:
                Path(path).write_bytes(page)
            else:
                os.link(stub, path)


def builtin_stub(file: str) -> bytes:
    """Return the part of one of Wine's own files that a prefix needs."""
    with open(file, "rb", 0) as whole:
        return whole.read(4096)
