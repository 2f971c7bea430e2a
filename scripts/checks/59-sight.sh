#!/usr/bin/env bash
# Sight: asyncresult-trace, what it writes as others read it, and the example in which everything goes wrong
use_release
report=$release/trace/report/asyncresult-trace tests=trace/report/tests work=$BUILD/sight
if [ ! -e "$report" ]; then
  record skip 'asyncresult-trace: it is not built where cargo does not find its crates'
  exit 0
fi
rm -rf "$work"
mkdir -p "$work"
cargo_tests 'asyncresult-trace' --manifest-path trace/report/Cargo.toml

# verify_or_skip NAME REASON COMMAND...: the same as verify; status 77 of the command is a skip.
verify_or_skip () {
  local status=0
  "${@:3}" >"$LOGS/$(log_name "$1").log" 2>&1 || status=$?
  case $status in
    0) record pass "$1" ;;
    77) record skip "$1: $2" ;;
    *) record fail "$1"; tail -n 20 "$LOGS/$(log_name "$1").log" | sed 's/^/      /' ;;
  esac
}

# A small trace of which all is known, and one of five million events.
make_trace () { "$CARGO_TARGET_DIR/debug/examples/make-trace" "$@"; }
need 'a small trace is made' make_trace small "$work/small.asrtrace"
need 'a large trace is made' make_trace large "$work/large.asrtrace" 5000000
small_formats () {
  for ending in html json syscap txt; do "$report" report "$work/small.asrtrace" -o "$work/small.$ending"; done
  diff $tests/expected/small.txt "$work/small.txt"
}
need 'the small trace is reported in all formats' small_formats
# Two functions, three callbacks; of the task with a moment only there is no mark.
verify 'the small trace: Chrome events' $tests/check_json.py "$work/small.json" --tasks 7 --slices 5
verify_or_skip 'the small trace: sysprof reads it' "sysprof's library is not here" $tests/check_syscap.py "$work/small.syscap" --tasks 6

# In half a minute of the processor's time, and in a gigabyte.
in_bounds () { (ulimit -v 1048576 -t 30; time "$report" report "$work/large.asrtrace" "$@"); }
verify 'five million events: a page' in_bounds -o "$work/large.html"
verify 'five million events: text' in_bounds -o "$work/large.txt"
verify 'five million events: Chrome events' in_bounds -f json -o /dev/null
verify 'five million events: sysprof' in_bounds -f syscap -o /dev/null
large_tasks=$(sed -n '3s/.*; \([0-9,]*\) tasks made.*/\1/p' "$work/large.txt" | tr -d ,)
progress () {
  script -qec "'$report' report '$work/large.asrtrace' -f json -o /dev/null" /dev/null | tee /dev/stderr | grep -aE '(reading|writing) … [0-9]+ %'
}
verify 'a terminal is told how far it is' progress
verify_or_skip 'the page in a browser: counted, sorted, filtered, clicked, scrolled' 'Chromium is not here' \
  $tests/check_page.py "$work/small.html" "$work/large.html" "$large_tasks"
# That test fails if the table is sorted the wrong way, or a row is lost.
page_test_can_fail () {
  sed 's/isDown ? -1 : 1/-1/' "$work/small.html" >"$work/wrong-order.html"
  sed 's/"tasks":7,/"tasks":6,/' "$work/small.html" >"$work/row-lost.html"
  for page in wrong-order row-lost; do
    ! cmp -s "$work/small.html" "$work/$page.html"
    ! PATIENCE=5 $tests/check_page.py "$work/$page.html" 2>"$work/said" || return 1
    cat "$work/said"
    grep -E '^AssertionError: .* is .*, not ' "$work/said" || return 1
  done
}
if command -v chromium >/dev/null; then verify "the page's test can fail" page_test_can_fail; fi

# The sick example: every fault is found, with the line that made it.
record_sick () { ASYNCRESULT_TRACE=$work/sick.asrtrace "$release/examples/sick"; }
need 'the sick example is recorded' record_sick
sick_formats () {
  for ending in html json syscap txt; do "$report" report "$work/sick.asrtrace" -o "$work/sick.$ending"; done
}
need 'the sick example is reported in all formats' sick_formats
# line FUNCTION TEXT: where the text stands in this function of the example. Its code begins with the brace.
line () {
  awk -v name="$1" -v text="$2" '$1 == name { inside = 1 } inside && index($0, text) { print FNR; exit }' examples/sick.c
}
# found KIND FUNCTION TEXT: the report's part about this kind names the function and the line.
found () {
  local part
  part=$(awk -v kind="[$1]" 'index($0, kind) { inside = 1 } inside && $0 == "" { exit } inside' "$work/sick.txt")
  echo "$part"
  grep -F "by $2() at examples/sick.c:$(line "$2" "$3")" <<<"$part"
}
verify 'found: a task that was never returned' found never-returned lookup_async g_task_new
verify 'found: a second return' found returned-twice on_timeout g_task_return_boolean
verify 'found: an error that nobody fetched' found error-not-fetched save_async g_task_new
verify 'found: a callback that blocks the loop' found blocked-loop draw_ready '{'
verify 'found: workers that wait for each other' found blocked-workers book_func g_task_new
verify 'found: a function that does not hear of its cancellation' found ran-on index_func '{'
verify 'found: handlers that pile up' found handlers-grow watch_async g_cancellable_connect
verify 'found: a context that nobody iterates' found idle-context settings_async g_task_new
verify 'found: a task that is still alive' found still-alive anonymous_async g_task_new
verify 'found: a task without a name' found no-name anonymous_async g_task_new
chain () { grep -E '#[0-9]+ “book” waits for #[0-9]+ “page”, which (is in the queue|runs) \[book_func\(\) at' "$work/sick.txt"; }
verify 'found: what the workers wait for' chain
fails_on () {
  for kind in never-returned blocked-loop,ran-on all; do
    ! "$report" report "$work/sick.asrtrace" -o "$work/again.txt" --fail-on "$kind"
  done
  "$report" report "$work/sick.asrtrace" -o "$work/again.txt" --fail-on blocked-loop --blocked-loop=10s
}
verify 'a finding is an exit status' fails_on
healthy () {
  ASYNCRESULT_TRACE=$work/frobnitz.asrtrace "$release/examples/frobnitz"
  "$report" report "$work/frobnitz.asrtrace" -o - -f txt --fail-on all --blocked-loop=10s
}
verify 'nothing is found in the other example' healthy
# The recorder counts tasks by itself.
tasks=$(sed -n '3s/.*; \([0-9,]*\) tasks made.*/\1/p' "$work/sick.txt" | tr -d ,)
# Each function and each callback is a slice. An arrow leads to it, from where it was queued, or from the return.
slices=$(tests-c/trace/raw.py "$work/sick.asrtrace" | awk '$3 == "Started" || $3 == "CallbackBegun"' | wc -l)
verify 'the sick example: Chrome events' $tests/check_json.py "$work/sick.json" --tasks "$tasks" --slices "$slices" \
  --arrows "$slices"
json_test_can_fail () {
  local what
  for what in tasks slices arrows; do
    if $tests/check_json.py "$work/sick.json" "--$what" 1; then return 1; fi
  done
}
verify 'that test can fail' json_test_can_fail
verify_or_skip 'the sick example: sysprof reads it' "sysprof's library is not here" \
  $tests/check_syscap.py "$work/sick.syscap" --tasks "$tasks"
if command -v sysprof-cli >/dev/null; then
  merges () {
    sysprof-cli --merge "$work/sick.syscap" "$work/small.syscap" >"$work/merged.syscap"
    [ "$(stat -c %s "$work/merged.syscap")" -gt "$(stat -c %s "$work/sick.syscap")" ]
  }
  verify 'sysprof-cli merges captures' merges
else
  record skip 'sysprof-cli merges captures: sysprof is not here'
fi

# Tasks of a process that runs: by its recorder's socket and, without a folder for that, by the file that it has open.
list_live () {
  local pid listed='' runtime=$work/runtime
  mkdir -m 700 "$runtime"
  XDG_RUNTIME_DIR=$runtime ASYNCRESULT_TRACE=$work/live.asrtrace "$release/examples/sick" &
  pid=$!
  for _ in {1..200}; do
    listed=$(XDG_RUNTIME_DIR=$runtime "$report" list --pid "$pid") || true
    ! grep 'running .* index, index_async() at examples/sick.c' <<<"$listed" || break
    sleep 0.01
  done
  [ -S "$runtime/asyncresult/$pid.sock" ]
  [ "$(env -u XDG_RUNTIME_DIR "$report" list --pid "$pid" | grep -c index_async)" = 1 ]
  wait "$pid"
  printf '%s\n' "$listed"
  grep -E '^[0-9]+ tasks alive, of [0-9]+$' <<<"$listed"
  grep 'index, index_async() at examples/sick.c' <<<"$listed"
}
verify 'list shows the tasks of a process that runs' list_live
not_traced () {
  local said
  sleep 60 &
  said=$("$report" list --pid $! 2>&1) && return 1
  kill $!
  [[ $said = "asyncresult-trace: process $! is not traced" ]]
}
verify 'list says of another process that it is not traced' not_traced
