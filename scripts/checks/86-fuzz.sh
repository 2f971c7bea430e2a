#!/usr/bin/env bash
# Differences: 2,000 random programs on libgio and on the library, those that differed once, and whether it would show
# scripts/fuzz runs others, for as long as one likes.
use_release
log=$LOGS/fuzz.log
status=0
scripts/fuzz --seeds 2000 --jobs 12 --build "$release" >"$log" 2>&1 || status=$?
grep -E '^ +[0-9]+ programs  ' "$log" || :

# Every program counts as one. The log has the failed ones, a few of them shrunk, and how many passed.
passed=$(sed -nE 's/^([0-9]+) passed, [0-9]+ failed$/\1/p' "$log")
echo "   fuzz: ${passed:-0} passed"
for ((i = 0; i < passed; i++)); do record pass 'fuzz'; done
failed=$(sed -nE 's/^FAILED: //p; s/^FAILED, too: //p' "$log" | sed 's/, /\n/g')
if [ -n "$failed" ]; then
  while read -r title; do record fail "fuzz: $title"; done <<<"$failed"
  sed -n '/^FAILED/,/^Differences that/p' "$log" | sed 's/^/      /'
fi
if [ -z "$passed" ]; then
  record fail "fuzz ended with status $status"
  tail -n 40 "$log" | sed 's/^/      /'
elif [ "$passed" = 0 ]; then
  record fail 'fuzz passed no program'
fi
if [ "$status" != 0 ] && [ -n "$passed" ] && [ -z "$failed" ]; then record fail "fuzz ended with status $status"; fi

# It must be able to fail: without the rules it finds what they allow, and shrinks it to a few lines.
finds_differences () {
  local log=$LOGS/fuzz-without-rules.log status=0 longest
  scripts/fuzz --seeds 20 --without-rules --keep-going 4 --build "$release" >"$log" 2>&1 || status=$?
  [ "$status" = 1 ]
  grep -q '^FAILED, too: ' "$log"
  longest=$(awk '/^   program:/ { n = 0; in_program = 1; next } /^   logs:/ { in_program = 0; if (n > most) most = n }
    in_program { n++ } END { print most + 0 }' "$log")
  echo "the longest of the shrunk programs has $longest lines"
  [ "$longest" -ge 1 ] && [ "$longest" -le 10 ]
}
verify 'fuzz finds differences when no rule allows them, and shrinks them' finds_differences
