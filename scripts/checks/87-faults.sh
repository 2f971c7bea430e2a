#!/usr/bin/env bash
# Faults: calls that fail one by one, interruptions, limits, task functions that never return, forks, last words
use_release
use_valgrind
scripts/checks/run_tests.py --build "$release" --label faults --programs 'faults fork last-words stuck' --timeout 600 --jobs 2
grep -hE '[0-9]+ runs, [0-9]+ faults injected' "$LOGS/faults-faults.log" | sed 's/^# /   /' || :

# Once more, with the first fault of each kind, under a checker: what a failed call leaves behind is neither leaked nor used.
export HARNESS_QUICK=1 G_SLICE=always-malloc
FAULT_WRAPPER='valgrind --quiet --error-exitcode=99 --num-callers=25 --leak-check=full'
FAULT_WRAPPER+=' --show-leak-kinds=definite,indirect --errors-for-leak-kinds=definite'
export FAULT_WRAPPER
scripts/checks/run_tests.py --build "$release" --label 'faults under valgrind' --programs faults --timeout 900
