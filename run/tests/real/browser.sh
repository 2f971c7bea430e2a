# WebKit's MiniBrowser draws a page
# needs: xvfb-run xauth xwd xwininfo cksum pgrep /usr/lib/*/webkit2gtk-4.1/MiniBrowser
options=()
. "$SCENARIOS/webkit.bash"
