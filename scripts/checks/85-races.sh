#!/usr/bin/env bash
# Races: the stress program, half a second or so for each scenario; on libgio, on the library, and with sanitizers
# scripts/stress runs them for as long as one likes.
use_release

# races LABEL ARGUMENT...: one check for each scenario.
races () {
  local label=$1 log=$LOGS/races-$1.log status=0 verdict rest
  shift
  scripts/stress "$@" >"$log" 2>&1 || status=$?
  if [ "$status" = 77 ]; then
    record skip "races, $label: $(tail -n 1 "$log")"
    return
  fi
  while read -r verdict rest; do
    case $verdict in
      pass | fail) record "$verdict" "races, $label: $rest" ;;
    esac
  done <"$log"
  if ! grep -qE '^[0-9]+ passed, [0-9]+ failed$' "$log"; then
    record fail "races, $label: did not end"
    tail -n 40 "$log" | sed 's/^/      /'
  fi
}

HARNESS_QUICK=1 races 'libgio' --gio --build "$release" --rounds 20
races 'asyncresult' --build "$release" --minutes 0.15
races 'ThreadSanitizer' --sanitizer thread --minutes 0.2
races 'AddressSanitizer' --sanitizer address --minutes 0.15
