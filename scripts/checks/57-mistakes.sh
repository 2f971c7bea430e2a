#!/usr/bin/env bash
# Mistakes: programs that make one each, and what is said of it, on both libraries; the page that is made of them
use_release
scripts/checks/run_tests.py --build "$release" --label mistakes --timeout 300 --programs mistakes
