#!/usr/bin/env bash
# Recorder: what it writes down, and that programs do with it what they do without
use_release
if [ ! -e "$release/libasyncresult-trace.so" ]; then
  record skip 'recorder: it is not built where cargo does not find its crates'
  exit 0
fi
scripts/checks/run_tests.py --build "$release" --label recorder --timeout 600 --programs trace

# A case that would not miss an event proves nothing of it.
each_event_is_missed () {
  tests-c/trace/run --prove --program "$release/tests-c/trace/traced" --static "$release/tests-c/trace/traced-static" \
    --library "$release/libasyncresult.so.1" --recorder "$release/libasyncresult-trace.so" \
    --version "$(scripts/meson/crate-version)"
}
verify 'recorder: an event that is missing is missed, whichever it is' each_event_is_missed

# Who counts the calls, where asyncresult-run has libraries for that.
counts () {
  tests-c/trace/counts --counting "$release/run/libasyncresult-audit-counting.so" --names "$release/run/names.inc" \
    --logs "$LOGS/counts" "$@"
}
if [ ! -e "$release/run/libasyncresult-audit-counting.so" ]; then
  record skip 'as many events as calls: the libraries that count are for x86-64'
elif ! /usr/bin/python3 -c 'import gi' 2>/dev/null || ! command -v dbus-run-session >/dev/null; then
  record skip 'as many events as calls: python3-gi or dbus-run-session is not here'
else
  verify 'as many events as calls, in large programs' counts
  grep -h '^# in all' "$LOGS/$(log_name 'as many events as calls, in large programs').log" | sed 's/^#/  /' || true
  counts_can_fail () {
    local event
    for event in Made Returned Propagated Queued Named Tagged Prioritized; do
      if counts --without "$event" real-python; then return 1; fi
    done
  }
  verify 'fewer events than calls would be seen' counts_can_fail
fi

exports_one () {
  diff <(echo asyncresult_trace_start) <(nm -D --defined-only "$release/libasyncresult-trace.so" | awk '{ print $3 }')
}
verify 'the recorder exports one name' exports_one
needs_no_glib () {
  readelf -dW "$release/libasyncresult-trace.so" | grep NEEDED
  ! ldd "$release/libasyncresult-trace.so" | grep -E 'libg(lib|object|io)'
}
verify 'the recorder uses no GLib: it may be told of an event inside of one' needs_no_glib

# The C programs and the stress scenarios, recorded. Each trace is read. Some programs count their threads: so none listens
# for asyncresult-trace. Left out are those that measure times, and those whose many processes take long.
traces=$(mktemp -d)
runtime_folder=${XDG_RUNTIME_DIR:-}
unset XDG_RUNTIME_DIR
export ASYNCRESULT_TRACE=$traces/ ASYNCRESULT_TRACE_LIMIT=16M
programs=$(c_programs | grep -vxE 'task-pool|task-release-chains' | tr '\n' ' ')
scripts/checks/run_tests.py --build "$release" --label 'with the recorder' --programs "$programs"
verify 'stress, with the recorder' scripts/stress --build "$release" --minutes 0.5
# Random programs: the recorder changes nothing that they see.
verify 'fuzz, with the recorder' scripts/fuzz --build "$release" --seeds 200
unset ASYNCRESULT_TRACE ASYNCRESULT_TRACE_LIMIT
[ -z "$runtime_folder" ] || export XDG_RUNTIME_DIR=$runtime_folder
verify 'what was recorded of them is whole' tests-c/trace/raw.py --check "$traces"/*.asrtrace
rm -r "$traces"
