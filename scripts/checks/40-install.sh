#!/usr/bin/env bash
# Installed copy: C and C++ programs against it, shared and static; as a meson subproject; the frobnitz example
rm -rf "$prefix"
need 'meson install' meson install --no-rebuild -C "$release"
export PKG_CONFIG_PATH=$prefix/lib/pkgconfig
work=$BUILD/consumer
rm -rf "$work"
mkdir -p "$work"
strict='-Wall -Wextra -Wpedantic -Werror'

# start PROGRAM: runs it against the installed library.
start () { LD_LIBRARY_PATH=$prefix/lib timeout 60 "$work/$1"; }

# shellcheck disable=SC2046,SC2086  # one word per flag is meant
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
frobnitz () {
  cc $strict examples/frobnitz.c -o "$work/frobnitz" $(pkg-config --cflags --libs asyncresult)
  start frobnitz
}
# The program in README.md, compiled as the README says.
readme () {
  sed -n '/^```c$/,/^```$/{/^```/!p}' README.md >"$work/answer.c"
  cc "$work/answer.c" $(pkg-config --cflags --libs asyncresult) -o "$work/answer"
  [ "$(start answer)" = 42 ]
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
verify 'a meson project with ours as a subproject' subproject shared
verify 'a meson project with ours as a static subproject' subproject static
verify 'the installed frobnitz' frobnitz
verify 'the program of the README' readme
requirements () {
  same <(printf '%s\n' glib-2.0 gobject-2.0) \
    <(pkg-config --print-requires --print-requires-private asyncresult)
}
verify 'the pkg-config module requires glib-2.0 and gobject-2.0 alone' requirements
