# Tracker's file miner indexes a thousand files
# needs: /usr/libexec/tracker-miner-fs-3 tracker3
. "$SCENARIOS/common.sh"

# The miner passes over what is in the folder for temporary files, in which this home is.
export GSETTINGS_BACKEND=keyfile TMPDIR=$PWD/temporary
mkdir -p Documents temporary
for folder in $(seq 20); do
  mkdir "Documents/$folder"
  for file in $(seq 50); do echo "words of $folder and $file" >"Documents/$folder/$file.txt"; done
done
gsettings set org.freedesktop.Tracker3.Miner.Files index-recursive-directories "['$PWD/Documents']"
gsettings set org.freedesktop.Tracker3.Miner.Files index-single-directories '[]'
$RUN /usr/libexec/tracker-miner-fs-3 --initial-sleep 0 --no-daemon
query () {
  $RUN tracker3 sparql --database "$PWD/.cache/tracker3/files" \
    --query "$1" | sed "s#$PWD#HERE#; s/^ *//" | sort
}
query 'SELECT ?url ?size { GRAPH tracker:FileSystem { ?file a nfo:FileDataObject ; nie:url ?url ; nfo:fileSize ?size } }' >found
wc -l <found
cat found
[ "$(grep -c '/Documents/.*\.txt, ' found)" = 1000 ]
