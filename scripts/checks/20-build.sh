#!/usr/bin/env bash
# Build: with meson and ninja, our C silent under -Wall -Wextra -Wpedantic
use_release
no_warnings () { ! grep -nE 'warning:|WARNING:' "$LOGS/meson-compile.log" "$LOGS/meson-setup.log"; }
verify 'the build is silent' no_warnings
