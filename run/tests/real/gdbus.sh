# gdbus call, introspect, emit, wait, monitor, on the bus of this scenario
. "$SCENARIOS/common.sh"

bus=(--session --dest org.freedesktop.DBus --object-path /org/freedesktop/DBus)
$RUN gdbus introspect "${bus[@]}" | grep -v "^ *'" | sort
$RUN gdbus introspect "${bus[@]}" --xml | grep -c method
$RUN gdbus call "${bus[@]}" --method org.freedesktop.DBus.NameHasOwner org.example.nobody
$RUN gdbus call "${bus[@]}" --method org.freedesktop.DBus.GetNameOwner org.freedesktop.DBus
$RUN gdbus call "${bus[@]}" --method org.freedesktop.DBus.GetNameOwner org.example.nobody || echo "status $?"
$RUN gdbus call "${bus[@]}" --method org.freedesktop.DBus.NoSuchMethod || echo "status $?"
$RUN gdbus wait --session --timeout 1 org.example.nobody || echo "status $?"

in_background signals $RUN gdbus monitor --session --dest org.freedesktop.DBus
monitor=$!
until_true grep 'is owned by' signals
$RUN gdbus emit --session --object-path /x --signal org.example.Nothing.Happened "'ignored'"
$RUN gdbus call "${bus[@]}" --method org.freedesktop.DBus.RequestName org.example.somebody 0
until_true grep "'org.example.somebody', ':[0-9.]*', ''" signals
stop "$monitor"
grep 'org.example.somebody' signals | sed 's/:1\.[0-9]*/:N/g'
