# gst-launch with giosrc and giosink: libgio comes with a plugin, when threads run
# needs: gst-launch-1.0 gst-inspect-1.0 /usr/lib/*/gstreamer-1.0/libgstgio.so
. "$SCENARIOS/common.sh"

gst-inspect-1.0 giosrc | grep -c .
seq 200000 >in
$RUN gst-launch-1.0 -q giosrc location="file://$PWD/in" ! giosink location="file://$PWD/out"
cmp in out
$RUN gst-launch-1.0 -q filesrc location=in ! queue ! giostreamsink 2>/dev/null || echo "status $?"
$RUN gst-launch-1.0 -q giosrc location="file://$PWD/missing" ! fakesink 2>/dev/null || echo "status $?"
