#!/usr/bin/env bash
# Rust: format, lints, documentation, unit tests
verify 'cargo fmt' cargo fmt --check
verify 'cargo clippy' cargo clippy --quiet --all-targets -- -D warnings
RUSTDOCFLAGS='-D warnings' verify 'cargo doc' cargo doc --quiet --no-deps --document-private-items
cargo_tests 'cargo test'
# The checker is a package of its own.
checker=(--manifest-path check/Cargo.toml)
verify 'checker: cargo fmt' cargo fmt --check "${checker[@]}"
verify 'checker: cargo clippy' cargo clippy --quiet --all-targets "${checker[@]}" --target-dir target -- -D warnings

dev_knows_them () {
  # Models are tests only in a build of their own.
  same <(scripts/dev --list | grep -vxF -f <(c_programs | sed 'p; s/$/-gio/')) <(cargo test -- --list 2>/dev/null | sed -n 's/: test$//p')
}
verify 'scripts/dev lists the same tests' dev_knows_them
