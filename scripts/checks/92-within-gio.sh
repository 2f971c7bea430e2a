#!/usr/bin/env bash
# Within GIO: libgio linked with our core in the place of its own, and GIO's test programs on it
if [ -z "${GLIB_BUILD:-}" ]; then
  record skip 'within GIO: needs a GLib that was built from source: scripts/test-on glib-main --source FOLDER'
  exit 0
fi
use_release
within=$BUILD/within-gio
rm -rf "$within"
need 'within GIO: libgio links with our core' \
  scripts/link-into-gio "$GLIB_BUILD" "$release/libasyncresult.a" "$within"

# Ours has names that an older GIO has not.
exports () { nm -D --defined-only --format=posix "$1" | cut -d ' ' -f 1; }
same_exports () {
  same <({ exports "$GLIB_BUILD/gio/libgio-2.0.so.0"; exported_names; asr_names; } | sort -u) <(exports "$within/libgio-2.0.so.0")
}
verify 'within GIO: libgio exports the same names' same_exports

# Its known cases must differ: so the core is really ours.
programs () {
  run/tests/gio-programs --libraries "$within" --prefix "$(pkg-config --variable=prefix gio-2.0)" \
    --logs "$within/logs" --table "$within/table.tsv" | tee "$within/programs.tap"
  grep -q '^# .* programs the same' "$within/programs.tap"
}
verify "within GIO: GIO's test programs" programs
sed -n 's/^#\( .* programs the same\)/  \1/p' "$within/programs.tap"
echo "   the table: $within/table.tsv"
