#!/usr/bin/env bash
# Build: with meson and ninja, our C silent under -Wall -Wextra -Wpedantic
need 'meson setup' configure_release -Dtests=enabled -Dwerror=true
# As far as it goes: what does not compile is missed by the checks below, the rest is still looked at.
verify 'meson compile' meson compile -C "$release" --ninja-args=-k0
no_warnings () { ! grep -nE 'warning:|WARNING:' "$LOGS/meson-compile.log" "$LOGS/meson-setup.log"; }
verify 'the build is silent' no_warnings
