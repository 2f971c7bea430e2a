# Python's gi: AsyncResult implemented in Python, Task, Cancellable, files read asynchronously
# needs: /usr/bin/python3
. "$SCENARIOS/common.sh"
$RUN /usr/bin/python3 "$SCENARIOS/asynchronous.py"
