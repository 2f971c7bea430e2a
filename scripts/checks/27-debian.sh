#!/usr/bin/env bash
# Debian's packages agree with this tree: version, names, what is installed (scripts/package builds and tries them)
use_release
work=$BUILD/debian
rm -rf "$work"
mkdir -p "$work/as-debian"

same_version () {
  local version
  version=$(scripts/meson/crate-version)
  [[ $(head -n 1 debian/changelog) == "libasyncresult ($version-"[!-]*') '* ]]
  grep -x "Version: *${version//./\\.}" packaging/libasyncresult.spec
  grep -xF "pkgver=$version" packaging/PKGBUILD
}

# The names of the maps, and the version that those of asr.h have. Each says since when, and nothing else.
same_symbols () {
  local node
  node=$(sed -n 's/^\([A-Z_0-9.]*\) {$/\1/p' src/asr/asr.map)
  same <(exported_names | sed 's/$/@Base/'; asr_names | sed "s/$/@$node/"; echo "$node@$node") \
    <(sed '/^[^ ]/d; s/^ \([^ ]*\) [0-9]*\.[0-9]*\.[0-9]*$/\1/' "$1")
}
name_lost_is_noticed () {
  sed '/ g_task_new@/d' debian/libasyncresult1.symbols >"$work/symbols"
  ! same_symbols "$work/symbols" || return 1
  sed 's/ asr_wait_run@LIBASYNCRESULT_1.0/ asr_wait_run@Base/' debian/libasyncresult1.symbols >"$work/symbols"
  ! same_symbols "$work/symbols"
}

# What meson installs, as empty files where Debian has them. The site is in none of the packages.
lay_out () {
  DESTDIR=$work/package meson install --no-rebuild -C "$release"
  (cd "$work/package" && find . ! -type d ! -path '*/share/doc/*') | sed "s#$prefix/#/usr/#g; s#^\./*##; s#\(usr/lib\)/#\1/machine/#" >"$work/files"
  (cd "$work/as-debian" && sed 's#[^/]*$##' "$work/files" | xargs mkdir -p && xargs touch <"$work/files")
}
# lists_cover LIST...: the lists of the packages have each of these files, once, and name nothing that does not exist.
lists_cover () {
  local pattern
  cat "$@" | while read -r pattern; do
    # shellcheck disable=SC2086  # a pattern is meant
    (cd "$work/as-debian" && find $pattern ! -type d)
  done >"$work/covered"
  diff <(sort "$work/files") <(sort "$work/covered")
}
file_missed_is_noticed () {
  grep -v gdb debian/libasyncresult1.install >"$work/few.install"
  ! lists_cover debian/{gir1.2-asyncresult-1.0,libasyncresult-dev,asyncresult-tools}.install "$work/few.install"
}

verify "the packages have the crate's version" same_version
verify 'debian/libasyncresult1.symbols has the names of the maps' same_symbols debian/libasyncresult1.symbols
verify 'it is noticed: a name that is lost, or without its version' name_lost_is_noticed
if [ -e "$release/libasyncresult-check.so" ] && [ -e "$release/trace/report/asyncresult-trace" ] &&
  [ -e "$release/AsyncResult-1.0.typelib" ]; then
  verify 'what meson installs, where Debian has it' lay_out
  verify 'the lists of the packages have all that is installed, once' lists_cover debian/*.install
  verify 'it is noticed: a file that no package has' file_missed_is_noticed
else
  record skip 'the lists of the packages: checker, recorder or introspection data are not built here'
fi
if command -v rpmspec >/dev/null; then
  verify 'rpm reads packaging/libasyncresult.spec' rpmspec -P packaging/libasyncresult.spec
else
  record skip 'packaging/libasyncresult.spec: rpm is not installed'
fi
