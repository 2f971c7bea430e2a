#!/usr/bin/env bash
# GLib's own test programs on our library
use_release
scripts/checks/run_tests.py --build "$release" --label "GLib's own" \
  --programs 'glib-task glib-simple-async-result glib-error glib-cancellable glib-cancellable-thorough'
