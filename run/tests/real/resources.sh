# glib-compile-resources, and gresource on what it made
. "$SCENARIOS/common.sh"

seq 1000 >numbers.txt
printf '<a>\n  <b/>\n</a>\n' >page.xml
cat >all.gresource.xml <<'XML'
<gresources>
  <gresource prefix="/org/example">
    <file compressed="true">numbers.txt</file>
    <file preprocess="xml-stripblanks">page.xml</file>
  </gresource>
</gresources>
XML
$RUN glib-compile-resources --generate-dependencies all.gresource.xml
$RUN glib-compile-resources --target=all.gresource all.gresource.xml
$RUN glib-compile-resources --generate-source --target=all.c all.gresource.xml
cksum all.gresource all.c
$RUN gresource list all.gresource
$RUN gresource extract all.gresource /org/example/numbers.txt | cksum
$RUN glib-compile-resources missing.xml || echo "status $?"
