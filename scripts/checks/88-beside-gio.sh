#!/usr/bin/env bash
# Beside GIO: every order in which the two come together; the C tests with our functions on libgio's objects
use_release
scripts/checks/run_tests.py --build "$release" --label 'beside GIO' --programs beside-matrix

bound=$LOGS/beside-gio
rm -rf "$bound"
scripts/checks/run_tests.py --build "$release" --label 'beside GIO' \
  --wrapper "'$PWD/tests-c/beside/bound-names' '$bound'" --programs "$(c_programs | grep -vxE 'io-error|async-result-silent' | sed 's/$/-beside/')"

# The names that every libgio has. The matrix has the others.
common_names () { exported_names | grep -vxFf <(newer_names) | sort; }
names_of_libgio () { nm -D --defined-only "$(pkg-config --variable=libdir gio-2.0)/libgio-2.0.so" | sed 's/.* //; s/@.*//'; }
# The printf-style functions format and call a plain one, those of construction.c make an object and do; the errors' numbers
# need no object.
forwarded_names () {
  common_names | grep -vE '_new_error$|_set_error(_va)?$|_report_error_in_idle$|^g_io_error_(quark|from_)' |
    grep -vE '^g_(async_)?initable_new(v|_valist)?(_async)?$'
}
# missing_from SUFFIX: which of the names on stdin are in none of the lists.
missing_from () { comm -23 - <(sort -u "$bound"/*."$1"); }

every_name_was_called () {
  absent . <(common_names | comm -23 - <(names_of_libgio | sort))
  ! common_names | missing_from called | grep .
}
every_name_was_forwarded () {
  ! forwarded_names | missing_from forwarded | grep .
}
verify 'each of the names that every libgio has was called' every_name_was_called
verify 'each function of an object was asked of libgio' every_name_was_forwarded
