#!/usr/bin/env bash
# Builders: other compilers and linkers, link-time optimisation, Debian's flags, static, both ends of glib-sys
programs='task cancellable unload last-words'
targets='tests-c/task tests-c/cancellable tests-c/unload tests-c/unloading tests-c/libplugin.so tests-c/faults/last-words'
targets="$targets libasyncresult.a libasyncresult.so.$(scripts/meson/crate-version)"
strict='-Wall -Wextra -Wpedantic -Werror'

# What cargo has built for one of them need not be built for the next: it is the same, but for the crate with other bindings.
rm -rf "$BUILD/builders-cargo"
mkdir "$BUILD/builders-cargo"
# empty FOLDER: for a build with that.
empty () {
  rm -rf "$1"
  mkdir "$1"
  ln -s "$BUILD/builders-cargo" "$1/cargo"
}

# builds NAME "VARIABLE=VALUE..." OPTION...: with another compiler, linker, flags or options of meson.
builds () {
  local folder=$BUILD/built-with-${1// /-}
  empty "$folder"
  verify "build with $1" build_elsewhere "$folder" "${@:2}"
  [ "$verdict" = pass ] || return 0
  scripts/checks/run_tests.py --build "$folder" --label "built with $1" --programs "$programs"
  verify "the library built with $1 exports the same names" offers_all_names "$folder"
  verify "the library built with $1 has the same probes" same_probes "$folder"
}

# shellcheck disable=SC2086  # one word for each variable and target is meant
build_elsewhere () {
  env $2 bash -c '. scripts/checks/lib.sh; configure "$@"' configure "$1" -Dtests=enabled -Dbuildtype=release -Drun=disabled \
    "${@:3}"
  ninja -C "$1" $targets
}

# The notes of the probes survive each linker.
same_probes () {
  local file
  for file in "$1"/libasyncresult.so.1 "$1"/libasyncresult.a "$1"/tests-c/task; do
    case $file in *task) readelf -dW "$file" | grep -q libasyncresult && continue ;; esac
    same <(sed -n 's/^| `\([a-z_]*:[a-z_]*\)` | .*/\1/p' docs/debugging.md) <(readelf -nW "$file" | grep -oE '(Provider|Name): \w+' |
      paste -d ' ' - - | awk '{ print $2 ":" $4 }' | sort -u)
  done
}

# Programs whose own code is optimised at link time, with the static library that such a build makes.
# shellcheck disable=SC2046,SC2086  # one word per flag is meant
consumer_with_lto () {
  local folder=$BUILD/built-with-${1// /-} mode
  for mode in -flto=auto '-flto=auto -ffat-lto-objects' "-flto=auto -static"; do
    gcc -O2 $mode $strict -Iinclude tests-c/consumer/consumer.c "$folder/libasyncresult.a" -o "$folder/consumer" \
      $(pkg-config --static --cflags --libs gobject-2.0 glib-2.0)
    timeout 60 "$folder/consumer"
  done
}

for builder in clang:clang:CC=clang gold:ld.gold:CC_LD=gold lld:ld.lld:CC_LD=lld 'clang and lld:ld.lld:CC=clang CC_LD=lld'; do
  IFS=: read -r name program variables <<<"$builder"
  if command -v "$program" >/dev/null; then
    builds "$name" "$variables"
  else
    record skip "build with $name: not installed"
  fi
done

builds LTO CC=gcc -Db_lto=true
verify 'programs with LTO and the static library built with LTO' consumer_with_lto LTO
# The programs of the tests have the static library in them. (`unload` looks for the shared one of its process.)
programs='task cancellable last-words' builds 'LTO and static' CC=gcc -Db_lto=true -Ddefault_library=static
builds both CC=gcc -Ddefault_library=both
if command -v ld.lld >/dev/null; then builds 'LTO of clang' 'CC=clang CC_LD=lld' -Db_lto=true; fi

# As a package of Debian's is built, with all that may be asked for.
if command -v dpkg-buildflags >/dev/null; then
  flag () { DEB_BUILD_MAINT_OPTIONS='hardening=+all optimize=+lto' dpkg-buildflags --get "$1"; }
  builds 'the flags of Debian' CC=gcc -Dbuildtype=plain "-Dc_args=$(flag CPPFLAGS) $(flag CFLAGS)" "-Dc_link_args=$(flag LDFLAGS)"
  verify "programs with LTO and the static library built with the flags of Debian" consumer_with_lto 'the flags of Debian'
else
  record skip 'build with the flags of Debian: not a Debian, or without dpkg-dev'
fi

# The oldest and the newest bindings that Cargo.toml allows; Cargo.lock has some between.
# builds_with_glib_sys VERSION
builds_with_glib_sys () {
  local copy=$BUILD/glib-sys-$1
  rm -rf "$copy"
  mkdir "$copy"
  cp -r Cargo.toml Cargo.lock meson.build meson_options.txt docs examples gdb include run scripts src tests-c trace vala "$copy"
  empty "$copy/build"
  (
    cd "$copy"
    sed -i "s/\">=0.20, <0.23\"/\"$1\"/" Cargo.toml
    grep -c "\"$1\"" Cargo.toml | grep -x 2
    cargo update --quiet --workspace
    meson setup -Dtests=enabled -Drun=disabled -Dcheck=disabled -Dtrace=disabled build
    # shellcheck disable=SC2086  # one word for each target is meant
    ninja -C build $targets
    sed -n '/^name = "glib-sys"$/{n;p}' Cargo.lock | grep -F "\"$1."
  )
}
for version in 0.20 0.22; do
  if [ $version = 0.22 ] && [ "$(rustc --version | cut -d ' ' -f 2 | cut -d . -f 2)" -lt 92 ]; then
    record skip 'glib-sys 0.22: needs Rust 1.92'
    continue
  fi
  verify "build with glib-sys $version" builds_with_glib_sys $version
  [ "$verdict" = fail ] || scripts/checks/run_tests.py --build "$BUILD/glib-sys-$version/build" --label "glib-sys $version" \
    --programs "$programs"
done
