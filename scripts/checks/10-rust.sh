#!/usr/bin/env bash
# Rust: format, lints, documentation, unit tests
verify 'cargo fmt' cargo fmt --check
verify 'cargo clippy' cargo clippy --quiet --all-targets -- -D warnings
RUSTDOCFLAGS='-D warnings' verify 'cargo doc' cargo doc --quiet --no-deps --document-private-items
cargo_tests 'cargo test'
