#!/bin/sh
# Gives Debian's 64-bit Wine the DLLs for 32-bit programs: the Windows side of libwine:i386.
#
#   wine32.sh DIR           puts the DLLs into DIR/i386-windows, for use with WINEDLLPATH=DIR
#
# Downloads and unpacks the package in the version of the installed libwine, but does not install
# it: no package, source or architecture of this system changes, and no privilege is needed. apt
# uses its own state next to DIR, checks signatures against Debian's key only, and uses only
# Debian's own sources.
#
# Exit: 0 DIR is complete; 2 wrong usage; 3 a tool is not installed; 4 the package is unavailable.
set -eu
umask 022
export LC_ALL=C
dlls='advapi32 bcrypt combase comctl32 crypt32 cryptnet cryptsp dbghelp dnsapi dssenh gdi32 imm32
      iphlpapi kernel32 kernelbase msvcp_win msvcp140 msvcrt mswsock ncrypt netapi32 nsi ntdll ole32
      oleaut32 psapi rpcrt4 rsaenh sechost secur32 setupapi shcore shell32 shlwapi ucrtbase user32
      userenv uxtheme vcruntime140 version win32u winhttp winmm wintrust ws2_32 wsock32'
key=/usr/share/keyrings/debian-archive-keyring.gpg

give_up() { echo "${said-wine32: }$2, so 32-bit programs will not run" >&2; exit "$1"; }

case $#:${1:-} in
1:*:*) give_up 2 "WINEDLLPATH cannot name $1, because of its colon" ;;
1:/*) dir=$1 ;;
1:?*) dir=$PWD/$1 ;;
*) give_up 2 'usage: wine32.sh DIR' ;;
esac
# Either wine32 is installed, or the DLLs are part of this Wine, as in Debian's packages since 2026.
for there in /usr/lib/wine/wine /usr/lib/x86_64-linux-gnu/wine/i386-windows/kernel32.dll; do
    [ ! -e "$there" ] || exit 0
done
for tool in apt-get dpkg-deb dpkg-query tar; do
    command -v "$tool" >/dev/null || give_up 3 "$tool is missing"
done
version=$(dpkg-query -W -f '${Version}' libwine:amd64 2>/dev/null) || version=
[ -n "$version" ] || give_up 3 "Debian's libwine:amd64 is not installed"
# The version is written last, so a folder that has it is complete.
is_whole() { [ "$(cat "$dir/version" 2>/dev/null)" = "$version" ]; }
! is_whole || exit 0

mkdir -p "$(dirname "$dir")"
work=$(mktemp -d "$dir.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# apt reads this after the system's configuration, which may name a proxy. Clear the hooks in that:
# they are for the system's own updates.
mkdir -p "$work/lists/partial" "$work/cache/archives/partial" "$work/none" "$work/new/i386-windows"
: >"$work/status"
cat >"$work/apt.conf" <<END
#clear APT::Update;
#clear Acquire::IndexTargets::deb::DEP-11;
APT::Architectures { "i386"; };
Dir::State "$work";
Dir::State::status "$work/status";
Dir::Cache "$work/cache";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "$work/none";
Acquire::Languages "none";
Acquire::PDiffs "false";
Acquire::Retries "2";
Acquire::http::Timeout "20";
Acquire::https::Timeout "20";
END
apt() { apt-get -c "$work/apt.conf" -o APT::Architecture=amd64 "$@"; }

# Debian's own sources are those with the section main of this release; any other that looks like
# one fails, because it lacks Debian's signature.
# shellcheck source=/dev/null
release=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
[ ! -r "$key" ] || signed="signed-by=$key"
apt update --print-uris 2>/dev/null | sed -n "s|^'\(.*\)/dists/\(${release}[^/]*\)/main/binary-amd64/\
Packages.*|deb [arch=i386 ${signed:-}] \1 \2 main|p" | sort -u >"$work/sources.list"
cat >>"$work/apt.conf" <<END
Dir::Etc::sourcelist "$work/sources.list";
Dir::Etc::sourceparts "$work/none";
END

printf 'wine32: fetching libwine:i386 %s: ' "$version" >&2
said=
if ! (cd "$work" && { apt update -qq || :; } && apt download -qq "libwine:i386=$version") >"$work/log" 2>&1
then
    if grep -q 'Mirror sync in progress\|unexpected size\|Hash Sum mismatch' "$work/log"; then
        give_up 4 "this mirror is being updated (its lists of i386 packages do not match); \
try make wine32 later, or name another mirror in apt's sources"
    fi
    give_up 4 "it is unavailable ($(grep -m 1 '^E:\|Failed to fetch' "$work/log"))"
fi
# shellcheck disable=SC2046,SC2086 # The names are split on purpose.
dpkg-deb --fsys-tarfile "$work"/*.deb | tar -x -C "$work/new/i386-windows" --no-same-owner \
    --strip-components=6 $(printf './usr/lib/i386-linux-gnu/wine/i386-windows/%s.dll ' $dlls) ||
    give_up 4 'the package does not have the expected files'
# Wine looks for the Unix side of a DLL next to its folder.
ln -s /usr/lib/x86_64-linux-gnu/wine/x86_64-unix "$work/new/x86_64-unix"
echo "$version" >"$work/new/version"
chmod 755 "$work/new"

# Another run may have been faster, and mv -T does not replace a folder that is not empty.
mv -T "$work/new" "$dir" 2>/dev/null || is_whole || {
    mv -T "$dir" "$work/old" && mv -T "$work/new" "$dir" || is_whole
} || give_up 4 "cannot create $dir"
echo 'done' >&2
