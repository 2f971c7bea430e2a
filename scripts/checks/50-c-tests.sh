#!/usr/bin/env bash
# C tests: every program against libgio and against our library
programs=$(c_programs)
scripts/checks/run_tests.py --build "$release" --label gio --programs "$(sed 's/$/-gio/' <<<"$programs")"
scripts/checks/run_tests.py --build "$release" --label asyncresult --programs "$programs"
scripts/checks/run_tests.py --build "$release" --label header --programs header
