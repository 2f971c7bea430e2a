#!/usr/bin/env bash
# Tutorial: its programs compile without a warning, and each command prints what the page shows; parts are the example's
# shellcheck disable=SC2154  # lib.sh sets the folders
use_release
need 'meson install' meson install --no-rebuild -C "$release"
work=$BUILD/tutorial
rm -rf "$work"
mkdir -p "$work/bin" "$work/pages"
# The page's command, and what no example has to say.
cat >"$work/bin/cc" <<END
#!/bin/sh
exec $(command -v cc) -Wall -Wextra -Wpedantic -Werror "\$@"
END
chmod +x "$work/bin/cc"
export PKG_CONFIG_PATH=$prefix/lib/pkgconfig LD_LIBRARY_PATH=$prefix/lib PATH=$work/bin:$prefix/bin:$PATH
without=()
if [ ! -e "$prefix/lib/asyncresult/libasyncresult-check.so" ]; then
  without+=(--without ASYNCRESULT_DEBUG)
  record skip "tutorial: the checker's part: it is not built where cargo does not find its crates"
fi
if [ ! -e "$prefix/lib/asyncresult/libasyncresult-trace.so" ] || [ ! -e "$prefix/bin/asyncresult-trace" ]; then
  without+=(--without ASYNCRESULT_TRACE)
  record skip "tutorial: the trace's part: it is not built where cargo does not find its crates"
fi
# follow PAGE: in a folder of its own.
follow () {
  local folder=$work/${1##*/}
  rm -rf "$folder"
  mkdir "$folder"
  cp examples/treehash.c "$folder"
  scripts/checks/tutorial.py "$1" "$folder" ${without[@]+"${without[@]}"}
}
verify 'tutorial: the programs and commands of the page' follow docs/tutorial.md

# It is noticed when the page is not true. wrong SED-COMMAND TEXT: such a page fails, and that is said.
wrong () {
  sed "$1" docs/tutorial.md >"$work/pages/wrong.md"
  if cmp -s docs/tutorial.md "$work/pages/wrong.md"; then return 1; fi
  if follow "$work/pages/wrong.md" >"$work/said" 2>&1; then return 1; fi
  cat "$work/said"
  grep -F -- "$2" "$work/said"
}
verify 'tutorial, it is noticed: another output' \
  wrong 's/^the answer is 42$/the answer is 43/' 'something else than the page shows'
verify 'tutorial, it is noticed: a warning' \
  wrong 's/^  GMainLoop \*loop = g_main_loop_new (NULL, FALSE);$/&\n  int unused;/' 'unused variable'
verify 'tutorial, it is noticed: a part that the example does not have' \
  wrong 's/^  tree->in_flight--;$/  tree->in_flight -= 1;/' 'stands in no example'
verify 'tutorial, it is noticed: a block that is not looked at' \
  wrong 's/^## A test$/&\n\n    .\/test/' 'nobody looks at'
