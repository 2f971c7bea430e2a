#!/usr/bin/env bash
# loom: the scheduling floor's lock protocols in all interleavings, each model up to its own number of preemptions
verify 'cargo clippy with the models' cargo clippy --quiet --all-targets --features loom -- -D warnings

# Each model says how many interleavings it went through. LOOM_MAX_PREEMPTIONS=N sets one bound for all of them:
# with 4 and more the larger ones take hours.
log=$LOGS/loom.log
status=0
cargo test --features loom --lib -- models:: --nocapture >"$log" 2>&1 || status=$?
tally () { sed -n "s/^test result: .* \([0-9]*\) $1;.*/\1/p" "$log" | awk '{ n += $1 } END { print n + 0 }'; }
passed=$(tally passed) failed=$(tally failed)
grep -o '[0-9]* interleavings' "$log" |
  awk '{ n += $1 } END { printf "   loom: %d models, %d interleavings\n", NR, n }'
for ((i = 0; i < passed; i++)); do record pass 'loom'; done
for ((i = 0; i < failed; i++)); do record fail 'loom'; done
if [ "$status" != 0 ] && [ "$failed" = 0 ]; then record fail "the models ended with status $status"; fi
if [ "$passed" = 0 ]; then record fail 'no model ran'; fi
if [ "$status" != 0 ]; then tail -n 40 "$log" | sed 's/^/      /'; fi
