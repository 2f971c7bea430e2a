#!/usr/bin/env bash
# The binary interface, by abidiff: the functions and types are those of the last release, and those of a libgio
work=$BUILD/abi
rm -rf "$work"

# compared NAME ARGUMENT...: one check; or why it cannot be.
compared () {
  local log=$LOGS/abi.log status=0
  scripts/abi "${@:2}" >"$log" 2>&1 || status=$?
  case $status in
    0) record pass "$1"; sed -n 's/^abi: /   /p' "$log" ;;
    77) record skip "$1: $(sed -n 's/^abi: //p' "$log")" ;;
    *) record fail "$1"; sed 's/^/      /' "$log" ;;
  esac
}
# The one that programs would be linked with here.
gio=$(pkg-config --variable=libdir gio-2.0)/libgio-2.0.so

compared 'functions and types are those of the last release'
compared 'functions and types are those of libgio' --gio "$gio"

# noticed FILE SCRIPT TEXT ARGUMENT...: a change of this header, made by sed, fails, and TEXT is said.
noticed () {
  rm -rf "$work"
  mkdir -p "$work"
  cp -r include "$work"
  sed -i "$2" "$work/include/asyncresult/$1"
  ! cmp "include/asyncresult/$1" "$work/include/asyncresult/$1"
  if scripts/abi --include "$work/include" "${@:4}" >"$work/log" 2>&1; then return 1; fi
  cat "$work/log"
  grep -E -e "$3" "$work/log"
}
if command -v abidiff >/dev/null; then
  verify 'it is noticed: another type of a parameter' noticed asr.h \
    's/\(asr_wait_run_until(AsrWait \*wait, \)gint64/\1gint32/' 'parameter 2 .* changed'
  verify 'it is noticed: another type of a result' noticed asyncresult.h \
    's/^int \(g_cancellable_get_fd\)/gint64 \1/' 'return type changed'
  verify 'it is noticed: another structure of GLib' noticed asyncresult.h \
    's/^GSource \*\(g_cancellable_source_new\)/GMainContext *\1/' 'return type changed'
  verify 'it is noticed: a member more' noticed asyncresult.h \
    's/^  GCancellablePrivate \*priv;/&\n  int more;/' 'type size changed'
  verify 'it is noticed: another value' noticed asr.h \
    's/ASR_CANCEL_REASON_PARENT = 2/ASR_CANCEL_REASON_PARENT = 5/' "ASR_CANCEL_REASON_PARENT' from value '2' to '5'"
  verify 'it is noticed: a function less' noticed asr.h '/^void asr_wait_free/d' 'asr_wait_free'
fi
