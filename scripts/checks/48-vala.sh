#!/usr/bin/env bash
# Vala: programs without libgio, compiled as docs/vala.md says, do what they do on GIO; every name that Vala can have
# shellcheck disable=SC2046,SC2086,SC2154  # one word per flag is meant; lib.sh sets the folders
if ! command -v valac >/dev/null; then
  record skip 'Vala: valac is not installed'
  exit 0
elif [ -n "${CROSS:-}" ]; then
  record skip 'Vala: the examples are compiled where they run'
  exit 0
fi
use_release
work=$BUILD/vala
rm -rf "$work"
mkdir -p "$work"
cp examples/vala/*.vala "$work"
need 'Vala: meson install' meson install --no-rebuild -C "$release"
export PKG_CONFIG_PATH=$prefix/lib/pkgconfig:${PKG_CONFIG_PATH:-}
export XDG_DATA_DIRS=$prefix/share:${XDG_DATA_DIRS:-/usr/local/share:/usr/share}
kit=$(pkg-config --variable=valadir asyncresult-vala)
# What C compilers say of valac's code, whatever it is about.
strict='-Wall -Wextra -Werror -Wno-unused -Wno-unused-parameter -Wno-cast-function-type -Wno-deprecated-declarations'

# on_gio NAME: what the example prints on GIO, and what it maps.
on_gio () {
  local name=$1 package=
  # That one needs asr.h, which then uses GIO's types.
  [ "$name" != deadline ] || package='--pkg asyncresult'
  valac --pkg gio-2.0 $package "examples/vala/$name.vala" --directory="$work" -o "$name.gio"
  start_mapped "$work/$name.gio" >"$work/$name.expected"
  grep -F /libgio-2.0.so "$work/$name.gio.maps"
  wc -l <"$work/$name.expected"
}
# as_on_gio NAME [FOLDER]: the program prints the same, and there is no libgio, neither asked for nor mapped.
as_on_gio () {
  local program=$work/${2:+$2/}$1
  [ -s "$work/$1.expected" ]
  start_mapped "$program" | diff "$work/$1.expected" -
  without_libgio "$program"
}
# The commands of the page, each with the program that it makes.
commands () {
  (cd "$work" && block sh "$OLDPWD/docs/vala.md" | sed '/--pkg gio-2.0/d' | bash -euxo pipefail)
  as_on_gio async
  as_on_gio initable
}
beside_gio () {
  (cd "$work" && block sh "$OLDPWD/docs/vala.md" | grep -e '--pkg gio-2.0' | bash -euxo pipefail)
  start_mapped "$work/deadline" | diff "$work/deadline.expected" -
  grep -F /libgio-2.0.so "$work/deadline.maps"
}
by_meson () {
  block meson docs/vala.md >"$work/meson.build"
  meson setup "$work/by-meson" "$work"
  meson compile -C "$work/by-meson"
  as_on_gio async by-meson
  as_on_gio deadline by-meson
}
# The same, with no word from valac, and none from the C compiler but of what is valac's own. GIO's header is not read.
without_warnings () {
  local name=$1
  valac --ccode --fatal-warnings --vapidir="$kit" --pkg asyncresult-vala "examples/vala/$name.vala" \
    --basedir=examples/vala --directory="$work/c"
  cc $strict -Wno-incompatible-pointer-types -Wno-discarded-qualifiers -c "$work/c/$name.c" -o "$work/c/$name.o" \
    -MD -MF "$work/c/$name.d" $(pkg-config --cflags asyncresult-vala)
  grep -F "$kit/gio/gio.h" "$work/c/$name.d"
  absent 'glib-2.0/gio/' "$work/c/$name.d"
}
# Each declaration is what the header has: the C compiler has no word to say.
surface () {
  valac --ccode --fatal-warnings --enable-deprecated --vapidir="$kit" --pkg asyncresult-vala --pkg posix \
    --library=surface tests-c/vala/surface.vala --basedir=tests-c/vala --directory="$work"
  cc $strict -c "$work/surface.c" -o "$work/surface.o" $(pkg-config --cflags asyncresult-vala) 2>&1 | tee "$work/said"
  [ ! -s "$work/said" ]
}
# What Vala has not: what valac cannot call (docs/vala.md), other names of the same, the type behind an errordomain.
missing='g_async_initable_new_async g_async_initable_new_finish g_async_initable_new_valist_async
  g_async_initable_newv_async g_simple_async_report_error_in_idle g_simple_async_report_take_gerror_in_idle
  g_simple_async_result_new_take_error g_io_error_from_file_error g_io_error_enum_get_type'
names () {
  same <(exported_names; asr_names) \
    <(printf '%s\n' $missing; nm -u "$work/surface.o" | awk '{ print $2 }' | grep -Fxf <(exported_names; asr_names))
}
# The codes of errors stand in both.
codes () {
  same <(echo CONNECTION_CLOSED; sed -n 's/^  G_IO_ERROR_\([A-Z_]*\) = .*/\1/p' include/asyncresult/asyncresult.h) \
    <(sed -n 's/^    \([A-Z_]*\)[,;]$/\1/p' vala/gio-2.0.vapi)
}
# A program that needs more of GIO is refused by valac, by name.
more_of_gio () {
  local status=0
  echo 'void main () { print ("%s\n", File.new_for_path ("/").get_path ()); }' >"$work/more.vala"
  valac --ccode --vapidir="$kit" --pkg asyncresult-vala "$work/more.vala" 2>"$work/said" || status=$?
  [ "$status" != 0 ]
  grep -F '`File'"'" "$work/said"
}

for example in async initable deadline; do
  verify "Vala: examples/vala/$example.vala on GIO" on_gio $example
done
verify 'Vala: the commands of docs/vala.md' commands
verify 'Vala: asr.h beside GIO' beside_gio
verify 'Vala: the meson project of docs/vala.md' by_meson
for example in async initable deadline; do
  verify "Vala: examples/vala/$example.vala without warnings" without_warnings $example
done
verify 'Vala: what is declared is what the header has' surface
verify 'Vala: every name of the library' names
verify 'Vala: every error' codes
verify 'Vala: more of GIO is refused' more_of_gio
