#!/usr/bin/env bash
# Cross build: the names, and C programs against it, shared and static
if [ -z "${CROSS:-}" ]; then
  record skip 'cross build: that is scripts/test-on trixie-arm64 and trixie-armhf'
  exit 0
fi
use_release
machine=$(sed -n "s/^c = '\(.*\)-gcc'$/\1/p" "scripts/cross/$CROSS.ini")
rm -rf "$prefix"
need 'meson install of the cross build' meson install --no-rebuild -C "$release"
export PKG_CONFIG_PATH=$prefix/lib/pkgconfig
work=$BUILD/cross-consumer
rm -rf "$work"
mkdir -p "$work"

cross_names () {
  offers_all_names "$release" "$machine-nm"
}
# Warnings of the linker count as well: code that has to be changed when it is loaded, for one.
compile_consumer () {
  "$machine-gcc" -Wall -Wextra -Wpedantic -Werror -Wl,--fatal-warnings tests-c/consumer/consumer.c -o "$work/$1" \
    $("$machine-pkg-config" --cflags asyncresult) "${@:2}" $("$machine-pkg-config" --libs glib-2.0 gobject-2.0)
}
cross_shared () {
  compile_consumer shared "-L$prefix/lib" -lasyncresult
  LD_LIBRARY_PATH=$prefix/lib timeout 60 "$work/shared"
  "$machine-readelf" -d "$work/shared" | grep -F 'libasyncresult.so.1'
}
cross_static () {
  compile_consumer static "$prefix/lib/libasyncresult.a"
  timeout 60 "$work/static"
  "$machine-readelf" -d "$work/static" >"$work/static.dynamic"
  absent libasyncresult "$work/static.dynamic"
}
verify "the cross-built libraries for $CROSS offer the names of the map and no other" cross_names
verify "a C program for $CROSS against the installed library" cross_shared
verify "a C program for $CROSS with our library linked statically" cross_static
