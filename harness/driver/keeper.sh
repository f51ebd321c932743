#!/bin/sh
# Owns the folder and the Wine server of one run, and ends both when its standard input ends: when
# the harness closes it, or when the harness is gone, however that came about.
#
#   keeper.sh WINESERVER [keep]    keep: leave the folder for somebody to look at
#
# It prints the folder's path, waits for a line that says that the prefix in it is complete,
# starts the server, and waits for the end of its input.
set -u
trap '' HUP INT TERM
run=$(mktemp -d "${TMPDIR:-/tmp}/named-shared-memory-XXXXXX") || exit 1
server=
echo "$run"
if read -r _; then
    # Should the keeper itself be killed, the kernel sends the server SIGINT, at which it ends
    # all of its clients too; after SIGTERM it would leave some behind.
    HOME=$run/home TMPDIR=$run/tmp XDG_RUNTIME_DIR=$run/tmp WINEPREFIX=$run/prefix \
        setpriv --pdeathsig INT "$1" -f -p </dev/null >/dev/null 2>"$run/server.log" &
    server=$!
    read -r _ || :
fi
if [ -n "$server" ]; then
    kill -INT "$server" 2>/dev/null
    wait "$server"
fi
# A client that has just lost its server may still be writing.
[ "${2:-}" = keep ] || rm -rf -- "$run" || rm -rf -- "$run"
