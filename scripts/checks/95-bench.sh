#!/usr/bin/env bash
# Benchmarks: each row and each program runs once on both libraries, tiny; instructions are counted; no time is judged
use_release
verify 'scripts/bench --quick' scripts/bench --quick
if run_is_built 'scripts/bench --programs'; then
  verify 'scripts/bench --programs --quick' scripts/bench --programs --quick
fi

if command -v valgrind >/dev/null; then
  verify 'scripts/bench --points: what it costs that somebody may watch' scripts/bench --points
else
  record skip 'scripts/bench --points: valgrind is not installed'
fi

recorded=$(sed -n 's/^GLib //p' tests-c/bench/instructions.txt)
if [ "$(pkg-config --modversion glib-2.0 | cut -d . -f 1,2)" != "$recorded" ]; then
  record skip "scripts/bench --check: what is recorded was counted with GLib $recorded"
elif command -v valgrind >/dev/null; then
  verify 'scripts/bench --check: no more instructions than recorded, and no fewer' scripts/bench --check
else
  record skip 'scripts/bench --check: valgrind is not installed'
fi
