#!/bin/sh
# Finds the packages that a task needs and that are not installed.
#
#   setup.sh install TASK...   installs them with apt, as root or with sudo
#   setup.sh need TASK...      only lists them; fails if there are any
#
# The tasks are the cases below; PYTHON is the interpreter to use. Installed packages are not
# updated, and if none is missing, no network is needed.
set -u
packages=
mode=${1:-}
case $mode in
install | need) shift ;;
*) echo 'setup: usage: setup.sh install|need TASK...' >&2; exit 2 ;;
esac

refuse() {
    echo "setup: $1; use a container, docker run --platform linux/amd64 debian:13, or a" \
        'virtual machine' >&2
    exit 1
}
# command_from COMMAND [PACKAGE]: the package may have the command's name.
command_from() { command -v "$1" >/dev/null 2>&1 || packages="$packages ${2:-$1}"; }
file_from() { [ -e "$1" ] || packages="$packages $2"; }

# modules_from MODULE PACKAGE ...: checks all modules with one start of the interpreter.
modules_from() {
    packages="$packages $("${PYTHON:-python3}" -c 'import importlib.util, sys
for module, package in zip(sys.argv[1::2], sys.argv[2::2]):
    if not importlib.util.find_spec(module):
        print(package)' "$@" 2>/dev/null || printf '%s\n' "$@" | grep '^python3-')"
}

# needs TASK: adds the missing packages of that task.
needs() {
    case $1 in
    build)
        command_from "${CC:-x86_64-w64-mingw32-gcc}" gcc-mingw-w64-x86-64
        command_from "${CC:-i686-w64-mingw32-gcc}" gcc-mingw-w64-i686 ;;
    wine)
        # Wine does not emulate a processor.
        case $(uname -s)-$(uname -m) in
        Linux-x86_64) ;;
        Linux-*) refuse "this machine is $(uname -m), not x86_64" ;;
        *) refuse "this system is $(uname -s), not Linux" ;;
        esac
        # Debian's package wine64 from before 2026 puts nothing on PATH; its package wine does.
        command -v wine64 >/dev/null 2>&1 || command -v wine >/dev/null 2>&1 ||
            ls /opt/wine-*/bin/wine >/dev/null 2>&1 || file_from /usr/lib/wine/wine64 wine64
        command_from setpriv util-linux
        command_from bwrap bubblewrap ;;
    python)
        command_from "${PYTHON:-python3}" python3
        modules_from pefile python3-pefile ;;
    test)
        modules_from pytest python3-pytest xdist python3-pytest-xdist pexpect python3-pexpect \
            psutil python3-psutil ;;
    desktop)
        command_from Xvfb xvfb
        # The close button of a window is a character in this font.
        file_from /usr/share/wine/fonts/marlett.ttf fonts-wine
        modules_from pyvirtualdisplay python3-pyvirtualdisplay Xlib python3-xlib PIL python3-pil ;;
    report) modules_from jinja2 python3-jinja2 ;;
    browser)
        command_from chromium
        command_from chromedriver chromium-driver
        modules_from selenium python3-selenium ;;
    axe) command_from npm ;;
    site) modules_from markdown_it python3-markdown-it ;;
    languages)
        command_from x86_64-w64-mingw32-g++ g++-mingw-w64-x86-64
        # Only Debian 12 has Rust's library for Windows. Without it, Rust is left out.
        rust=/usr/lib/rustlib/x86_64-pc-windows-gnu
        if [ -d $rust ] || grep -qs '^VERSION_CODENAME=bookworm$' /etc/os-release; then
            file_from $rust libstd-rust-dev-windows
            file_from /usr/bin/rustc rustc
            file_from /usr/bin/cargo cargo
        fi ;;
    examples)
        needs languages
        for tool in cmake meson automake; do command_from $tool; done
        command_from go golang-go
        file_from /usr/src/googletest/CMakeLists.txt googletest ;;
    bench) command_from hyperfine ;;
    mutants) needs languages ;;
    lint)
        for tool in clang clang-format cppcheck shellcheck yamllint; do command_from $tool; done
        command_from tsc node-typescript
        modules_from flake8 python3-flake8 mypy python3-mypy ;;
    *) echo "setup: there is no task \"$1\"" >&2; exit 2 ;;
    esac
}

for task; do needs "$task"; done
# Remove duplicates: several tasks may need the same package.
# shellcheck disable=SC2046,SC2086 # The names are split on purpose.
set -- $(printf '%s\n' $packages | awk '!seen[$0]++')
[ $# -gt 0 ] || exit 0
if [ "$mode" = need ]; then
    echo "setup: missing Debian packages: $*" >&2
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
how="apt-get install $*"
if ! command -v apt-get >/dev/null 2>&1; then
    [ ! -e /lib/ld-musl-x86_64.so.1 ] || refuse 'Wine does not run on musl'
    as_root=no how='docs/platforms.md has their names on other systems'
fi
if [ "$as_root" = no ]; then
    echo "setup: missing Debian packages: $*" >&2
    echo "setup: install them as root ($how) and run make again" >&2
    exit 1
fi
echo "setup: installing $* with apt-get${as_root:+ and sudo}"
log=$(mktemp) || exit 1
trap 'rm -f "$log"' EXIT
# This can take minutes: a dot for every fifty lines of apt-get shows progress. An unreachable
# third-party source does not matter if the packages are found.
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
