# Sourced by the scenarios of WebKit: its MiniBrowser, with `options`, draws a page in three processes at least, and every
# pixel counts.
# shellcheck shell=bash disable=SC2086,SC2154
. "$SCENARIOS/common.sh"

if [ "${1-}" != drawing ]; then
  exec xvfb-run -a -s '-screen 0 800x600x24' bash -euo pipefail "$0" drawing
fi
export LIBGL_ALWAYS_SOFTWARE=1 GSETTINGS_BACKEND=memory NO_AT_BRIDGE=1 WEBKIT_DISABLE_COMPOSITING_MODE=1
cat >page.html <<'HTML'
<title>page</title>
<style>body { font: 20px sans-serif; background: linear-gradient(90deg, #fed, #def) }
  div { width: 200px; height: 100px; background: #393; border-radius: 20px }</style>
<h1>Heading</h1><div></div><p></p><canvas width=200 height=100></canvas>
<script>
const canvas = document.querySelector('canvas').getContext('2d');
canvas.fillStyle = '#c30';
canvas.fillRect(10, 10, 80, 50);
fetch('data:text/plain,fetched').then(answer => answer.text()).then(text => {
  document.querySelector('p').textContent = text + ' ' + [1, 2, 3].map(n => n * n);
  requestAnimationFrame(() => requestAnimationFrame(() => { document.title = 'drawn'; }));
});
</script>
HTML

browser=(/usr/lib/*/webkit2gtk-4.1/MiniBrowser)
in_background said $RUN "${browser[0]}" --geometry=800x600 ${options[@]+"${options[@]}"} "file://$PWD/page.html"
process=$!
is_drawn () { xwininfo -root -tree | grep drawn; }
until_true is_drawn
# Until nothing changes any more.
screen () { xwd -root -silent -out "$1"; }
screen last
until sleep 1 && screen now && cmp -s last now; do mv now last; done
# A sandbox may hide the library: then the dynamic linker says so.
hidden=$(sed -n "s/.* object '\(.*\/libasyncresult-audit.*\)' cannot be loaded as audit interface: cannot open .*/\1/p" said | head -n 1)
folders () { readlink "/proc/$1/ns/mnt"; }
for name in MiniBrowser WebKitNetworkPr WebKitWebProces; do
  number=$(pgrep -n -x -s 0 "$name")
  sandbox=
  [ "$(folders "$number")" = "$(folders $$)" ] || sandbox=yes
  echo "$name${sandbox:+, in a sandbox}"
  grep -q libgio-2.0 "/proc/$number/maps" || echo 'has no libgio'
  [ -z "$RUN" ] || grep -q /libasyncresult.so "/proc/$number/maps" ||
    { [ -n "$sandbox" ] && [ -n "$hidden" ] && [ ! -e "/proc/$number/root$hidden" ]; } || echo 'is not redirected'
done
# Of the last one.
[ -z "${options-}" ] || [ -n "$sandbox" ]
stop "$process"
cksum <now
