#!/usr/bin/env bash
# Site: every page and every function is in it, whole; each link leads somewhere; it is installed
# shellcheck disable=SC2154  # lib.sh sets the folders
use_release
site=$release/docs/AsyncResult-1.0
# Whatever g-ir-scanner and gi-docgen warn of ends the build.
if [ ! -d "$site" ]; then
  if [ -z "${CROSS:-}" ] && command -v gi-docgen && command -v g-ir-scanner && command -v groff; then
    record fail 'the site is not built'
  else
    record skip 'the site: gi-docgen, g-ir-scanner or groff is not installed'
  fi
  exit 0
fi
for what in links functions pages; do
  verify "the site: $what" scripts/checks/site.py "$site" "$what"
done
installed () {
  meson introspect --installed "$release" >"$BUILD/installed"
  grep -oF "$prefix/share/doc/AsyncResult-1.0" "$BUILD/installed"
}
verify 'the site is installed' installed
