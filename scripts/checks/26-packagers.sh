#!/usr/bin/env bash
# Packagers: offline from vendored crates, without Cargo.lock, the same bytes wherever it is built, no path of this machine
work=$BUILD/packagers
rm -rf "$work"
mkdir -p "$work/elsewhere/deeper"
sources='Cargo.toml Cargo.lock meson.build meson_options.txt check docs examples gdb include run scripts src trace vala'
one=$work/one two=$work/elsewhere/deeper/two source=$work/elsewhere/source
# shellcheck disable=SC2086  # one word per file is meant
mkdir "$source" && cp -r $sources "$source"

libraries='libasyncresult.so.1.0.0 libasyncresult.a libasyncresult-check.so libasyncresult-trace.so trace/report/asyncresult-trace'
libraries=${libraries//1.0.0/$(scripts/meson/crate-version)}
# build_into FOLDER SOURCE OPTION...
build_into () {
  meson setup -Dtests=disabled -Drun=disabled -Dcheck=enabled -Dtrace=enabled "${@:3}" "$1" "$2"
  # shellcheck disable=SC2086  # one word per library is meant
  ninja -C "$1" $libraries
}
# Without a network, with nothing in cargo's own folder, and the build folder outside of the sources.
build_offline () {
  CARGO_HOME=$work/empty CARGO_NET_OFFLINE=true build_into "$@"
}
vendored () {
  (cd "$source" && mkdir .cargo && cargo vendor --locked --sync check/Cargo.toml --sync trace/recorder/Cargo.toml \
    --sync trace/report/Cargo.toml >.cargo/config.toml)
  build_offline "$two" "$source"
}
here () { build_into "$one" .; }
same_bytes () {
  local library
  for library in $libraries; do
    cmp "$one/$library" "$two/$library"
  done
}
# Debugging information included. Where Rust's own sources were is the same on every machine that has this Rust.
no_paths () {
  local folder library
  # A distribution's Rust is in /usr, which is no path of any one machine.
  for folder in "$PWD" "${CARGO_HOME:-$HOME/.cargo}" "$HOME" "$(rustc --print sysroot)"; do
    [ "$folder" != /usr ] || continue
    for library in $libraries; do
      # Or what is in it. In /libasyncresult the name /libasyncresult.so is no such path.
      if LC_ALL=C grep -a -c -P -e "\\Q$folder\\E(?![\\w.-])" "$one/$library"; then
        echo "$library has the path $folder"
        return 1
      fi
    done
  done
  # A path would be found: meson notes it beside the libraries.
  grep -q -F -e "$PWD" "$one/meson-info/meson-info.json"
}
# again FOLDER: for another build of these sources. What cargo built of them need not be built again.
again () { mkdir "$1" && ln -s "$two/cargo" "$1/cargo"; }
without_lock () {
  rm "$source"/{,check/,trace/recorder/,trace/report/}Cargo.lock
  again "$work/without-lock"
  build_offline "$work/without-lock" "$source"
}

# Who has not got the checker's crates builds the library all the same.
without_checker () {
  again "$work/without-checker"
  mv "$source/vendor/backtrace" "$work"
  # For the build after this one, however this one ends.
  trap 'mv "$work/backtrace" "$source/vendor"' EXIT
  meson setup -Dtests=disabled -Drun=disabled "$work/without-checker" "$source"
  ninja -C "$work/without-checker"
  [ -e "$work/without-checker/libasyncresult.so.1" ] && [ ! -e "$work/without-checker/libasyncresult-check.so" ]
}

verify 'built here' here
verify 'built offline from vendored crates, in another folder' vendored
verify 'both are the same bytes' same_bytes
verify 'no path of this machine is in the libraries' no_paths
verify "built without the checker's crates" without_checker
verify 'built without Cargo.lock' without_lock
