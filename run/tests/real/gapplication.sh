# gapplication launch, action, list-actions, with a service in Python
# needs: /usr/bin/python3
. "$SCENARIOS/common.sh"

export XDG_DATA_HOME=$PWD/data
mkdir -p data/applications data/dbus-1/services
cat >data/applications/org.example.Run.desktop <<'TEXT'
[Desktop Entry]
Type=Application
Name=Run
Exec=true
DBusActivatable=true
Actions=greet;

[Desktop Action greet]
Name=Greet
TEXT
in_background service $RUN /usr/bin/python3 "$SCENARIOS/service.py" --gapplication-service
until_true gdbus wait --session --timeout 10 org.example.Run
$RUN gapplication list-apps | grep org.example
$RUN gapplication list-actions org.example.Run
$RUN gapplication launch org.example.Run
$RUN gapplication action org.example.Run greet "'world'"
$RUN gapplication launch org.example.Run "file://$PWD/data"
$RUN gapplication action org.example.Run quit
wait
sed "s#$PWD#HERE#" service
$RUN gapplication action org.example.Run || echo "status $?"
