# Sourced before every check: how it says what it found.
# shellcheck shell=bash

. scripts/common.sh
use_cargo
export CARGO_TARGET_DIR=$BUILD/cargo
release=$BUILD/release prefix=$BUILD/prefix
# An emulator is slow.
[ -z "${CROSS:-}" ] || export HARNESS_QUICK=1

# start_results: no log and no result yet.
start_results () {
  rm -rf "$LOGS"
  mkdir -p "$LOGS"
  : >"$RESULTS"
}

# end_with_results: what failed and what was skipped, how long all of it took, and one line. Succeeds if nothing failed.
end_with_results () {
  local passed failed skipped
  passed=$(count pass) failed=$(count fail) skipped=$(count skip)
  echo
  [ "$failed" = 0 ] || { echo Failed:; sed -n 's/^fail	/  /p' "$RESULTS"; }
  [ "$skipped" = 0 ] || { echo Skipped:; sed -n 's/^skip	/  /p' "$RESULTS"; }
  echo "All of it took $SECONDS s."
  echo "$passed passed, $failed failed, $skipped skipped"
  [ "$failed" = 0 ] && [ "$passed" != 0 ]
}
count () { grep -c "^$1	" "$RESULTS" || true; }

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

# Newer ones know of so many guard pages of stacks, counting those that are gone, and crash at the next: 500 if not told.
use_valgrind () {
  if valgrind --help 2>/dev/null | grep -e --max-guard-pages >/dev/null; then export VALGRIND_OPTS=--max-guard-pages=100000; fi
}

# use_release: the release build with the tests, and with the site where that can be. The first check of a run that uses it
# makes it, or brings it up to date.
use_release () {
  [ ! -e "$LOGS/release-is-built" ] || return 0
  need 'meson setup' configure_release -Dtests=enabled -Dwerror=true -Ddocs=auto
  # As far as it goes: what does not compile is missed by the checks that use it, the rest is still looked at.
  verify 'meson compile' meson compile -C "$release" --ninja-args=-k0
  touch "$LOGS/release-is-built"
}

# run_is_built WHAT: whether asyncresult-run is part of the release build. If not, WHAT is skipped; but on the machines that
# it knows it has to be built.
run_is_built () {
  [ ! -e "$release/run/asyncresult-run" ] || return 0
  if grep -qxE 'Host machine cpu family: (x86_64|aarch64)' "$release/meson-logs/meson-log.txt"; then
    record fail 'asyncresult-run is not built'
  else
    record skip "$1: asyncresult-run is for 64-bit machines of x86 and ARM"
  fi
  return 1
}

# cargo_tests LABEL ARGUMENT...: every test that `cargo test ARGUMENT...` runs counts as one: what cargo says at the end of
# each of its programs is added up.
cargo_tests () {
  local label=$1 log status=0 passed failed ignored i
  log=$LOGS/$(log_name "$1").log
  shift
  cargo test "$@" >"$log" 2>&1 || status=$?
  passed=$(tally passed) failed=$(tally failed) ignored=$(tally ignored)
  echo "   $label: $passed passed, $failed failed, $ignored ignored"
  for ((i = 0; i < passed; i++)); do record pass "$label"; done
  for ((i = 0; i < failed; i++)); do record fail "$label"; done
  for ((i = 0; i < ignored; i++)); do record skip "$label: ignored in its source"; done
  if [ "$status" != 0 ] && [ "$failed" = 0 ]; then record fail "$label ended with status $status"; fi
  if [ $((passed + failed)) = 0 ]; then record fail "$label ran no test"; fi
  if [ "$status" != 0 ]; then tail -n 40 "$log" | sed 's/^/      /'; fi
}
tally () { sed -n "s/^test result: .* \([0-9]*\) $1;.*/\1/p" "$log" | awk '{ n += $1 } END { print n + 0 }'; }

# same LEFT RIGHT: two files hold the same lines, in any order.
same () { diff <(sort "$1") <(sort "$2"); }

# absent PATTERN FILE...: no line matches. (`! grep` would not stop a function before its last line.)
absent () {
  if grep -nE -- "$@"; then return 1; fi
}

# start_mapped PROGRAM: starts it with the installed library. What is mapped when it ends goes into PROGRAM.maps.
start_mapped () {
  [ -e "$BUILD/maps.so" ] || cc -Wall -Wextra -Werror -shared -fPIC tests-c/consumer/maps.c -o "$BUILD/maps.so"
  timeout 60 env MAPS="$1.maps" LD_PRELOAD="$BUILD/maps.so" LD_LIBRARY_PATH="$prefix/lib" "$1"
}
# without_libgio PROGRAM: that was started so. It neither asked for libgio nor loaded it, but this library.
without_libgio () {
  absent libgio <(readelf -dW "$1") "$1.maps"
  grep -F /libasyncresult.so "$1.maps"
}

# block LANGUAGE FILE: what stands between ```LANGUAGE and ``` in a document.
# shellcheck disable=SC2016  # backquotes are meant
block () { sed -n '/^```'"$1"'$/,/^```$/{/^```/!p}' "$2"; }

# The exported names that GIO has, too, once, as everything else must have them.
# newer_names: those that the oldest GIO has not. asr_names: those of asr.h, which no GIO has.
exported_names () { sed -n '/global:/,/local:/s/^[[:space:]]*\([a-z_0-9]*\);.*/\1/p' src/exports/exports.map; }
asr_names () { sed -n '/global:/,/local:/s/^[[:space:]]*\([a-z_0-9]*\);.*/\1/p' src/asr/asr.map; }
newer_names () { sed -n 's/^[[:space:]]*\([a-z_0-9]*\);[[:space:]]*# since .*/\1/p' src/exports/exports.map; }

# offers_all_names FOLDER [NM]: the libraries in it have these names and no other, the shared one with a version for those that
# GIO has not.
offers_all_names () {
  local nm=${2:-nm} version
  version=$(sed -n 's/^\([A-Z_0-9.]*\) {$/\1/p' src/asr/asr.map)
  # (GNU ld makes a symbol, an absolute one, of the version itself; lld does not. gold lists a local one for the data of threads.)
  same <(exported_names; asr_names | sed "s/$/@@$version/") \
    <("$nm" -D --defined-only "$1/libasyncresult.so.1" | awk '$2 ~ /[B-Z]/ { print $3 }') &&
    same <(exported_names; asr_names) <("$nm" -g --defined-only "$1/libasyncresult.a" | awk 'NF == 3 { print $3 }')
}

# The C test programs: every source with a main function of its own, but for folders that have a check of their own.
c_programs () {
  grep -lE '^HARNESS_MAIN|^main \(' tests-c/*/*.c |
    sed -nE '/\/(asr|beside|bench|check|consumer|debuggers|faults|fuzz|glib-programs|header|mistakes|stress|trace|without-gio)\//!s#.*/(.*)\.c$#\1#p'
}

# Those of asr.h, which GIO has not: each is built for our library, and for both libraries in both orders.
asr_programs () { sed -n "/^asr_programs = \[/,/^\]/s/^  '\(.*\)',/\1/p" tests-c/asr/meson.build; }
