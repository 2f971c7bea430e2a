#!/usr/bin/env bash
# Instead of GIO: asyncresult-run, GIO's own 117 test programs on our core, real programs
scripts/checks/run_tests.py --build "$release" --label 'instead of GIO' --timeout 1200 --jobs 1 \
  --programs 'asyncresult-run gio-programs real-programs'
grep -h '^# .* programs the same' "$LOGS/instead-of-GIO-gio-programs.log" | sed 's/^#/  /' || true
echo "   the table: $release/gio-programs.tsv"
grep -h '^# .* calls of ' "$LOGS/instead-of-GIO-real-programs.log" | sed 's/^#/  /' || true

installed () {
  meson install -C "$release"
  "$prefix/bin/asyncresult-run" --strict --verbose gio cat README.md 2>&1 >/dev/null | grep -F "$prefix/lib/"
}
verify 'the installed asyncresult-run' installed

if command -v aarch64-linux-gnu-gcc >/dev/null && command -v qemu-aarch64 >/dev/null; then
  verify 'the redirection on aarch64' run/tests/other-machine aarch64 "$release/run" "$BUILD/other-machine"
else
  record skip 'the redirection on aarch64: needs gcc-aarch64-linux-gnu, libc6-dev-arm64-cross and qemu-user'
fi
