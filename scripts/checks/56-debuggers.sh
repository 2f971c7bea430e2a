#!/usr/bin/env bash
# Debuggers: the probes, in the files and in gdb
use_release
scripts/checks/run_tests.py --build "$release" --label debuggers --timeout 300 --programs probes
