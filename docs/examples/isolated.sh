#!/bin/sh
# sh isolated.sh PROGRAM.exe [ARGUMENTS]: runs it in an isolated Wine. WINE is Debian's loader.
wine=${WINE:-/usr/lib/wine/wine64} folder=$(mktemp -d) && export WINEPREFIX="$folder/prefix"
unset TMPDIR # If it is set, the server of Debian's Wine 10 exits at once.
end() { "${wine%/*}/wineserver" -k; read -r socket 2>/dev/null <"$WINEPREFIX/wineserver"
        rm -rf "$folder" "/tmp/${socket:-none}"; }
trap end EXIT
system="$WINEPREFIX/drive_c/windows/system32" && mkdir -p "$system" "$folder/home"
: >"$system/wineboot.exe" && echo disable >"$WINEPREFIX/.update-timestamp"
printf '%s\n' 'WINE REGISTRY Version 2' '' '#arch=win64' '' '[Software\\Wine\\Drivers]' \
    '"Graphics"="null"' >"$WINEPREFIX/user.reg"
HOME="$folder/home" WINEBOOTSTRAPMODE=1 WINEDEBUG=-all LC_ALL=C.UTF-8 \
    WINEDLLOVERRIDES='mscoree,mshtml=' "$wine" "$@"
