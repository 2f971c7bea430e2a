#!/usr/bin/env bash
# Newer GLib: its own cancellable and task programs, from Debian 13, on our library
newer=$BUILD/newer-glib root=$BUILD/newer-glib/root
unpacked=0
scripts/newer-glib "$newer" >"$LOGS/newer-glib.log" 2>&1 || unpacked=$?
if [ "$unpacked" = 77 ]; then
  record skip "$(tail -n 1 "$LOGS/newer-glib.log")"
  exit 0
fi
got_it () { return "$unpacked"; }
need 'GLib of Debian 13 is unpacked' got_it

use_release
libraries=$root/usr/lib/x86_64-linux-gnu
rm -rf "$newer/ours"
mkdir "$newer/ours"
ln -s "$(realpath "$release/libasyncresult.so.1")" "$newer/ours/libgio-2.0.so.0"
# The task program makes a socket client, of which it needs the type only.
preload=$(realpath "$release/tests-c/glib-programs/libsocket-client.so")
# on_newer FOLDER PROGRAM ARGUMENT...: with the C library and the GLib that were unpacked; libraries in FOLDER come first.
on_newer () {
  local first=$1 program=$2
  shift 2
  timeout 60 "$libraries/ld-linux-x86-64.so.2" --library-path "$first:$libraries" --preload "$preload" \
    "$root/usr/libexec/installed-tests/glib/$program" --tap "$@"
}

# Two cases demand that the program ends in a deadlock of the C library's. Others start the program once more, by the
# system's own dynamic linker, with which it does not run.
demands_a_deadlock () { [[ $1 = */disconnect-on-cancelled-callback-hangs || $1 = */resets-on-cancel-callback-hangs ]]; }
starts_itself () { [[ $1 = /gtask/return/* ]]; }
# A race that the program says it did not get to is marked as still to do.
one_case () { on_newer "$newer/ours" "$1" -p "$2" | grep -E "^ok .*$2|^not ok .*$2 # TODO"; }
ours_is_used () {
  "$libraries/ld-linux-x86-64.so.2" --library-path "$newer/ours:$libraries" --list \
    "$root/usr/libexec/installed-tests/glib/cancellable" | grep -F "$newer/ours/libgio-2.0.so.0"
}
verify 'newer GLib: our library is the one that is found' ours_is_used

for program in cancellable task; do
  cases=$(on_newer "$newer/ours" "$program" -l | sed -n 's/^# \(\/.*\)/\1/p')
  has_cases () { [ -n "$cases" ]; }
  verify "newer GLib: $program has cases" has_cases
  for name in $cases; do
    if starts_itself "$name"; then
      record skip "newer GLib: $name starts itself with the older GLib"
    elif ! demands_a_deadlock "$name"; then
      verify "newer GLib: $name" one_case "$program" "$name"
    fi
  done
done
