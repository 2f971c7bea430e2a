#!/usr/bin/env bash
# Rust: format, lints, documentation, unit tests
verify 'cargo fmt' cargo fmt --check
verify 'cargo clippy' cargo clippy --quiet --all-targets -- -D warnings
RUSTDOCFLAGS='-D warnings' verify 'cargo doc' cargo doc --quiet --no-deps --document-private-items
cargo_tests 'cargo test'
# The checker, the recorder and asyncresult-trace are packages of their own.
for package in check trace/recorder trace/report; do
  of_package=(--manifest-path "$package/Cargo.toml")
  verify "$package: cargo fmt" cargo fmt --check "${of_package[@]}"
  verify "$package: cargo clippy" cargo clippy --quiet --all-targets "${of_package[@]}" --target-dir target -- -D warnings
done
for package in check trace/recorder; do
  verify "$package: cargo test" cargo test --quiet --manifest-path "$package/Cargo.toml" --target-dir target
done

# The library alone. Rust has what this needs on Alpine, and elsewhere after `rustup target add`.
musl=$(rustc -vV | sed -n 's/^host: \(.*-musl\)$/\1/p')
musl=${musl:-$(uname -m)-unknown-linux-musl}
if [ -d "$(rustc --print target-libdir --target "$musl" 2>/dev/null)" ]; then
  PKG_CONFIG_ALLOW_CROSS=1 verify 'cargo check for musl' cargo check --quiet --target "$musl"
else
  record skip "cargo check for musl: there is no standard library of Rust for $musl"
fi

dev_knows_them () {
  # Models are tests only in a build of their own.
  same <(scripts/dev --list | grep -vxF -f <(c_programs | sed 'p; s/$/-gio/')) <(cargo test -- --list 2>/dev/null | sed -n 's/: test$//p')
}
verify 'scripts/dev lists the same tests' dev_knows_them
