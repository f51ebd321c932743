#!/bin/sh
# Finds what a task needs that is not installed.
#
#   setup.sh install TASK...   installs it with apt, as root or with sudo
#   setup.sh need TASK...      only says what is missing, and fails
#
# The tasks are the functions below; PYTHON is the interpreter to use. What is installed is not
# updated, and where nothing is missing no network is needed.
set -u
packages=
mode=${1:-}
case $mode in
install | need) shift ;;
*) echo 'setup: usage: setup.sh install|need TASK...' >&2; exit 2 ;;
esac

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

# What a task is called must not hide a program from command -v, hence the prefix.
needs_build() {
    command_from "${CC:-x86_64-w64-mingw32-gcc}" gcc-mingw-w64-x86-64
    command_from "${CC:-i686-w64-mingw32-gcc}" gcc-mingw-w64-i686
}
needs_wine() {
    # Debian's package wine64 puts nothing on PATH; that is left to its package wine.
    command -v wine64 >/dev/null 2>&1 || command -v wine >/dev/null 2>&1 ||
        file_from /usr/lib/wine/wine64 wine64
    command_from setpriv util-linux
}
needs_python() {
    command_from "${PYTHON:-python3}" python3
    modules_from pefile python3-pefile
}
needs_test() {
    modules_from pytest python3-pytest xdist python3-pytest-xdist pexpect python3-pexpect \
        psutil python3-psutil
}
needs_desktop() {
    command_from Xvfb xvfb
    modules_from pyvirtualdisplay python3-pyvirtualdisplay Xlib python3-xlib PIL python3-pil
}
needs_report() { modules_from jinja2 python3-jinja2; }
needs_lint() {
    command_from clang clang
    command_from clang-format clang-format
    command_from cppcheck cppcheck
    command_from shellcheck shellcheck
    command_from yamllint yamllint
    modules_from flake8 python3-flake8 mypy python3-mypy
}

for task; do
    case $task in
    build | wine | python | test | desktop | report | lint) "needs_$task" ;;
    *) echo "setup: there is no task \"$task\"" >&2; exit 2 ;;
    esac
done
# shellcheck disable=SC2086 # The names are split on purpose.
set -- $packages
[ $# -gt 0 ] || exit 0
if [ "$mode" = need ]; then
    echo "setup: missing, by the names of their Debian packages: $*" >&2
    echo 'setup: "make setup" installs them' >&2
    exit 1
fi

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
# Minutes can pass: a dot for every fifty lines that apt-get has to say shows that it lives. A
# source of somebody else's that cannot be reached does not matter if the packages are found.
{
    $as_root apt-get update
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends \
        -o DPkg::Lock::Timeout=300 "$@" && echo "setup: done"
} </dev/null 2>&1 |
    awk -v log_file="$log" '{ print >log_file } NR % 50 == 0 { printf "."; fflush() } END { print "" }'
if ! tail -n 1 "$log" | grep -q '^setup: done$'; then
    grep -E '^(E|W|dpkg):?' "$log" | tail -n 5 >&2
    echo "setup: apt-get could not install $*; install them yourself and run make again" >&2
    exit 1
fi
