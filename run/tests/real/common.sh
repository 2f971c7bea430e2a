# Sourced by every scenario. $RUN stands before the programs that are looked at: nothing, or asyncresult-run and
# its options, whence the missing quotes.
# shellcheck shell=bash disable=SC2086

# until_true COMMAND...: again and again, until it succeeds; the driver's time limit ends a hopeless one.
until_true () {
  until "$@" >/dev/null 2>&1; do sleep 0.02; done
}

# in_background OUTPUT COMMAND...: starts it; $! is what to stop.
in_background () {
  local output=$1
  shift
  "$@" >"$output" 2>&1 &
}

stop () {
  kill "$1"
  wait "$1" || true
}
