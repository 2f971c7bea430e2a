#!/usr/bin/env bash
# Debug build: the C tests with Rust's debug assertions, which know the order of the locks and what no lock may be held for
debug=$BUILD/debug
programs=$(c_programs)
need 'meson setup of a debug build' configure "$debug" -Dtests=enabled -Dwerror=true -Dbuildtype=debug
# shellcheck disable=SC2046  # one target for each word is meant
build_programs () { ninja -C "$debug" -k0 tests-c/unloading tests-c/libplugin.so $(sed 's#^#tests-c/#' <<<"$programs"); }
verify 'build the C tests of a debug build' build_programs

# In a release build the assertions are gone; here their texts must be in the library.
has_the_assertions () { grep -q 'is taken while ranks' "$debug"/libasyncresult.so.1; }
verify 'a debug build has the assertions' has_the_assertions

scripts/checks/run_tests.py --build "$debug" --label debug --programs "$programs"
