# gio cat, info, list, copy, move, save, mkdir, remove, tree, set, monitor
. "$SCENARIOS/common.sh"

mkdir tree
for i in $(seq 20); do seq "$i" >"tree/file $i"; done
seq 200000 >tree/large
ln -s large tree/link

$RUN gio cat 'tree/file 3' tree/large | cksum
$RUN gio info -a standard::name,standard::type,standard::size,standard::content-type tree/large
$RUN gio info -n -a standard::is-symlink,standard::symlink-target tree/link
$RUN gio list -l -h tree | sort
$RUN gio copy tree/large tree/copied
cmp tree/large tree/copied
$RUN gio copy -p -b tree/large tree/copied >/dev/null
ls tree | grep copied
$RUN gio move tree/copied tree/moved
$RUN gio save -c tree/saved <tree/large
cmp tree/large tree/saved
$RUN gio mkdir -p tree/a/b/c
$RUN gio tree tree
$RUN gio set -t uint32 tree/saved unix::mode 384
stat -c %a tree/saved
$RUN gio remove tree/a/b/c
$RUN gio cat tree/missing || echo "status $?"
$RUN gio copy tree/missing tree/other || echo "status $?"
$RUN gio mime text/plain

mkdir watched
in_background events $RUN gio monitor watched
monitor=$!
probe () { touch watched/probe; grep -q probe events; }
until_true probe
echo one >watched/one
until_true grep 'one: changes done' events
mv watched/one watched/two
until_true grep 'renamed to .*two' events
rm watched/two
until_true grep 'two: deleted' events
stop "$monitor"
grep -v probe events
