#!/usr/bin/env bash
# Builders: clang, gold and lld make a library that works, shared and static
programs='task cancellable unload last-words'
targets='tests-c/task tests-c/cancellable tests-c/unload tests-c/unloading tests-c/libplugin.so tests-c/faults/last-words'

# builds NAME VARIABLE=VALUE: with another compiler or linker.
builds () {
  local folder=$BUILD/built-with-$1
  verify "build with $1" build_elsewhere "$folder" "$2"
  [ "$verdict" = pass ] || return 0
  scripts/checks/run_tests.py --build "$folder" --label "built with $1" --programs "$programs"
  verify "the library built with $1 exports the same names" same_names "$folder"
}

build_elsewhere () {
  env "$2" bash -c '. scripts/checks/lib.sh; configure "$1" -Dtests=enabled -Dbuildtype=release' configure "$1"
  # shellcheck disable=SC2086  # one word for each target is meant
  ninja -C "$1" $targets
}

same_names () { same <(exported_names) <(nm -gD --defined-only "$1"/libasyncresult.so.1 | awk '{ print $3 }'); }

for builder in clang:clang:CC=clang gold:ld.gold:CC_LD=gold lld:ld.lld:CC_LD=lld; do
  IFS=: read -r name program variable <<<"$builder"
  if command -v "$program" >/dev/null; then
    builds "$name" "$variable"
  else
    record skip "build with $name: not installed"
  fi
done
