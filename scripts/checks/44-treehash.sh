#!/usr/bin/env bash
# Treehash: the example's hash is what other tools compute; N in flight; what cannot be read; Ctrl-C, a timeout; no leak
# shellcheck disable=SC2016,SC2046,SC2086,SC2154  # quotes keep what they should; one word per flag; lib.sh sets folders
use_release
treehash=$release/examples/treehash
work=$BUILD/treehash
chmod -R u+rwX "$work" 2>/dev/null || true
rm -rf "$work"
mkdir -p "$work"

# The hash of a folder by other tools. Names are bytes, here and there.
by_other_tools () (
  export LC_ALL=C
  cd "$1"
  find . -print0 | sed -z 's|^\./||' | sort -z | while IFS= read -r -d '' name; do
    kind=o sum=-
    if [ -L "./$name" ]; then kind=l sum=$(readlink -n "./$name" | sha256sum)
    elif [ -d "./$name" ]; then kind=d
    elif [ -f "./$name" ]; then kind=f sum=$(sha256sum <"./$name")
    fi
    printf '%s %s %s\0' "$kind" "${sum%% *}" "$name"
  done | sha256sum | cut -d ' ' -f 1
)

# A tree with all that there may be.
plant () {
  local i
  mkdir -p "$1/folder/in/it" "$1/empty" "$1/-n"
  for i in {1..300}; do echo "$i" >"$1/folder/in/$i"; done
  : >"$1/empty file"
  head -c 3000000 /dev/zero >"$1/folder/large"
  printf 'without a newline' >"$1"/$'two\nlines'
  echo latin >"$1"/$'\351t\351'
  echo utf-8 >"$1/été"
  echo '\' >"$1/back\\slash"
  echo space >"$1/-n/ "
  echo before >"$1/!"
  ln -s folder "$1/link to a folder"
  ln -s .. "$1/folder/link upwards"
  ln -s "$1" "$1/folder/link to the top"
  ln -s $'nothing \351' "$1/dangling"
  mkfifo "$1/pipe"
}
plant "$work/tree"
expected=$(by_other_tools "$work/tree")

same_hash () {
  local n
  for n in 1 2 16; do
    "$treehash" -n $n "$work/tree" >"$work/out"
    cat "$work/out"
    same "$work/out" <(echo "$expected")
  done
  [ "$("$treehash" "$work/tree/")" = "$expected" ]
}
verify 'treehash: the hash is that which other tools compute' same_hash
# The order in which a folder has its entries is another one.
another_copy () {
  mkdir "$work/copy"
  (cd "$work/tree" && find . -print0 | LC_ALL=C sort -rz | tar -c --null --no-recursion -T -) | tar -x -C "$work/copy"
  [ "$("$treehash" "$work/copy")" = "$expected" ]
}
verify 'treehash: a copy has the same hash' another_copy
# differs COMMAND: it makes another hash of a tree.
differs () {
  rm -rf "$work/other"
  cp -a "$work/tree" "$work/other"
  [ "$("$treehash" "$work/other")" = "$expected" ]
  (cd "$work/other" && eval "$1")
  "$treehash" "$work/other" >"$work/out"
  [ "$(cat "$work/out")" != "$expected" ]
  same "$work/out" <(by_other_tools "$work/other")
}
for change in 'echo x >>folder/in/7' 'mv folder/in/7 folder/in/x' 'rm folder/in/7' 'rmdir empty' \
  'ln -sfn empty "link to a folder"' 'rm pipe; : >pipe' 'rm dangling; printf "nothing \351" >dangling'; do
  verify "treehash: another hash after $change" differs "$change"
done
a_file_alone () {
  local sum
  sum=$(sha256sum <"$work/tree/folder/large")
  sum=$(printf 'f %s .\0' "${sum%% *}" | sha256sum)
  [ "$("$treehash" "$work/tree/folder/large")" = "${sum%% *}" ]
}
verify 'treehash: a file alone' a_file_alone

# ends STATUS ARGUMENT...: how it ends. What it prints is in out and err.
ends () {
  local status=0
  timeout 120 "$treehash" "${@:2}" >"$work/out" 2>"$work/err" || status=$?
  cat "$work/out" "$work/err"
  echo "status $status"
  [ "$status" = "$1" ]
}
refuses () {
  local arguments
  for arguments in '' 'a b' '-n 0 a' '--nonsense a' '-t soon a' '-t nan a' '-t inf a' '-t -2 a'; do
    ends 2 $arguments
    [ ! -s "$work/out" ]
    [ "$(wc -l <"$work/err")" = 1 ]
  done
}
verify 'treehash: wrong command lines' refuses
no_top () {
  ends 1 "$work/none"
  [ ! -s "$work/out" ]
  same "$work/err" <(echo "treehash: \"$work/none\": No such file or directory")
}
verify 'treehash: there is no such folder' no_top
no_place () {
  local status=0
  "$treehash" "$work/tree" >/dev/full 2>"$work/err" || status=$?
  [ "$status" = 1 ]
  same "$work/err" <(echo 'treehash: the hash could not be written')
}
verify 'treehash: the hash cannot be written' no_place
# The system refuses a folder when it is open already.
no_memory () {
  cat >"$work/refuse.c" <<'END'
#include <errno.h>
#include <stddef.h>
void *fdopendir (int fd) { (void) fd; errno = ENOMEM; return NULL; }
END
  cc -shared -fPIC "$work/refuse.c" -o "$work/refuse.so"
  LD_PRELOAD=$work/refuse.so ends 1 "$work/tree"
  grep -F 'Cannot allocate memory' "$work/err"
}
verify 'treehash: no memory for a folder' no_memory

# A path that is too long for the system: nobody can read that, root neither.
too_long () {
  local i part name
  part=$(printf '%0200d' 0)
  mkdir "$work/deep"
  (cd "$work/deep" && echo x >beside && for i in {1..25}; do mkdir "$part" && cd "$part"; done)
  ends 1 "$work/deep"
  [ "$(wc -l <"$work/out")" = 1 ]
  [ "$(wc -l <"$work/err")" = 1 ]
  grep -E '^treehash: ".*/0{200}": File name too long$' "$work/err"
  # The entry counts as what could not be read.
  name=$(find "$work/deep" -mindepth 1 -printf '%P\n' |
    awk -v top="$work/deep/" '!found && length (top $0) >= 4096 { print; found = 1 }')
  same "$work/out" <(find "$work/deep" -mindepth 1 -printf '%P\n' | LC_ALL=C sort |
    awk -v name="$name" -v sum="$(echo x | sha256sum | cut -d ' ' -f 1)" 'BEGIN { printf "d - .%c", 0 }
      $0 == name { printf "! - %s%c", $0, 0; next }
      index($0, name) != 1 { printf "%s %s%c", $0 == "beside" ? "f " sum : "d -", $0, 0 }' |
    sha256sum | cut -d ' ' -f 1)
}
verify 'treehash: a path that is too long is named, and the rest is read' too_long

# Who may read everything becomes somebody else.
unreadable () {
  local else=
  if [ "$(id -u)" = 0 ]; then
    else='setpriv --reuid=65534 --clear-groups'
    chmod o+rx "$work"
  fi
  cp -a "$work/tree" "$work/secret"
  chmod 0 "$work/secret/folder/in/7" "$work/secret/été" "$work/secret/folder/in/it"
  local status=0
  $else "$treehash" "$work/secret" >"$work/out" 2>"$work/err" || status=$?
  chmod -R u+rwX "$work/secret"
  cat "$work/out" "$work/err"
  [ "$status" = 1 ]
  # In the order of the names.
  diff "$work/err" <(printf 'treehash: "%s": Permission denied\n' "$work/secret/folder/in/7" \
    "$work/secret/folder/in/it" "$work/secret/\\303\\251t\\303\\251")
  [ "$(wc -l <"$work/out")" = 1 ]
  [ "$(cat "$work/out")" != "$expected" ]
}
if [ "$(id -u)" = 0 ] && ! setpriv --reuid=65534 --clear-groups "$treehash" --help >/dev/null 2>&1; then
  record skip 'treehash: files that may not be read: nobody else can run it here'
else
  verify 'treehash: files that may not be read are named, and the rest is read' unreadable
fi

# A file that takes hours to read, and takes no room.
plant_huge () {
  rm -rf "$work/huge"
  mkdir "$work/huge"
  truncate -s 1T "$work/huge/huge"
}
# begin ARGUMENT...: starts it with that, and waits until the file is being read.
begin () {
  # What another one has said is gone before this one is looked at.
  : >"$work/err"
  "$treehash" --progress "$@" "$work/huge" >"$work/out" 2>"$work/err" &
  pid=$!
  until awk '$10 > 1000000 { found = 1 } END { exit !found }' "$work/err"; do
    kill -0 $pid
    sleep 0.01
  done
}
# over STATUS: it ends like that, soon.
over () {
  local status=0
  timeout 60 tail --pid=$pid -f /dev/null || kill -KILL $pid
  wait $pid || status=$?
  cat "$work/out" "$work/err"
  [ "$status" = "$1" ]
}
# The first of many to be read may be any of them: once in a hundred times the last.
vanish () {
  local round waiting=0
  for round in {1..20}; do
    plant_huge
    (cd "$work/huge" && touch gone-{1..100})
    begin -n 1
    waiting=$(tail -n 1 "$work/err" | sed -n 's/.* 1 in flight, \([0-9]*\) waiting.*/\1/p')
    rm "$work"/huge/gone-*
    truncate -s 0 "$work/huge/huge"
    if [ "$waiting" != 0 ]; then
      over 1
      [ "$(grep -cE '^treehash: ".*/gone-[0-9]+": No such file or directory$' "$work/err")" = "$waiting" ]
      [ "$(wc -l <"$work/out")" = 1 ]
      return
    fi
    over 0
  done
  return 1
}
verify 'treehash: files that vanish are named, and the rest is read' vanish
ctrl_c () {
  plant_huge
  cp -a "$work/tree" "$work/huge/"
  begin -n 3
  kill -INT $pid
  over 130
  [ ! -s "$work/out" ]
  same <(tail -n 1 "$work/err") <(echo 'treehash: Operation was cancelled')
}
verify 'treehash: Ctrl-C' ctrl_c
too_late () {
  plant_huge
  ends 124 --timeout 0.2 "$work/huge"
  [ ! -s "$work/out" ]
  same "$work/err" <(echo 'treehash: Operation timed out')
  ends 124 -t 0 "$work/tree"
  ends 0 -t 1000 "$work/tree"
}
verify 'treehash: a timeout' too_late
progress () {
  local entries bytes
  entries=$(find "$work/tree" -printf x | wc -c)
  bytes=$(find "$work/tree" -type f -printf '%s\n' | awk '{ n += $1 } END { print n }')
  ends 0 --progress "$work/tree"
  same <(tail -n 1 "$work/err") <(echo "$entries done, 0 in flight, 0 waiting, 0 failed, $bytes bytes")
}
verify 'treehash: the last progress counts everything' progress

# in_flight TRACE: how many tasks were on their way at once, from where they were queued to their callbacks.
in_flight () {
  tests-c/trace/raw.py "$1" |
    awk '$3 == "Queued" && ++n > most { most = n } $3 == "CallbackBegun" { n-- } END { print most + 0 }'
}
at_most () {
  local n
  for n in 1 3 20; do
    ASYNCRESULT_TRACE=$work/$n.asrtrace "$treehash" -n $n "$work/tree"
    [ "$(in_flight "$work/$n.asrtrace")" = $n ]
  done
}
if [ -e "$release/libasyncresult-trace.so" ]; then
  verify 'treehash: as many in flight as was said' at_most
else
  record skip 'treehash: as many in flight as was said: there is no recorder where cargo does not find its crates'
fi
checked () {
  ASYNCRESULT_DEBUG=tasks,exit ends "$@"
  same <(sed 's/.*: no task/no task/' "$work/err" | grep -v '^treehash: ') <(grep -o 'no task is alive.*' "$work/err")
  grep -F ': no task is alive' "$work/err"
}
if [ -e "$release/libasyncresult-check.so" ]; then
  verify 'treehash: the checker is silent' checked 0 "$work/tree"
  verify 'treehash: the checker is silent, where something cannot be read' checked 1 "$work/deep"
  verify 'treehash: the checker is silent, after a timeout' checked 124 -t 0.1 "$work/huge"
else
  record skip 'treehash: the checker is silent: it is not built where cargo does not find its crates'
fi
without_a_leak () {
  local status=0
  G_SLICE=always-malloc timeout 300 valgrind --quiet --error-exitcode=99 --leak-check=full \
    --show-leak-kinds=definite,indirect --errors-for-leak-kinds=definite "$treehash" "${@:2}" || status=$?
  [ "$status" = "$1" ]
}
if command -v valgrind >/dev/null; then
  use_valgrind
  verify 'treehash: no leak' without_a_leak 0 -p "$work/tree"
  verify 'treehash: no leak, where something cannot be read' without_a_leak 1 "$work/deep"
  verify 'treehash: no leak, without a top' without_a_leak 1 "$work/none"
  verify 'treehash: no leak, after a timeout' without_a_leak 124 -p -t 1 "$work/huge"
else
  record skip 'treehash: no leak: valgrind is not installed'
fi
# libgio's tasks, and our cancellables.
beside_gio () {
  local order flags='-Wall -Wextra -Wpedantic -Werror -Iinclude -Wl,--no-as-needed'
  for order in "-L$release -lasyncresult -lgio-2.0" "-lgio-2.0 -L$release -lasyncresult"; do
    cc $flags examples/treehash.c -o "$work/beside" $(pkg-config --cflags gio-2.0) $order $(pkg-config --libs gio-2.0)
    export LD_LIBRARY_PATH=$release
    ldd "$work/beside" | grep libgio
    [ "$("$work/beside" "$work/tree")" = "$expected" ]
    if timeout 60 "$work/beside" -t 0.1 "$work/huge" 2>"$work/err"; then return 1; fi
    same "$work/err" <(echo 'treehash: Operation timed out')
  done
}
if pkg-config --exists gio-2.0; then
  verify 'treehash: with libgio in the process' beside_gio
else
  record skip 'treehash: with libgio in the process: its headers are not here'
fi
chmod -R u+rwX "$work"
