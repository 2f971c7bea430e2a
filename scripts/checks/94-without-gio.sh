#!/usr/bin/env bash
# Without GIO: libraries of Debian's that need nothing of libgio but what is here, with no libgio in the process
use_release
if [ -n "${CROSS:-}${GLIB_BUILD:-}" ]; then
  record skip "without GIO: the system's libraries are for another machine, or another GLib"
  exit 0
fi
run_is_built 'without GIO' || exit 0

work=$BUILD/without-gio
rm -rf "$work"
mkdir -p "$work/instead"
ln -s "$(realpath "$release/libasyncresult.so.1")" "$work/instead/libgio-2.0.so.0"

# compile PROGRAM MODULE SOURCE...: a program for libgio, and for the library with this pkg-config module.
compile () {
  local program=$1 module=$2
  shift 2
  cc -std=c11 -D_DEFAULT_SOURCE -O1 -Wall -Wextra -Wpedantic -Werror -Wno-deprecated-declarations "${@/#/tests-c/without-gio/}" \
    -o "$work/$program" $(pkg-config --cflags "$module" gio-2.0 | sed 's/-I/-isystem /g') $(pkg-config --libs "$module" gio-2.0)
}
# start PROGRAM LIBRARY ARGUMENT...: what it prints, and what it maps, goes into files that are named for the library.
start () { MAPS=$work/$1.$2.maps timeout 60 "$work/$1" "${@:3}" >"$work/$1.$2"; }
on_gio () {
  start "$1" gio "${@:2}"
  grep -F /libgio-2.0.so "$work/$1.gio.maps"
  absent /libasyncresult.so "$work/$1.gio.maps"
}
on_ours () {
  export LD_LIBRARY_PATH=$work/instead
  start "$1" ours "${@:2}"
  diff "$work/$1.gio" "$work/$1.ours"
  grep -F /libasyncresult.so "$work/$1.ours.maps"
  absent libgio "$work/$1.ours.maps"
}
needs_nothing () { "$release/run/asyncresult-run" --needs --deep "$1"; }

# same_without PROGRAM MODULE "SOURCE..." ARGUMENT...: on libgio and on ours the program prints the same. The libraries of
# Debian 12 need nothing more; those of newer systems may.
same_without () {
  local program=$1 module=$2 sources=$3
  shift 3
  if ! pkg-config --exists "$module"; then
    record skip "without GIO: $program: $module is not installed"
    return
  fi
  verify "without GIO: $program compiles" compile "$program" "$module" $sources
  [ "$verdict" = pass ] || return 0
  if [ "$debian" != 12 ] && ! needs_nothing "$work/$program" >"$work/$program.needs"; then
    record skip "without GIO: $program: here its libraries need more: $(grep -E ': [0-9]+ symbol' "$work/$program.needs" | paste -sd ' ')"
    return
  fi
  verify "without GIO: $program needs nothing more" needs_nothing "$work/$program"
  verify "without GIO: $program on libgio" on_gio "$program" "$@"
  verify "without GIO: $program says the same, and no libgio is there" on_ours "$program" "$@"
}
debian=$(sed -n 's/^VERSION_ID="\(.*\)"$/\1/p' /etc/os-release)
same_without gusb gusb 'gusb.c usb-none.c'
same_without gusb-device gusb 'gusb.c usb-double.c' device
same_without gee gee-0.8 gee.c
same_without gom gom-1.0 gom.c

# Something that needs more does not start like this.
more_is_noticed () {
  local status=0
  "$release/run/asyncresult-run" --needs gio || status=$?
  [ "$status" = 1 ]
  ! LD_BIND_NOW=1 LD_LIBRARY_PATH=$work/instead gio version
}
verify 'without GIO: a program that needs more does not start' more_is_noticed
