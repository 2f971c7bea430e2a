#!/usr/bin/env bash
# Installed copy: C and C++ programs against it, shared and static; as a meson subproject; what the documents say
# shellcheck disable=SC2046,SC2086,SC2154  # one word per flag is meant; lib.sh sets the folders
use_release
work=$BUILD/consumer
rm -rf "$prefix" "$work"
mkdir -p "$work"
# First, since what is uninstalled is what was installed last.
uninstall () {
  DESTDIR=$work/package meson install --no-rebuild --strip -C "$release"
  readelf -SW "$work/package$prefix/lib/libasyncresult.so.1" >"$work/sections"
  grep -F .dynsym "$work/sections"
  absent '\.symtab' "$work/sections"
  ninja -C "$release" uninstall
  [ -z "$(find "$work/package" ! -type d)" ]
}
verify 'an installed package is stripped, and uninstalled' uninstall
need 'meson install' meson install --no-rebuild -C "$release"
export PKG_CONFIG_PATH=$prefix/lib/pkgconfig
strict='-Wall -Wextra -Wpedantic -Werror'

# start PROGRAM: runs it against the installed library.
start () { LD_LIBRARY_PATH=$prefix/lib timeout 60 "$work/$1"; }

consumer_shared () {
  cc -std=c11 $strict tests-c/consumer/consumer.c -o "$work/shared" $(pkg-config --cflags --libs asyncresult)
  start shared
  LD_LIBRARY_PATH=$prefix/lib ldd "$work/shared" | grep -F "$prefix/lib/libasyncresult.so.1"
}
consumer_cplusplus () {
  c++ -std=c++11 $strict -x c++ tests-c/consumer/consumer.c -o "$work/c++" $(pkg-config --cflags --libs asyncresult)
  start c++
}
# Only our library is static here.
consumer_static () {
  cc $strict tests-c/consumer/consumer.c -o "$work/static" $(pkg-config --cflags asyncresult) \
    "$prefix/lib/libasyncresult.a" $(pkg-config --static --libs glib-2.0 gobject-2.0)
  start static
  ! ldd "$work/static" | grep libasyncresult
}
# With each linker that there is, in both orders.
beside_other_rust () {
  local linker ours=$prefix/lib/libasyncresult.a other=$work/libother.a order gc
  rustc --edition 2021 --crate-type staticlib -O tests-c/consumer/other-rust.rs -o "$other"
  for linker in bfd gold lld; do
    command -v "ld.$linker" || continue
    for order in "$ours $other" "$other $ours"; do
      for gc in '' -Wl,--gc-sections; do
        cc $strict "-fuse-ld=$linker" $gc tests-c/consumer/other-rust.c -o "$work/other-rust" \
          $(pkg-config --cflags asyncresult) $order $(pkg-config --libs glib-2.0 gobject-2.0) -lm -lpthread -ldl
        start other-rust
      done
    done
  done
}
consumer_all_static () {
  cc -static $strict tests-c/consumer/consumer.c -o "$work/all-static" \
    $(pkg-config --static --cflags --libs asyncresult)
  start all-static
}
# libgio cannot be loaded into such a program: it says so, and goes on.
all_static_cannot_load () {
  local kind
  for kind in static static-pie; do
    cc "-$kind" $strict tests-c/consumer/consumer.c -o "$work/all-$kind" \
      $(pkg-config --static --cflags --libs asyncresult)
    ASYNCRESULT_GIO=load timeout 60 "$work/all-$kind" 2>"$work/said"
    [ "$(grep -c 'WARNING' "$work/said")" = 1 ]
    grep -F 'ASYNCRESULT_GIO=load: libgio-2.0.so.0 cannot be loaded' "$work/said"
  done
}
# The checker is in the private folder. A library that is part of a program finds it there, wherever the program is.
checker () {
  local program
  for program in shared static; do
    ASYNCRESULT_DEBUG=tasks,exit start $program 2>"$work/said"
    grep -F ': no task is alive' "$work/said"
  done
  ASYNCRESULT_DEBUG=tasks timeout 60 "$work/all-static" 2>"$work/said"
  [ "$(grep -c 'WARNING' "$work/said")" = 1 ]
  grep -F 'ASYNCRESULT_DEBUG: a program that is linked statically loads no checker' "$work/said"
}
# Those that are built from the installed copy alone, by the command that their comments begin with.
examples () {
  local name
  for name in frobnitz deadline wait; do
    cc $strict "examples/$name.c" -o "$work/$name" $(pkg-config --cflags --libs asyncresult)
    start "$name"
  done
}
answer=$work/answer
mkdir "$answer"
block c README.md >"$answer/answer.c"
# The program in README.md, under the name and by the command that stand there.
readme () {
  local command
  command=$(sed -n 's/^    \(cc answer\.c .*\)/\1/p' README.md)
  [ "$(cd "$answer" && LD_LIBRARY_PATH=$prefix/lib bash -euc "$command")" = 42 ]
}
readme_strict () {
  cc $strict -fsyntax-only "$answer/answer.c" $(pkg-config --cflags asyncresult)
  c++ $strict -x c++ "$answer/answer.c" -o "$work/answer-c++" $(pkg-config --cflags --libs asyncresult)
  [ "$(start answer-c++)" = 42 ]
}
# Each command of docs/installing.md that compiles it. Our shared library is found by itself where the command says where it
# is, and not needed where it is linked statically.
commands_that_compile () {
  local command commands folder
  mapfile -t commands < <(sed -n 's/^    \(cc .*answer\.c .*\)/\1/p' docs/installing.md)
  [ "${#commands[@]}" = 4 ]
  cd "$answer" || return
  for command in "${commands[@]}"; do
    echo "$command"
    rm -f answer
    bash -euo pipefail -c "$command"
    folder=$prefix/lib
    case $command in
      *-rpath*) folder= ;;
      *static*) folder='' ; absent libasyncresult <(readelf -dW answer) ;;
    esac
    [ "$(LD_LIBRARY_PATH=$folder timeout 60 ./answer)" = 42 ]
  done
}
by_meson () {
  block meson docs/installing.md >"$answer/meson.build"
  meson setup "$answer/by-meson" "$answer"
  meson compile -C "$answer/by-meson"
  [ "$("$answer/by-meson/answer")" = 42 ]
}
by_cmake () {
  block cmake docs/installing.md >"$answer/CMakeLists.txt"
  env -u PKG_CONFIG_PATH cmake -S "$answer" -B "$answer/by-cmake" -DCMAKE_PREFIX_PATH="$prefix"
  cmake --build "$answer/by-cmake"
  [ "$("$answer/by-cmake/answer")" = 42 ]
  [ "$("$answer/by-cmake/answer-static")" = 42 ]
  absent libasyncresult <(readelf -dW "$answer/by-cmake/answer-static")
}
version () {
  cc $strict tests-c/consumer/version.c -o "$work/version" $(pkg-config --cflags asyncresult)
  [ "$("$work/version")" = "$(pkg-config --modversion asyncresult)" ]
}
# subproject shared|static: the project in consumer/, with this source tree as its subproject.
subproject () {
  local project=$work/project-$1
  cp -r tests-c/consumer "$project"
  mkdir "$project/subprojects"
  ln -s "$PWD" "$project/subprojects/asyncresult"
  unset PKG_CONFIG_PATH
  meson setup --wrap-mode=forcefallback -Ddefault_library="$1" "$project/build" "$project"
  meson compile -C "$project/build"
  meson test -C "$project/build"
}

verify 'a C program against the installed library' consumer_shared
verify 'a C++ program against the installed library' consumer_cplusplus
verify 'a C program with our library linked statically' consumer_static
verify 'the static library beside other Rust code' beside_other_rust
verify 'a C program with everything linked statically' consumer_all_static
verify 'a fully static program that is to load libgio' all_static_cannot_load
if [ -e "$prefix/lib/asyncresult/libasyncresult-check.so" ]; then
  verify 'the installed checker' checker
else
  record skip 'the installed checker: it is not built where cargo does not find its crates'
fi
verify 'a meson project with ours as a subproject' subproject shared
verify 'a meson project with ours as a static subproject' subproject static
verify 'the examples, on the installed copy' examples
verify 'the program of the README' readme
verify 'the program of the README, without warnings, and as C++' readme_strict
verify 'the commands of docs/installing.md that compile' commands_that_compile
verify 'the meson project of docs/installing.md' by_meson
if command -v cmake >/dev/null; then
  verify 'the CMake project of docs/installing.md' by_cmake
else
  record skip 'the CMake project of docs/installing.md: cmake is not installed'
fi
verify 'the version in the header' version
requirements () {
  local glib
  glib=$(sed -n "s/^glib_version = '>=\(.*\)'$/\1/p" meson.build)
  same <(printf '%s\n' "glib-2.0 >= $glib" "gobject-2.0 >= $glib") \
    <(pkg-config --print-requires --print-requires-private asyncresult)
}
verify 'the pkg-config module requires glib-2.0 and gobject-2.0 alone, as new as the build' requirements
