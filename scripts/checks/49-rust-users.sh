#!/usr/bin/env bash
# Rust users: programs with gtk-rs's gio, built as docs/rust.md says, run without libgio, and do what they do on it
# shellcheck disable=SC2154  # lib.sh sets the folders
if [ -n "${CROSS:-}" ]; then
  record skip 'Rust users: the examples are compiled where they run'
  exit 0
elif ! scripts/meson/can-check cargo examples/rust 2>/dev/null; then
  record skip 'Rust users: cargo does not find the crates of examples/rust/Cargo.toml'
  exit 0
fi
use_release
need 'Rust users: meson install' meson install --no-rebuild -C "$release"
work=$BUILD/rust-users
mkdir -p "$work"
export CARGO_TARGET_DIR=$work SYSTEM_DEPS_GIO_2_0_SEARCH_NATIVE=$prefix/lib

# Where its configuration is read.
in_project () { (cd examples/rust && cargo "$@"); }
lints () {
  in_project fmt --check
  in_project clippy --quiet --locked --all-targets -- -D warnings
}
the_page () { diff <(block toml docs/rust.md) <(sed '/^#/d' examples/rust/.cargo/config.toml); }
tasks () {
  start_mapped "$work/debug/tasks" | tee "$work/tasks.ours"
  without_libgio "$work/debug/tasks"
}
# The same file, with libgio under this library's name.
on_gio () {
  local libgio
  libgio=${GLIB_BUILD:+$GLIB_BUILD/gio}
  libgio=${libgio:-$(pkg-config --variable=libdir gio-2.0)}/libgio-2.0.so.0
  mkdir -p "$work/instead"
  ln -sf "$libgio" "$work/instead/libasyncresult.so.1"
  LD_LIBRARY_PATH=$work/instead ldd "$work/debug/tasks" | grep -F "$work/instead/libasyncresult.so.1"
  LD_LIBRARY_PATH=$work/instead timeout 60 "$work/debug/tasks" >"$work/tasks.gio"
  [ "$(wc -l <"$work/tasks.gio")" -gt 10 ]
  diff "$work/tasks.gio" "$work/tasks.ours"
}
deadline () {
  start_mapped "$work/debug/deadline" | diff <(printf '%s\n' 'Some(TimedOut)' 'the parent: None' 'Some(Cancelled)') -
  without_libgio "$work/debug/deadline"
}
# What needs more of GIO is named by the linker; nothing else is missing.
more_of_gio () {
  local status=0
  in_project build --locked --example file >"$work/said" 2>&1 || status=$?
  [ "$status" != 0 ]
  grep -oE 'undefined (symbol: |reference to .)\w+' "$work/said" | grep -oE '\w+$' | sort -u >"$work/undefined"
  same "$work/undefined" <(printf '%s\n' g_file_get_path g_file_get_type g_file_new_for_path)
}
static () {
  SYSTEM_DEPS_GIO_2_0_LINK=static in_project build --locked --bin tasks
  absent 'libgio|libasyncresult' <(readelf -dW "$work/debug/tasks")
  timeout 60 "$work/debug/tasks" | diff "$work/tasks.ours" -
}

verify 'Rust users: format and lints' lints
verify 'Rust users: the configuration that docs/rust.md shows' the_page
need 'Rust users: the examples link' in_project build --locked
verify 'Rust users: tasks, cancellables and futures, without libgio' tasks
verify 'Rust users: the same on libgio' on_gio
verify 'Rust users: asr.h' deadline
verify 'Rust users: more of GIO does not link' more_of_gio
verify 'Rust users: the library linked statically' static
