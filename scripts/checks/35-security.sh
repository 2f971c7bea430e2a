#!/usr/bin/env bash
# Security: hardening, privileged programs, format strings, the crates

relro () {
  readelf -lW "$library" | grep GNU_RELRO
  readelf -dW "$library" | grep -E 'FLAGS.*BIND_NOW|FLAGS_1.*NOW'
}
no_executable_stack () { readelf -lW "$library" | grep GNU_STACK && ! readelf -lW "$library" | grep -E 'GNU_STACK.* RWE '; }
no_text_relocations () { readelf -dW "$library" | grep SYMTAB && ! readelf -dW "$library" | grep TEXTREL; }
nothing_writable_and_executable () { readelf -lW "$library" | grep LOAD && ! readelf -lW "$library" | grep -E '^ +[A-Z_]+ .* RWE '; }
# The linker loads no second C library for it.
needs_nothing () { readelf -dW "$library" | grep SYMTAB && ! readelf -dW "$library" | grep NEEDED; }
no_search_path () { readelf -dW "$library" | grep SYMTAB && ! readelf -dW "$library" | grep -E 'RPATH|RUNPATH'; }
use_release
files=("$release/libasyncresult.so.1")
with_checker=
if [ -e "$release/libasyncresult-check.so" ]; then
  with_checker=yes
  files+=("$release/libasyncresult-check.so")
else
  record skip 'hardening of the checker: it is not built where cargo does not find its crates'
fi
if [ -e "$release/libasyncresult-trace.so" ]; then files+=("$release/libasyncresult-trace.so"); fi
with_run=
if run_is_built 'hardening of asyncresult-run'; then
  with_run=yes
  files+=("$release"/run/{libasyncresult-audit.so,libasyncresult-instead.so,asyncresult-run})
fi
for library in "${files[@]}"; do
  name=$(basename "$library")
  verify "$name has full RELRO" relro
  verify "$name has no executable stack" no_executable_stack
  verify "$name has no text relocations" no_text_relocations
  verify "$name has no segment that is writable and executable" nothing_writable_and_executable
  verify "$name brings no search path" no_search_path
done
if [ -n "$with_run" ]; then
  library=$release/run/libasyncresult-audit.so
  verify 'libasyncresult-audit.so needs no library' needs_nothing
fi
library=$release/libasyncresult.so.1

# Of the C part, that is. It calls nothing that FORTIFY_SOURCE replaces, so the flag is looked at, not the names.
stack_protector () {
  grep -m 1 '"command".*variadic\.c' "$release/compile_commands.json" | grep -oE -e '-fstack-protector-strong'
  # On i386 a va_list is a pointer, and no function has anything on its stack that would be protected.
  [[ $(cc -dumpmachine) = i?86-* ]] || nm -D --undefined-only "$library" | grep __stack_chk_fail
}
fortified () {
  local command
  command=$(grep -m 1 '"command".*variadic\.c' "$release/compile_commands.json")
  grep -oE -e '-D_FORTIFY_SOURCE=[23]' <<<"$command"
  grep -oE -e ' -O[123s] ' <<<"$command"
}
verify 'the C part has a stack protector' stack_protector
verify 'the C part is built with FORTIFY_SOURCE' fortified
# All but audit.c: what both of them call is in a C library, and it has none.
fortified_run () {
  local source
  for source in launcher program trace instead redirect jump names straight; do
    echo "$source"
    grep -E "\"command\".*/run/$source\.c" "$release/compile_commands.json" |
      grep -E -e '-D_FORTIFY_SOURCE=[23].*-fstack-protector-strong'
  done
}
if [ -n "$with_run" ]; then verify 'asyncresult-run is built with both' fortified_run; fi

# The variables that we read are read in one place, which asks first whether the process is privileged…
one_place_for_variables () {
  grep -n AT_SECURE src/glib/environment.rs
  grep -rnE 'getenv|env::(var|vars)' src --include='*.rs' --include='*.c' >"$LOGS/variables" || true
  if grep -v '^src/glib/environment.rs:' "$LOGS/variables"; then return 1; fi
  absent '[^_]getenv' run/instead.c run/counting.c run/redirect.c
}
# …and so they do nothing in a program that runs with more rights than its user has.
privileged () {
  local folder said said_privileged as_nobody traces
  folder=$(mktemp -d)
  # shellcheck disable=SC2046  # one word per flag is meant
  cc tests-c/faults/privileged.c -Iinclude -o "$folder/ordinary" $(pkg-config --cflags --libs gobject-2.0) \
    -L"$release" -lasyncresult -Wl,-rpath,"$(readlink -f "$release")"
  cp "$folder/ordinary" "$folder/privileged"
  chown root:root "$folder/privileged"
  chmod u+s "$folder/privileged"
  chmod 755 "$folder"
  as_nobody=(setpriv --reuid=65534 --regid=65534 --clear-groups)
  said=$(ASYNCRESULT_DEBUG=tasks "$folder/ordinary"; ASYNCRESULT_GIO=load "$folder/ordinary")
  said_privileged=$(
    ASYNCRESULT_DEBUG=tasks "${as_nobody[@]}" "$folder/privileged"
    ASYNCRESULT_GIO=load "${as_nobody[@]}" "$folder/privileged"
  )
  ASYNCRESULT_TRACE=$folder/trace-ordinary "$folder/ordinary"
  ASYNCRESULT_TRACE=$folder/trace-privileged "${as_nobody[@]}" "$folder/privileged"
  traces=$(cd "$folder" && ls)
  rm -r "$folder"
  printf '%s\n' "$said" "$said_privileged"
  [ "$(grep -cx ordinary <<<"$said")" = 2 ]
  [ -z "$with_checker" ] || grep 'created here' <<<"$said"
  grep -x libgio <<<"$said"
  [ "$(grep -cx secure <<<"$said_privileged")" = 2 ]
  grep 'without ever returning' <<<"$said_privileged"
  [ "$(grep -cx 'no libgio' <<<"$said_privileged")" = 2 ]
  ! grep 'created here' <<<"$said_privileged"
  echo "$traces"
  [ ! -e "$release/libasyncresult-trace.so" ] || grep -x trace-ordinary <<<"$traces"
  ! grep -x trace-privileged <<<"$traces"
}
verify 'variables are read in one place' one_place_for_variables
if [ "$(id -u)" != 0 ]; then
  record skip 'no variable is honoured in a privileged program: only root can make one'
elif findmnt -no OPTIONS -T "${TMPDIR:-/tmp}" | grep -qw nosuid; then
  record skip 'no variable is honoured in a privileged program: the folder for temporary files takes none'
else
  verify 'no variable is honoured in a privileged program' privileged
fi

# shellcheck disable=SC2046
format_strings () {
  cc -fsyntax-only -std=c11 -Wall -Wextra -Wformat=2 -Wformat-security -Wformat-signedness -Werror -Iinclude \
    $(pkg-config --cflags gobject-2.0) src/exports/variadic.c
  # The files in Rust that call a printf-style function. That of asr.h does it twice, with strings to fill in.
  same <(grep -rlE '\bg_(log|error_new|strdup_printf|print|printerr|warning|set_error|prefix_error)\b *\(' src --include='*.rs') \
    <(printf '%s\n' src/asr/public.rs src/glib/log.rs)
  same <(grep -hoE 'c"[^"]*%.*' src/asr/*.rs src/asr/*/*.rs) <(printf 'c"%s".as_ptr(),\n' '%s: %s' '%s')
  grep -F 'g_log(DOMAIN.as_ptr(), level, c"%s".as_ptr(),' src/glib/log.rs
}
verify 'formats come from the program, and only where the API has them' format_strings
scripts/checks/run_tests.py --build "$release" --label security --programs literal

# What cargo compares an archive with before it unpacks it, whoever serves it.
every_crate_has_a_checksum () {
  local lock
  for lock in Cargo.lock check/Cargo.lock trace/re*/Cargo.lock; do
    [ "$(grep -c '^source = "registry+' "$lock")" = "$(grep -cE '^checksum = "[0-9a-f]{64}"$' "$lock")" ]
    ! grep -q '^source = "git+' "$lock"
  done
}
verify 'crates: checksums' every_crate_has_a_checksum
# They are read from the crates, all of which are there only where everything was built once.
need 'crates: fetched' cargo fetch --locked --target x86_64-unknown-linux-gnu
fetch_others () {
  local package
  for package in check trace/recorder trace/report; do
    cargo fetch --locked --target x86_64-unknown-linux-gnu --manifest-path $package/Cargo.toml
  done
}
need 'crates: those of the other packages are fetched' fetch_others
verify 'crates: licences' scripts/checks/crates.py licences
verify 'crates: duplicates' scripts/checks/crates.py duplicates
verify 'crates: sources' scripts/checks/crates.py sources
verify 'crates: what the library is made of' scripts/checks/crates.py library
verify 'crates: those of the checker, the recorder and asyncresult-trace' scripts/checks/crates.py others
bill=$LOGS/sbom
bill_is_whole () {
  scripts/sbom "$bill"
  same <(sed -n 's/^LIBRARY = {\(.*\)}$/\1/p' scripts/checks/crates.py | tr -d "' " | tr , '\n') \
    <(python3 -c 'import json, sys
print(*(it["name"] for it in json.load(sys.stdin)["components"] if it["scope"] == "required"), sep="\n")' \
      <"$bill/asyncresult.cdx.json")
  # Each with the checksum that its lock file has.
  local lock file sum
  for lock in Cargo.lock check/Cargo.lock trace/recorder/Cargo.lock trace/report/Cargo.lock; do
    file=$(sed -n 's/^name = "\(asyncresult.*\)"$/\1/p' $lock)
    grep -o '[0-9a-f]\{64\}' "$bill/$file.cdx.json" >"$bill/sums"
    while read -r sum; do grep -q "^checksum = \"$sum\"$" $lock; done <"$bill/sums"
    [ "$(wc -l <"$bill/sums")" = "$(grep -c '"scope"' "$bill/$file.cdx.json")" ]
  done
}
# Nothing of this machine or of this moment is in it.
bill_is_the_same () {
  mkdir -p "$bill/elsewhere"
  tar -c Cargo.* src check trace scripts | tar -x -C "$bill/elsewhere"
  "$bill/elsewhere/scripts/sbom"
  local file
  for file in "$bill"/*.json; do cmp "$file" "$bill/elsewhere/build/sbom/${file##*/}"; done
  absent "$PWD|$HOME" "$bill"/*.json
}
verify 'bill of materials: the crates that are linked in, with their checksums' bill_is_whole
verify 'bill of materials: the same in another folder' bill_is_the_same
if cargo deny --version >/dev/null 2>&1; then
  verify 'cargo deny' cargo deny --offline --locked check --deny warnings licenses bans sources
  if compgen -G "${CARGO_HOME:-$HOME/.cargo}/advisory-dbs/*/crates" >/dev/null; then
    verify 'cargo deny: advisories' cargo deny --offline --locked check advisories
  else
    record skip 'cargo deny: no database of advisories is here'
  fi
else
  record skip 'cargo deny: not installed'
fi
