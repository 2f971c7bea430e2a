#!/usr/bin/env bash
# Scripts: --help, --list and wrong command lines are answered before anything happens; shellcheck; YAML; templates
work=$BUILD/scripts
rm -rf "$work"
mkdir -p "$work/tree" "$work/tools"

# A copy of the tree, in which it shows what a script makes or wipes; and tools that do nothing but note that they were called.
pack_tree | tar -x -C "$work/tree"
mkdir -p "$work/tree/build/logs"
echo 'of an earlier run' >"$work/tree/build/logs/results"
for tool in apt-get cargo cc curl debootstrap meson ninja rustup sudo unshare; do
  printf '#!/bin/sh\n[ "$*" = --version ] || echo "$0 $*" >>%q\nexit 1\n' "$work/called" >"$work/tools/$tool"
done
chmod +x "$work"/tools/*
files_of_the_copy () { find "$work/tree" -printf '%p %s %T@ %m\n' | sort; }

# answers STATUS SCRIPT ARGUMENT...: the script ends with this status, and has neither changed anything nor called a tool.
answers () {
  local status=0
  files_of_the_copy >"$work/before"
  : >"$work/called"
  (
    cd "$work/tree"
    PATH=$work/tools:$PATH PYTHONDONTWRITEBYTECODE=1 timeout 20 "${@:2}" </dev/null
  ) >"$work/out" 2>"$work/err" || status=$?
  files_of_the_copy >"$work/after"
  cat "$work/out" "$work/err"
  diff "$work/before" "$work/after"
  absent . "$work/called"
  [ "$status" = "$1" ]
}
# How it is called comes first.
helps () {
  answers 0 "$1" --help
  head -n 1 "$work/out" | grep -E "^(usage: )?${1##*/}( |\$)"
  [ ! -s "$work/err" ]
}
lists () {
  answers 0 "$1" --list
  grep -q . "$work/out"
  [ ! -s "$work/err" ]
}
refuses () {
  answers 2 "$@"
  [ ! -s "$work/out" ]
  grep -q . "$work/err"
}

# All that can be started, but for what only the build and scripts/bench start.
mapfile -t scripts < <(find scripts .ci tests-c run -type f -perm -u+x ! -path 'scripts/meson/*' ! -path run/list-names \
  ! -path tests-c/bench/bench.py | sort)
for script in "${scripts[@]}"; do
  verify "$script --help" helps "$script"
  if grep -q -e --list "$work/out"; then
    verify "$script --list" lists "$script"
    verify "$script refuses a name that does not exist" refuses "$script" NOSUCH
  fi
  verify "$script refuses an option that does not exist" refuses "$script" --no-such-option
done
no_check_matches () {
  refuses scripts/test NOSUCH
  grep -F 'no check matches NOSUCH' "$work/err"
  refuses scripts/test 10-rust NOSUCH
}
verify 'scripts/test says which name no check matches' no_check_matches
take_names () {
  local script
  for script in scripts/test scripts/dev scripts/stress scripts/bench scripts/test-on .ci/run; do lists "$script"; done
}
verify 'scripts that take names list them' take_names

# All that must be able to fail. fails COMMAND...: this does.
fails () {
  local status
  set +e
  (set -e; "$@")
  status=$?
  set -e
  [ "$status" != 0 ]
}
# careless COMMAND: it is noticed when a script runs COMMAND at --help, and at an option that does not exist.
careless () {
  printf '#!/bin/sh\n%s\necho careless\n' "$1" >"$work/tree/scripts/careless"
  chmod +x "$work/tree/scripts/careless"
  fails helps scripts/careless
  fails refuses scripts/careless --no-such-option
}
careful () {
  printf '#!/bin/sh\n[ "$1" = --help ] || { echo no >&2; exit 2; }\necho careful\n' >"$work/tree/scripts/careful"
  chmod +x "$work/tree/scripts/careful"
  helps scripts/careful
  refuses scripts/careful --no-such-option
  fails lists scripts/careful
  fails refuses scripts/careful --help
}
verify 'a script that answers passes' careful
verify 'it is noticed: something is built' careless 'mkdir -p build/made'
verify 'it is noticed: something is wiped' careless 'rm -rf build/logs'
verify 'it is noticed: something is installed' careless 'apt-get update'

# ci_says STATUS LINE ARGUMENT...: so .ci/run ends. What it starts only says how such a run ends: trixie with a failure, sid
# well, trixie-i386 cannot be had, trixie-arm64 takes too long, trixie-armhf to be made, none ends with nothing, other with a
# status alone.
ci_says () {
  local tree=$work/ci status=0
  rm -rf "$tree"
  mkdir -p "$tree/scripts" "$tree/.ci"
  cp .ci/run "$tree/.ci"
  cp scripts/usage.sh "$tree/scripts"
  printf '#!/bin/sh\n' >"$tree/scripts/setup"
  printf '#!/bin/sh\necho 3 passed, 0 failed, 1 skipped\n' >"$tree/scripts/test"
  cat >"$tree/scripts/test-on" <<'END'
#!/bin/sh
case $* in
  --list) printf '%s\n' trixie sid trixie-i386 trixie-arm64 trixie-armhf none other trixie-clean glib-main ;;
  'trixie-armhf --quick -- true') sleep 60 ;;
  *'-- true') echo "$1" >>made ;;
  'trixie --quick')
    printf '   %s\n' 'fail: it' '| # it-DEBUG: begun' '   why' 'good: 2 passed' '   more'
    echo '2 passed, 1 failed, 0 skipped'
    exit 1 ;;
  'sid --quick') echo '20 passed, 0 failed, 2 skipped' ;;
  'trixie-i386 --quick') echo 'test-on: needs root'; exit 77 ;;
  'trixie-arm64 --quick') sleep 60; echo '1 passed, 0 failed, 0 skipped' ;;
  'other --quick') echo '7 passed, 0 failed, 0 skipped'; exit 1 ;;
esac
END
  chmod +x "$tree"/scripts/*
  (cd "$tree" && .ci/run "${@:3}" >out 2>&1) || status=$?
  cat "$tree/out"
  [ "$status" = "$1" ] && [ "$(tail -n 1 "$tree/out")" = "$2" ]
}
too_long () { TIME_LIMIT=$1 ci_says 0 '3 passed, 0 failed, 2 skipped' trixie-arm64 && grep 'There is no more time' "$work/ci/out"; }
makes_first () { diff <(sort "$work/ci/made") <(printf 'sid\ntrixie\n'); }
verify '.ci/run: here alone' ci_says 0 '3 passed, 0 failed, 1 skipped' --only-here
verify '.ci/run: trixie and sid, if nothing is said' ci_says 1 '25 passed, 1 failed, 3 skipped'
says_why_again () {
  diff <(sed -n '/^Failed in/,/^$/p' "$work/ci/out") <(printf '%s\n' 'Failed in trixie:' '   fail: it' '      why' '')
}
verify '.ci/run: what failed, once more' says_why_again
verify '.ci/run: they are made while the checks run' makes_first
verify '.ci/run: one that passes' ci_says 0 '23 passed, 0 failed, 3 skipped' sid
verify '.ci/run: one that cannot be had' ci_says 0 '3 passed, 0 failed, 2 skipped' trixie-i386
verify '.ci/run: one that ends without a last line' ci_says 1 '3 passed, 1 failed, 1 skipped' none
verify '.ci/run: one that fails without a failure' ci_says 1 '10 passed, 1 failed, 1 skipped' other
verify '.ci/run: one that takes too long' too_long 2
making_takes_too_long () { TIME_LIMIT=1 ci_says 0 '3 passed, 0 failed, 2 skipped' trixie-armhf; }
verify '.ci/run: one whose making takes too long' making_takes_too_long
no_number () { TIME_LIMIT=soon refuses .ci/run && grep -F 'TIME_LIMIT is "soon"' "$work/err"; }
verify '.ci/run: a limit that is no number' no_number
names_no_other () { refuses .ci/run "$1" && grep -F "there is no system $1" "$work/err"; }
verify '.ci/run: no clean system' names_no_other trixie-clean
verify '.ci/run: no GLib without a source' names_no_other glib-main
empty_argument () { refuses scripts/test-on trixie ''; }
verify 'scripts/test-on: an empty argument' empty_argument

# What scripts/setup answers to a machine: apt here only says what such a machine's would. No Rust that is there is new enough,
# but for the one that apt-get brings.
machine=$work/machine
home=$machine/home old_cargo=
mkdir -p "$machine"/{apt,home,sudo,tools,tree/scripts}
cp scripts/setup scripts/usage.sh scripts/common.sh "$machine/tree/scripts"
echo 'rust-version = "99.1"' >"$machine/tree/Cargo.toml"
ln -s /usr/bin/* "$machine/tools"
rm -f "$machine"/tools/{apt-cache,apt-get,cargo,dpkg-query,id,sudo}
printf '#!/bin/sh\necho "${USER_ID:-0}"\n' >"$machine/tools/id"
printf '#!/bin/sh\necho "sudo $*" >>../asked\nexec "$@"\n' >"$machine/sudo/sudo"
printf '#!/bin/sh\n[ ! -e ../has-lists ] || echo "Version: ${OFFERS-1:99.2+dfsg}"\n' >"$machine/apt/apt-cache"
printf '#!/bin/sh\ncase $* in *rustc | *meson) echo "${IS-not-installed}" ;; *) echo installed ;; esac\n' >"$machine/apt/dpkg-query"
cat >"$machine/apt/apt-get" <<'END'
#!/bin/sh
case $* in
  update*) [ -n "${UPDATE-}" ] || : >../has-lists; exit "${UPDATE-0}" ;;
  install*) echo "$*" >>../asked; [ -z "${BRINGS-}" ] || cp ../cargo ../tools/cargo; exit "${INSTALL-0}" ;;
esac
END
printf '#!/bin/sh\necho cargo 99.1.0\n' >"$machine/cargo"
chmod +x "$machine"/{{apt,sudo}/*,tools/id,cargo}
# set_up STATUS LINE VARIABLE=VALUE...: so scripts/setup ends.
set_up () {
  local status=0
  rm -f "$machine"/{tools/cargo,asked,has-lists}
  if [ -n "$old_cargo" ]; then
    printf '#!/bin/sh\necho cargo 99.0.9\n' >"$machine/tools/cargo"
    chmod +x "$machine/tools/cargo"
  fi
  (
    cd "$machine/tree"
    env -i PATH="$machine/apt:$machine/tools" ${home+HOME="$home"} "${@:3}" scripts/setup --build-only >../out 2>&1
  ) || status=$?
  cat "$machine/out"
  [ "$status" = "$1" ] && tail -n 1 "$machine/out" | grep -F -e "$2"
}
# installs PACKAGES VARIABLE=VALUE...: they are asked for, and bring the Rust that is needed.
installs () {
  set_up 0 'Installing: ' BRINGS=cargo "${@:2}"
  diff <(sed -n 's/^install .*--no-install-recommends //p' "$machine/asked") <(echo "$1")
}
verify 'scripts/setup: Rust and meson are missing' installs 'cargo rustc meson'
rust_is_old () {
  local old_cargo=yes
  installs 'cargo rustc' IS=installed
}
verify 'scripts/setup: Rust is there, and too old' rust_is_old
no_home () {
  local home
  unset home
  installs 'cargo rustc meson'
}
verify 'scripts/setup: without HOME' no_home
if command -v dpkg >/dev/null; then
  verify "scripts/setup: Debian's plain Rust is too old" installs 'cargo-web rustc-web meson' OFFERS=1:98.3+dfsg
else
  record skip "scripts/setup: Debian's plain Rust is too old: dpkg is not here"
fi
verify 'scripts/setup: the lists cannot be brought' installs 'cargo-web rustc-web meson' UPDATE=100
verify 'scripts/setup: the packages bring no Rust that will do' \
  set_up 1 'Rust 99.1 or newer is missing, and the packages cargo rustc did not bring it. Install it (https://rustup.rs'
verify 'scripts/setup: a package cannot be had' set_up 1 'not everything could be installed. See what apt said' INSTALL=100
verify 'scripts/setup: neither root nor sudo' set_up 1 'install --no-install-recommends cargo-web rustc-web meson' USER_ID=1000
by_sudo () {
  installs 'cargo rustc meson' USER_ID=1000 PATH="$machine/sudo:$machine/apt:$machine/tools"
  grep '^sudo apt-get update' "$machine/asked"
  grep '^sudo apt-get install' "$machine/asked"
}
verify 'scripts/setup: with sudo' by_sudo
elsewhere () { set_up "$1" "$2" PATH="$machine/tools" && grep 'Not a Debian. Needed here: ' "$machine/out"; }
verify 'scripts/setup: no apt, and no Rust' elsewhere 1 'is missing, and what is needed here stands above. Install it'

# Any check can be run alone: whichever looks at the release build calls use_release first.
# builds_first FILE...
builds_first () {
  awk 'FNR == 1 { built = 0 }
    /^use_release$/ { built = 1 }
    /\$\{?release|scripts\/bench/ && !built { print FILENAME ":" FNR ": before use_release"; failed = 1; nextfile }
    END { exit failed }' "$@"
}
without_it_is_noticed () {
  sed '/^use_release$/d' scripts/checks/60-glib-programs.sh >"$work/60-without.sh"
  fails builds_first scripts/checks/[0-9]*.sh "$work/60-without.sh"
}
verify 'every check that uses the release build has it built' builds_first scripts/checks/[1-9]*.sh
verify 'it is noticed: a check that does not' without_it_is_noticed

if command -v shellcheck >/dev/null; then
  mapfile -t in_shell < <(grep -lE '^#!/(bin/sh|usr/bin/env bash)$' "${scripts[@]}" scripts/meson/* run/list-names debian/tests/*)
  verify 'shellcheck: scripts' shellcheck "${in_shell[@]}" scripts/*.sh
  # Their variables come from who sources them; and one word per flag is meant everywhere.
  verify 'shellcheck: checks' shellcheck -s bash -S warning -e SC2154,SC2034,SC2046,SC2164,SC2010 scripts/checks/*.sh run/tests/real/*.{sh,bash}
else
  record skip 'shellcheck: not installed'
fi

# GitHub wants a head in its templates of issues, GitLab does not know one.
same_templates () {
  local github=.github/ISSUE_TEMPLATE gitlab=.gitlab/issue_templates template
  diff <(ls $github) <(ls $gitlab)
  for template in "$github"/*; do
    diff <(awk 'lines == 2 && !/^---$/ { print } /^---$/ { lines++ }' "$template" | sed 1d) "$gitlab/${template##*/}"
  done
  diff .github/PULL_REQUEST_TEMPLATE.md .gitlab/merge_request_templates/Default.md
}
verify 'templates: the same on GitHub and GitLab' same_templates

# read_yaml FILE...: each is YAML, and not empty.
read_yaml () {
  python3 - "$@" <<'END'
import sys, yaml
for name in sys.argv[1:]:
    with open(name) as file:
        assert isinstance(yaml.safe_load(file), dict), name
END
}
if python3 -c 'import yaml' 2>/dev/null; then
  mapfile -t in_yaml < <(find . -path ./build -prune -o -path ./target -prune -o -name '*.y*ml' -print | sort)
  verify 'files in YAML' read_yaml "${in_yaml[@]}"
else
  record skip 'files in YAML: python3-yaml is not installed'
fi
