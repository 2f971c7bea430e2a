# Sourced before every check: how it says what it found.
# shellcheck shell=bash

. scripts/common.sh
use_cargo
export CARGO_TARGET_DIR=$BUILD/cargo
release=$BUILD/release prefix=$BUILD/prefix
# An emulator is slow.
[ -z "${CROSS:-}" ] || export HARNESS_QUICK=1

# record pass|fail|skip NAME: one line in the results. A skip's name says why.
record () {
  printf '%s\t%s\n' "$1" "$2" >>"$RESULTS"
  [ "$1" = pass ] || printf '   %s: %s\n' "$1" "$2"
}

log_name () { tr -cs '[:alnum:]._-' '-' <<<"$1" | sed 's/-$//'; }

# verify NAME COMMAND...: one check. It passes if the command (a function, mostly, and then every line of it)
# succeeds. Not to be called in a condition, where bash would not stop at the first line that fails.
verify () {
  local name=$1 log status
  log=$LOGS/$(log_name "$name").log
  shift
  set +e
  (set -e; "$@") >"$log" 2>&1
  status=$?
  set -e
  if [ "$status" = 0 ]; then
    verdict=pass
    record pass "$name"
  else
    verdict=fail
    record fail "$name"
    tail -n 40 "$log" | sed 's/^/      /'
  fi
}

# need NAME COMMAND...: the same; if it fails, the rest of this check makes no sense.
need () {
  verify "$@"
  [ "$verdict" = pass ] || exit 0
}

# same LEFT RIGHT: two files hold the same lines, in any order.
same () { diff <(sort "$1") <(sort "$2"); }

# absent PATTERN FILE...: no line matches. (`! grep` would not stop a function before its last line.)
absent () {
  if grep -nE -- "$@"; then return 1; fi
}

# The exported names, once, as everything else must have them.
# newer_names: those that the oldest GIO has not.
exported_names () { sed -n '/global:/,/local:/s/^[[:space:]]*\([a-z_0-9]*\);.*/\1/p' src/exports/exports.map; }
newer_names () { sed -n 's/^[[:space:]]*\([a-z_0-9]*\);[[:space:]]*# since .*/\1/p' src/exports/exports.map; }

# The C test programs: every source with a main function of its own, but for folders that have a check of their own.
c_programs () {
  grep -lE '^HARNESS_MAIN|^main \(' tests-c/*/*.c |
    sed -nE '/\/(beside|bench|consumer|faults|fuzz|glib-programs|header|stress)\//!s#.*/(.*)\.c$#\1#p'
}
