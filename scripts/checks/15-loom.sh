#!/usr/bin/env bash
# loom: the scheduling floor's lock protocols in all interleavings, each model up to its own number of preemptions
verify 'cargo clippy with the models' cargo clippy --quiet --all-targets --features loom -- -D warnings

# Each model says how many interleavings it went through. LOOM_MAX_PREEMPTIONS=N sets one bound for all of them:
# with 4 and more the larger ones take hours.
cargo_tests loom --features loom --lib -- models:: --nocapture
grep -o '[0-9]* interleavings' "$LOGS/loom.log" |
  awk '{ n += $1 } END { printf "   loom: %d models, %d interleavings\n", NR, n }'
