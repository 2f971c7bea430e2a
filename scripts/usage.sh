# Sourced first of all by scripts that people start: what they answer before they do anything.
# shellcheck shell=sh

self=$(realpath "$0")

# help_if_asked ARGUMENT...: if `--help` or `-h` is one of them, prints the comment at the top of the script, and ends it.
# What follows `--` is for another program.
help_if_asked () {
  for argument; do
    case $argument in
      --) return ;;
      --help | -h) sed -n '2,${/^#/!q;s/^# \{0,1\}//p;}' "$self"; exit ;;
    esac
  done
}

# refuse TEXT: ends the script because of a wrong command line.
refuse () {
  echo "${self##*/}: $1" >&2
  exit 2
}
no_option () { refuse "\"$1\" is no option: --help says which there are"; }
