#!/usr/bin/env bash
# asr.h: every program on our library, and with libgio in the process, in front of ours and behind it
use_release
for order in '' -beside -behind; do
  scripts/checks/run_tests.py --build "$release" --label "asr.h${order/-/, }" --programs "$(asr_programs | sed "s/\$/$order/")"
done
