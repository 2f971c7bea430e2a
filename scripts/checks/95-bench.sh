#!/usr/bin/env bash
# Benchmarks: each row runs once on both libraries, with tiny sizes; instructions are counted; no time is judged
verify 'scripts/bench --quick' scripts/bench --quick

if command -v valgrind >/dev/null; then
  verify 'scripts/bench --check: no more instructions than recorded, and no fewer' scripts/bench --check
else
  record skip 'scripts/bench --check: valgrind is not installed'
fi
