# gsettings get, set, range, list-recursively, reset, monitor
. "$SCENARIOS/common.sh"

mkdir schemas
cat >schemas/org.example.run.gschema.xml <<'XML'
<schemalist>
  <schema id="org.example.run" path="/org/example/run/">
    <key name="number" type="i"><range min="0" max="10"/><default>1</default></key>
    <key name="words" type="as"><default>['a', 'b']</default></key>
  </schema>
</schemalist>
XML
$RUN glib-compile-schemas --strict schemas
export GSETTINGS_SCHEMA_DIR=$PWD/schemas GSETTINGS_BACKEND=keyfile

$RUN gsettings list-keys org.example.run
$RUN gsettings range org.example.run number
$RUN gsettings get org.example.run words
in_background changes $RUN gsettings monitor org.example.run
monitor=$!
set_number () { $RUN gsettings set org.example.run number "$1"; }
probe () { set_number 9; set_number 8; grep -q number changes; }
until_true probe
set_number 5
until_true grep 'number: 5' changes
$RUN gsettings set org.example.run words "['c', 'd e']"
until_true grep words changes
stop "$monitor"
grep -v ' [98]$' changes
set_number 11 || echo "status $?"
$RUN gsettings list-recursively org.example.run
$RUN gsettings reset org.example.run words
$RUN gsettings get org.example.run words
$RUN gsettings get org.example.missing words || echo "status $?"
