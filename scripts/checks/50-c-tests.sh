#!/usr/bin/env bash
# C tests: every program against libgio and against our library
use_release
programs=$(c_programs)
if [ -n "${CROSS:-}" ]; then
  record skip 'gio: the programs on libgio: they say the same on any machine'
  record skip 'header: it is the same for every machine'
  # scripts/emulated needs one.
  record skip 'asyncresult: worker-scheduling: root of a namespace may not raise priorities'
  programs=$(grep -vx worker-scheduling <<<"$programs")
  scripts/checks/run_tests.py --build "$release" --label asyncresult --timeout 400 --programs "$programs"
  exit 0
fi
scripts/checks/run_tests.py --build "$release" --label gio --programs "$(sed 's/$/-gio/' <<<"$programs")"
scripts/checks/run_tests.py --build "$release" --label asyncresult --programs "$programs"
scripts/checks/run_tests.py --build "$release" --label header --programs header
