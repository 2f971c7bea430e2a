#!/usr/bin/env bash
# Manual: man pages are installed, without a word of groff's, and have the options of --help; their program runs
# shellcheck disable=SC2086,SC2154  # one word per flag is meant; lib.sh sets the folders
use_release
work=$BUILD/manual
rm -rf "$work"
mkdir -p "$work"
pages=(docs/man/*.[1-9])

# The long options that a text names. Those of other programs, with which a page explains something, do not count.
options () { grep -oE -e '--[a-z][a-z-]+' | sort -u; }
page_options () { sed '/^\.\\"/d; s/\\-/-/g; /dbus-run-session/d; /pkg-config/d' "$1" | options; }
help_options () { "$@" --help | options; }
same_options () { same <(page_options "docs/man/${1##*/}.1") <(help_options "$1"); }

# All pages of the programs that are built are installed, where man looks.
installed () {
  local page
  DESTDIR=$work/package meson install --no-rebuild -C "$release"
  for page in "${pages[@]}"; do
    case $page in
      *run.1) [ -e "$release/run/asyncresult-run" ] || continue ;;
      *trace.1) [ -e "$release/trace/report/asyncresult-trace" ] || continue ;;
    esac
    cmp "$page" "$work/package$prefix/share/man/man${page##*.}/${page##*/}"
  done
}
# A page with a mistake is one that groff has something to say about.
typeset_page () {
  groff -man -ww -z -Tutf8 "$1" 2>"$work/said"
  cmp "$work/said" /dev/null
  sed 's/^\.TP$/.TPP/' "$1" | groff -man -ww -z -Tutf8 2>&1 | grep -F TPP
}
# The variables of the library that a page names are those that the library reads.
variables () {
  same <(grep -oE 'ASYNCRESULT_[A-Z]+' docs/man/libasyncresult.7 | sort -u) \
    <(grep -hoE '(variable: |with_variable\()c"ASYNCRESULT_[A-Z]+"' -r src | grep -oE 'ASYNCRESULT_[A-Z]+')
}
# The program of the page, as it stands there.
program () {
  sed -n '/^\.SH EXAMPLE/,/^\.fi/{/^\./!p}' docs/man/libasyncresult.7 | sed 's/\\e/\\/g; s/\\-/-/g' >"$work/answer.c"
  cc -Wall -Werror "$work/answer.c" -o "$work/answer" -Iinclude -L"$release" -lasyncresult $(pkg-config --cflags --libs gobject-2.0)
  [ "$(LD_LIBRARY_PATH=$release timeout 60 "$work/answer")" = 42 ]
}

verify 'man pages are installed' installed
if command -v groff >/dev/null; then
  for page in "${pages[@]}"; do verify "${page##*/} has no mistake" typeset_page "$page"; done
else
  record skip 'man pages as groff reads them: groff is not installed'
fi
for command in "$release/run/asyncresult-run" "$release/trace/report/asyncresult-trace"; do
  if [ -e "$command" ]; then
    verify "${command##*/}.1 has the options of --help" same_options "$command"
  else
    record skip "${command##*/}.1: the program is not built"
  fi
done
verify 'libasyncresult.7 has the variables of the library' variables
verify 'the program of libasyncresult.7' program
