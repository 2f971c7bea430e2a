#!/usr/bin/env bash
# Sanitizers: the C side and the C tests with AddressSanitizer, LeakSanitizer and UBSan
sanitized=$BUILD/sanitized
need 'meson setup with sanitizers' configure "$sanitized" -Dtests=enabled -Dwerror=true -Dbuildtype=debugoptimized \
  -Db_sanitize=address,undefined -Db_lundef=false -Dc_args=-fno-sanitize-recover=undefined
verify 'meson compile with sanitizers' meson compile -C "$sanitized" --ninja-args=-k0

# under_sanitizers DETECT-LEAKS PROGRAMS
under_sanitizers () {
  ASAN_OPTIONS=detect_leaks=$1:detect_stack_use_after_return=1 UBSAN_OPTIONS=print_stacktrace=1 HARNESS_QUICK=1 \
    scripts/checks/run_tests.py --build "$sanitized" --label sanitizers --programs "$2" --timeout 300
}

under_sanitizers 1 "$(c_programs | grep -vx task-limits; asr_programs)"
# LeakSanitizer needs a thread, and this program forbids itself to have one. valgrind counts its leaks.
under_sanitizers 0 task-limits
