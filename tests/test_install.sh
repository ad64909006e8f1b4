#!/usr/bin/env bash
# Installs a build under a prefix of its own, moves it, and uses it from outside: through CMake, through pkg-config, from C++
# and as a command. Usage: test_install.sh BUILD
set -euo pipefail
here=$(realpath "$(dirname "$0")")
build=$(realpath "$1")
example=$here/../examples/fit_apply.c
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

cmake --install "$build" --prefix "$work/first" >/dev/null
mv first prefix
for part in bin/enot include/enot.h; do
    [ -e "prefix/$part" ] || { echo "FAIL: $part is not installed"; exit 1; }
done
PKG_CONFIG_PATH=$(dirname "$(find "$work/prefix" -name enot.pc)")
export PKG_CONFIG_PATH
library=$(pkg-config --variable=libdir enot)

prefix/bin/enot sample moons -n 300 -q -o source.csv
prefix/bin/enot sample circles -n 300 -q -o target.csv

# finds_map PROGRAM: the example, built one way or another, fits and says so.
finds_map() {
    rm -f map.safetensors
    "$1" source.csv target.csv map.safetensors >output
    grep -q '^first row moved to: ' output
    [ -s map.safetensors ]
    if "$1" absent.csv target.csv map.safetensors 2>message; then return 1; fi
    grep -q 'absent.csv' message
}

cmake -S "$here/consumer" -B cmake -DCMAKE_PREFIX_PATH="$work/prefix" -DEXAMPLE="$example" >/dev/null
cmake --build cmake >/dev/null
finds_map cmake/fit_apply

read -r -a flags <<<"$(pkg-config --cflags --libs enot)"
cc -std=c11 -Wall -Wextra -Wpedantic -Werror "$example" "${flags[@]}" -Wl,-rpath,"$library" -o by_hand
finds_map ./by_hand

c++ -std=c++17 -Wall -Wextra -Wpedantic -Werror -fsyntax-only -x c++ prefix/include/enot.h
[ "$(pkg-config --modversion enot)" = "$(prefix/bin/enot --version | sed -n '1s/^enot //p')" ]
prefix/bin/enot apply map.safetensors source.csv -o moved.csv -q
[ "$(wc -l <moved.csv)" = 300 ]
