#!/usr/bin/env bash
# Benchmarks: each row runs once on both libraries, with tiny sizes; no time is judged
verify 'scripts/bench --quick' scripts/bench --quick
