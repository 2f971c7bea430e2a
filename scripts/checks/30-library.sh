#!/usr/bin/env bash
# The library: exported names, dependencies, size, version
use_release
library=$release/libasyncresult.so.1

verify 'the libraries offer the names of the maps and no other, and only those of asr.h have a version' offers_all_names "$release"

no_libgio () { ldd "$library" && ! ldd "$library" | grep libgio; }
verify 'the library does not need libgio' no_libgio
needs_three () {
  readelf -dW "$library" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' | sort >"$LOGS/needed"
  diff "$LOGS/needed" <(printf '%s\n' libc.so.6 libglib-2.0.so.0 libgobject-2.0.so.0)
}
verify 'the library needs GLib, GObject and the C library, and nothing else' needs_three

# The goal for the functions that there are is 130,000; a change may add a little before somebody has to think. That is with
# Debian 12's compiler and linker. Elsewhere the size is only told.
is_small () {
  local size
  strip -o "$LOGS/stripped.so" "$library"
  size=$(stat -c %s "$LOGS/stripped.so")
  echo "$size bytes"
  [ "$(cc -dumpversion)" != 12 ] || [ "$size" -lt 172000 ]
}
verify 'the stripped library is small' is_small
sed 's/^/   stripped: /' "$LOGS/the-stripped-library-is-small.log"

# What src/glib/panic.c replaces, and what only that would need.
no_panic_machinery () {
  nm -C "$library" | sed 's/^[^ ]* . //' >"$LOGS/symbols"
  grep asyncresult_panicked "$LOGS/symbols"
  # Functions of these crates, not those that are only made for them.
  absent '^<?(gimli|addr2line|miniz_oxide|rustc_demangle)::' "$LOGS/symbols"
  absent 'panicking::(default_hook|rust_panic_with_hook)|_Unwind_(RaiseException|Backtrace)' "$LOGS/symbols"
  # Formatting is named by panics, and left out.
  absent 'do_count_chars|escape_debug' "$LOGS/symbols"
  readelf -dW "$library" >"$LOGS/dynamic"
  absent libgcc_s "$LOGS/dynamic"
}
verify 'nothing of the standard library that unwinds, or prints backtraces' no_panic_machinery

nodelete () { readelf -d "$library" | grep -F NODELETE; }
verify 'the library stays loaded: its types cannot be taken back' nodelete

soname () { readelf -d "$library" | grep -F 'soname: [libasyncresult.so.1]'; }
verify 'the soname is libasyncresult.so.1' soname

one_version () {
  local version
  version=$(scripts/meson/crate-version)
  [ -n "$version" ] && [ "$(readlink -f "$library")" = "$release/libasyncresult.so.$version" ] &&
    grep -x "Version: $version" "$release/meson-private/asyncresult.pc" &&
    grep -x "version = \"$version\"" check/Cargo.toml &&
    grep -x "version = \"$version\"" trace/recorder/Cargo.toml &&
    grep -x "version = \"$version\"" trace/report/Cargo.toml &&
    grep -m 1 '^## ' NEWS.md | grep -E "^## $version, "
}
verify 'crates, library, pkg-config module and news have one version' one_version
