#!/usr/bin/env bash
# Instead of GIO: asyncresult-run, GIO's own test programs on our core, real programs
use_release
run_is_built 'instead of GIO' || exit 0
if [ -n "${CROSS:-}" ]; then
  record skip 'instead of GIO: under an emulator only what run/tests/other-machine does on Debian 12'
  exit 0
fi

programs='asyncresult-run needs gio-programs real-programs'
if [ -n "${GLIB_BUILD:-}" ]; then
  record skip "instead of GIO: real-programs: the system's are built for another GLib than the one from source"
  programs='asyncresult-run needs gio-programs'
fi
scripts/checks/run_tests.py --build "$release" --label 'instead of GIO' --timeout 1200 --jobs 1 --programs "$programs"
grep -h '^# .* programs the same' "$LOGS/instead-of-GIO-gio-programs.log" | sed 's/^#/  /' || true
echo "   the table: $release/gio-programs.tsv"
grep -hs '^# .* calls of ' "$LOGS/instead-of-GIO-real-programs.log" | sed 's/^#/  /' || true

# Other suites of Debian's, as libsoup-3.0-tests and glib-networking-tests install them:
# SUITES='libsoup-3.0 glib-networking' scripts/test instead
for suite in ${SUITES:-}; do
  if [ -d "/usr/share/installed-tests/$suite" ]; then
    verify "the suite $suite" run/tests/gio-programs --run "$release/run/asyncresult-run" --suite "$suite" \
      --logs "$release/suite-$suite-logs" --table "$release/suite-$suite.tsv"
    grep -h '^# .* programs the same' "$LOGS/$(log_name "the suite $suite").log" | sed 's/^#/  /' || true
  else
    record fail "the suite $suite is not in /usr/share/installed-tests"
  fi
done

installed () {
  meson install -C "$release"
  "$prefix/bin/asyncresult-run" --strict --verbose gio cat README.md 2>&1 >/dev/null | grep -F " $prefix/lib/libasyncresult"
}
verify 'the installed asyncresult-run' installed

if command -v aarch64-linux-gnu-gcc >/dev/null && command -v qemu-aarch64 >/dev/null; then
  verify 'the redirection on aarch64' run/tests/other-machine aarch64 "$release/run" "$BUILD/other-machine"
else
  record skip 'the redirection on aarch64: needs gcc-aarch64-linux-gnu, libc6-dev-arm64-cross and qemu-user'
fi
