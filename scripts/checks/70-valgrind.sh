#!/usr/bin/env bash
# Memory: the C tests under valgrind
use_release
use_valgrind
export HARNESS_QUICK=1 G_SLICE=always-malloc

# under_valgrind LEAK-OPTIONS PROGRAMS
under_valgrind () {
  scripts/checks/run_tests.py --build "$release" --label valgrind --programs "$2" --timeout 600 --jobs "$(nproc)" \
    --wrapper "valgrind --quiet --error-exitcode=99 --trace-children=yes --num-callers=25 $1"
}

# Each row of a table of preconditions ends its process with what it made still in its hands.
mapfile -t with_rows < <(grep -l '"preconditions.h"' tests-c/*/*.c | sed 's#.*/##; s#\.c$##')
rows=$(IFS='|'; echo "${with_rows[*]}")

# What is about the kernel's scheduling of threads says nothing here: valgrind lets one run at a time.
under_valgrind '--leak-check=full --show-leak-kinds=definite,indirect --errors-for-leak-kinds=definite' \
  "$(c_programs | grep -vE "^($rows|fork-order|worker-(growth|idle|scheduling))\$"; asr_programs | grep -vx asr-fork)"
# And a child that was forked has what only threads of its parent know of.
under_valgrind --leak-check=no "$(c_programs | grep -E "^($rows|fork-order)\$"; echo asr-fork)"
