# WebKit's MiniBrowser draws a page in sandboxes
# needs: bwrap xdg-dbus-proxy xvfb-run xauth xwd xwininfo cksum pgrep /usr/lib/*/webkit2gtk-4.1/MiniBrowser
bwrap --dev-bind / / --unshare-pid --proc /proc true || exit 77
options=(--enable-sandbox)
. "$SCENARIOS/webkit.bash"
