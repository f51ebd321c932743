#!/bin/sh
# Finds what the named tasks need and installs what is missing with apt, where that is possible.
#
#   setup.sh TASK...        the tasks are the functions below; PYTHON is the interpreter to use
#
# What is there is left as it is: nothing is updated, and without anything missing no network is
# needed.
set -u
packages=

command_from() { command -v "$1" >/dev/null 2>&1 || packages="$packages $2"; }
file_from() { [ -e "$1" ] || packages="$packages $2"; }

# module_from MODULE PACKAGE ...: asks the interpreter once for all of them.
modules_from() {
    packages="$packages $("${PYTHON:-python3}" - "$@" <<'END' 2>/dev/null || {
import importlib.util, sys
pairs = zip(sys.argv[1::2], sys.argv[2::2])
print(*(package for module, package in pairs if not importlib.util.find_spec(module)))
END
        shift
        for word; do case $word in python3-*) printf '%s ' "$word" ;; esac; done
    })"
}

build() {
    command_from "${CC:-x86_64-w64-mingw32-gcc}" gcc-mingw-w64-x86-64
    command_from "${CC:-i686-w64-mingw32-gcc}" gcc-mingw-w64-i686
    command_from make make
}
wine() {
    command -v wine64 >/dev/null 2>&1 || command_from wine wine64
    command_from setpriv util-linux
}
python() { command_from "${PYTHON:-python3}" python3; }
test_() {
    modules_from pytest python3-pytest xdist python3-pytest-xdist pefile python3-pefile \
        pexpect python3-pexpect
}
desktop() {
    command_from Xvfb xvfb
    modules_from pyvirtualdisplay python3-pyvirtualdisplay Xlib python3-xlib
}
lint() {
    command_from clang clang
    command_from clang-format clang-format
    command_from cppcheck cppcheck
    command_from shellcheck shellcheck
    modules_from flake8 python3-flake8 mypy python3-mypy
}

for task; do
    case $task in
    test) test_ ;;
    build | wine | python | desktop | lint) "$task" ;;
    *) echo "setup: there is no task «$task»" >&2; exit 2 ;;
    esac
done
# shellcheck disable=SC2086 # The names are split on purpose.
set -- $packages
[ $# -gt 0 ] || exit 0

if [ "$(id -u)" = 0 ]; then
    as_root=
elif command -v sudo >/dev/null 2>&1 && { [ -t 0 ] || sudo -n true 2>/dev/null; }; then
    as_root=sudo
else
    as_root=no
fi
if [ "$as_root" = no ] || ! command -v apt-get >/dev/null 2>&1; then
    echo "setup: missing, by the names of their Debian packages: $*" >&2
    echo "setup: install them (as root on Debian: apt-get install $*) and run make again" >&2
    exit 1
fi
echo "setup: installing $* with apt-get${as_root:+ and sudo}"
log=$(mktemp) || exit 1
trap 'rm -f "$log"' EXIT
# A source of somebody else's that cannot be reached does not matter if the packages are found.
$as_root apt-get update >"$log" 2>&1 </dev/null
if ! $as_root env DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends \
    -o DPkg::Lock::Timeout=300 "$@" >>"$log" 2>&1 </dev/null; then
    grep -E '^(E|W|dpkg):?' "$log" | tail -n 5 >&2
    echo "setup: apt-get could not install $*; install them yourself and run make again" >&2
    exit 1
fi
