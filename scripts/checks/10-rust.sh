#!/usr/bin/env bash
# Rust: format, lints, documentation, unit tests
verify 'cargo fmt' cargo fmt --check
verify 'cargo clippy' cargo clippy --quiet --all-targets -- -D warnings
RUSTDOCFLAGS='-D warnings' verify 'cargo doc' cargo doc --quiet --no-deps --document-private-items

# Every Rust test counts as one: what cargo says at the end of each of its programs is added up.
log=$LOGS/cargo-test.log
status=0
cargo test >"$log" 2>&1 || status=$?
tally () { sed -n "s/^test result: .* \([0-9]*\) $1;.*/\1/p" "$log" | awk '{ n += $1 } END { print n + 0 }'; }
passed=$(tally passed) failed=$(tally failed) ignored=$(tally ignored)
echo "   cargo test: $passed passed, $failed failed, $ignored ignored"
for ((i = 0; i < passed; i++)); do record pass 'cargo test'; done
for ((i = 0; i < failed; i++)); do record fail 'cargo test'; done
for ((i = 0; i < ignored; i++)); do record skip 'cargo test: ignored in its source'; done
if [ "$status" != 0 ] && [ "$failed" = 0 ]; then record fail "cargo test ended with status $status"; fi
if [ $((passed + failed)) = 0 ]; then record fail 'cargo test ran no test'; fi
if [ "$status" != 0 ]; then tail -n 40 "$log" | sed 's/^/      /'; fi
