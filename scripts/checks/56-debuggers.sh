#!/usr/bin/env bash
# Debuggers: the probes, and what gdb tells of tasks
use_release
scripts/checks/run_tests.py --build "$release" --label debuggers --timeout 300 --programs 'probes gtasks recipes'

# gdb finds the installed script by the library's path.
# shellcheck disable=SC2154  # lib.sh sets the folders
installed () {
  local folder=$prefix/share/gdb/auto-load
  meson install --no-rebuild -C "$release"
  LD_LIBRARY_PATH=$prefix/lib gdb -q -nx -batch -iex 'set debuginfod enabled off' -iex "add-auto-load-safe-path $folder" \
    -iex "add-auto-load-scripts-directory $folder" -ex 'break stop' -ex run -ex 'info gtasks' \
    "$release/tests-c/debuggers/gtasks" >"$LOGS/installed-gtasks"
  grep -xE '0x[0-9a-f]+ "called": its callback runs' "$LOGS/installed-gtasks"
}
if ! command -v gdb >/dev/null; then
  record skip 'the installed script for gdb: gdb is not installed'
elif ! gdb -q -nx -batch -ex run true 2>&1 | grep 'exited normally' >/dev/null; then
  record skip 'the installed script for gdb: gdb may not trace'
else
  verify 'the installed script for gdb' installed
fi
