# Sourced by the scripts, which stand in the source tree's root when they run.
# shellcheck shell=sh

BUILD=$PWD/build
export BUILD

rust_version=$(sed -n 's/^rust-version = "\(.*\)"$/\1/p' Cargo.toml)

# Whether $1 is a cargo that is new enough.
cargo_is_new_enough () {
  version=$("$1" --version 2>/dev/null | cut -d ' ' -f 2)
  [ -n "$version" ] &&
    [ "$(printf '%s\n' "$rust_version" "$version" | sort -V | head -n 1)" = "$rust_version" ]
}

# Puts a cargo that is new enough first on PATH. Debian's older ones may be there as well.
use_cargo () {
  for cargo in "$(command -v cargo)" /usr/bin/cargo "${HOME:-}/.cargo/bin/cargo"; do
    if [ -n "$cargo" ] && cargo_is_new_enough "$cargo"; then
      PATH=$(dirname "$cargo"):$PATH
      export PATH
      return 0
    fi
  done
  return 1
}

# configure FOLDER OPTION...: a meson build folder with these options, whether it is there already or not. CROSS is the name
# of a file in scripts/cross, if it is for another machine than this.
configure () {
  folder=$1
  shift
  if [ -e "$folder/build.ninja" ]; then
    meson setup --reconfigure "$folder" "$@"
  else
    meson setup ${CROSS:+--cross-file "scripts/cross/$CROSS.ini"} "$folder" "$@"
  fi
}

# The release build, which demo and test share.
configure_release () {
  configure "$BUILD/release" --prefix="$BUILD/prefix" --libdir=lib -Dbuildtype=release "$@"
}

# pack_tree: a tarball of this tree as it is, without what was built, by any of the four workspaces' cargo, too.
pack_tree () { tar -c --exclude='./build*' --exclude=target --exclude=./.git .; }
