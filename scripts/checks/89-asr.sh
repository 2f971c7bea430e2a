#!/usr/bin/env bash
# asr.h: every program on our library, and with libgio in the process, in front of ours and behind it
use_release
programs=$(sed -n "/^asr_programs = \[/,/^\]/s/^  '\(.*\)',/\1/p" tests-c/asr/meson.build)
for order in '' -beside -behind; do
  scripts/checks/run_tests.py --build "$release" --label "asr.h${order/-/, }" --programs "$(sed "s/\$/$order/" <<<"$programs")"
done
