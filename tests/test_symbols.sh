#!/usr/bin/env bash
# What the library shows and what it needs: only enot_ names are exported, nothing prints or ends the process, and there is no
# variable data. Usage: test_symbols.sh SHARED STATIC
set -euo pipefail
shared=$1 static=$2
failed=0

# none TITLE: reads lines that must not be there.
none() {
    local lines
    lines=$(sort -u)
    [ -z "$lines" ] && return
    printf 'FAIL: %s:\n%s\n' "$1" "$lines"
    failed=1
}

none 'exported, but not of the public interface' < <(nm -D --defined-only "$shared" | awk '$3 !~ /^enot_/ { print $3 }')
none 'a library must not print or end the process' < <(nm -u "$static" | awk '
    $2 ~ /^(stdout|stderr|(__)?v?printf(_chk)?|puts|putchar|perror|psignal|syslog)$/ ||
    $2 ~ /^(exit|_exit|_Exit|quick_exit|abort|__assert_fail|raise|kill)$/ { print $2 }')
none 'global mutable state' < <(objdump -t "$static" | awk '
    $0 ~ / O (\.data|\.bss|\.tdata|\.tbss|\*COM\*)[[:space:]]/ { print $NF }')
[ "$(nm -D --defined-only "$shared" | grep -c ' enot_')" -gt 30 ] || { echo 'FAIL: the public interface is missing'; failed=1; }
exit $failed
