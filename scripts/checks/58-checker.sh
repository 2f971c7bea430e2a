#!/usr/bin/env bash
# Checker: what it says, and where it is silent
use_release
if [ ! -e "$release/libasyncresult-check.so" ]; then
  record skip 'checker: it is not built where cargo does not find its crates'
  exit 0
fi
scripts/checks/run_tests.py --build "$release" --label checker --timeout 300 --programs check

# As the other shared libraries: see 35-security. What is exported is what the library looks for.
exports_two () {
  diff <(printf '%s\n' asyncresult_check_start asyncresult_list_tasks) \
    <(nm -D --defined-only "$release/libasyncresult-check.so" | awk '{ print $3 }')
}
verify 'the checker exports two names' exports_two
needs_no_glib () {
  readelf -dW "$release/libasyncresult-check.so" | grep NEEDED
  ! ldd "$release/libasyncresult-check.so" | grep -E 'libg(lib|object|io)'
}
verify 'the checker uses no GLib: the library logs for it' needs_no_glib

# The C programs, with the checker: nothing is said but what they expect. Left out are those that make a mistake which only
# the checker names (a result of another kind, a result's source removed), that expect a message to its last letter, or
# that take long.
left_out='cancellable-(current|refusals)|preconditions-.*|io-error|unloading|task|task-(arrivals|kept|let-go|no-result|pending|release.*|results)'
programs=$(c_programs | grep -vxE "$left_out" | tr '\n' ' ')
ASYNCRESULT_DEBUG=tasks scripts/checks/run_tests.py --build "$release" --label 'with the checker' --programs "$programs"

# GLib's own programs.
ASYNCRESULT_DEBUG=tasks scripts/checks/run_tests.py --build "$release" --label "with the checker: GLib's own" \
  --programs 'glib-task glib-simple-async-result glib-error glib-cancellable glib-cancellable-thorough'

# GIO's own programs, and real ones: they say what they say on libgio, and no message more.
[ -z "${CROSS:-}" ] && run_is_built 'with the checker: instead of GIO' || exit 0
under_the_checker () {
  local script=$1
  shift
  run/tests/"$script" --run "$release/run/asyncresult-run" --check --logs "$release/checked-$script-logs" "$@"
}
verify "with the checker: GIO's own programs" under_the_checker gio-programs --table "$release/checked-gio-programs.tsv"
if [ -n "${GLIB_BUILD:-}" ]; then
  record skip "with the checker: real programs: the system's are built for another GLib than the one from source"
else
  verify 'with the checker: real programs' under_the_checker real-programs --names "$release/run/names.inc"
fi
