#!/usr/bin/env bash
# Introspection: the gir and the typelib have what asr.h has, and are installed; a program in Python uses it
# shellcheck disable=SC2154  # lib.sh sets the folders
use_release
if [ ! -e "$release/AsyncResult-1.0.gir" ]; then
  if [ -z "${CROSS:-}" ] && pkg-config --exists gobject-introspection-1.0; then
    record fail 'AsyncResult-1.0.gir is not built'
  else
    record skip 'introspection: g-ir-scanner is not installed, or cannot run what is cross-built'
  fi
  exit 0
fi

# The scanner lists what it moves into a class twice.
functions () { grep -oE 'c:identifier="asr_[a-z_]+"' "$1" | cut -d '"' -f 2 | sort -u; }
# Waits are for C, as their comment says.
for_bindings () { asr_names | grep -v '^asr_wait_'; }
described () {
  local text
  same <(asr_names) <(functions "$release/AsyncResult-1.0.gir")
  g-ir-generate "$release/AsyncResult-1.0.typelib" >"$BUILD/typelib.gir"
  same <(for_bindings) <(functions "$BUILD/typelib.gir")
  text=$(cat "$BUILD/typelib.gir")
  [[ $text == *'shared-library="libasyncresult.so.1"'* && $text == *'<include name="Gio" version="2.0"/>'* ]]
}
# An argument, an answer and a constant are said to be something.
documented () {
  python3 - "$release/AsyncResult-1.0.gir" <<'END'
import sys, xml.etree.ElementTree as tree
core = '{http://www.gtk.org/introspection/core/1.0}'
silent = []
for kind in 'function', 'method', 'parameter', 'member', 'record', 'enumeration', 'return-value':
    for element in tree.parse(sys.argv[1]).iter(core + kind):
        answers = kind != 'return-value' or element.find(core + 'type').get('name') != 'none'
        if answers and element.find(core + 'doc') is None:
            silent.append((kind, element.attrib))
assert not silent, silent
END
}
installed () {
  meson introspect --installed "$release" >"$BUILD/installed"
  grep -oF "$prefix/share/gir-1.0/AsyncResult-1.0.gir" "$BUILD/installed"
  grep -oF "$prefix/lib/girepository-1.0/AsyncResult-1.0.typelib" "$BUILD/installed"
}
# In the order of Python's choice, and each case alone.
from_python () {
  local case
  export LD_LIBRARY_PATH=$release GI_TYPELIB_PATH=$release G_DEBUG=fatal-criticals
  timeout 300 "$python" tests-c/asr/from-python.py
  for case in $(sed -n 's/^    def \(test_[a-z_]*\).*/\1/p' tests-c/asr/from-python.py); do
    timeout 300 "$python" tests-c/asr/from-python.py "FromPython.$case"
  done
}

verify 'the gir has every function of asr.h, and the typelib those for bindings' described
verify 'all that is in the gir is described' documented
verify 'gir and typelib are installed where they are looked for' installed
# Not the one that is first on PATH, for which gi may not be installed.
python=/usr/bin/python3
if "$python" -c 'import gi' 2>/dev/null; then
  verify 'asr.h from Python' from_python
else
  record skip 'asr.h from Python: python3-gi is not installed'
fi
