#!/usr/bin/env bash
# Callbacks: the program that docs/callbacks.md is made of prints what the page says, here and on libgio
# shellcheck disable=SC2046,SC2086,SC2154  # one word per flag is meant; lib.sh sets the folders
use_release
work=$BUILD/callbacks
rm -rf "$work"
mkdir -p "$work"
need 'callbacks: meson install' meson install --no-rebuild -C "$release"
export PKG_CONFIG_PATH=$prefix/lib/pkgconfig:${PKG_CONFIG_PATH:-}
page=docs/callbacks.md
block c $page >"$work/callbacks.c"
block text $page >"$work/expected"

# prints PROGRAM LIBRARY FLAG...: it is compiled without a warning, maps the library, and prints what the page says.
prints () {
  local program=$work/$1 library=$2
  shift 2
  [ -s "$work/expected" ]
  cc -std=c11 -Wall -Wextra -Wpedantic -Werror "$work/callbacks.c" -o "$program" "$@"
  start_mapped "$program" >"$program.out" 2>&1
  diff "$work/expected" "$program.out"
  grep -F "$library" "$program.maps"
}
here () {
  prints here /libasyncresult.so $(pkg-config --cflags --libs asyncresult)
  without_libgio "$work/here"
}
on_gio () {
  prints on-gio /libgio-2.0.so -Itests-c/mistakes/on-gio $(pkg-config --cflags --libs gio-2.0)
  absent /libasyncresult.so "$work/on-gio.maps"
}
nothing_is_left () {
  ASYNCRESULT_DEBUG=tasks,exit start_mapped "$work/here" >"$work/said" 2>&1
  diff "$work/expected" <(grep -v '^asyncresult: ' "$work/said")
  grep -F ': no task is alive' "$work/said"
}

verify 'callbacks: the program of the page' here
verify 'callbacks: the program of the page on libgio' on_gio
if [ -e "$prefix/lib/asyncresult/libasyncresult-check.so" ]; then
  verify 'callbacks: no task is left' nothing_is_left
else
  record skip 'callbacks: no task is left: the checker is not built where cargo does not find its crates'
fi
