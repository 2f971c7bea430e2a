"""The differences between libgio and our library that the contract wants. All others are failures.

A rule names its line of the contract (docs/contract.md): the number, the mark, the promise. It is applied before
the logs of a program are compared, and only takes away or rewrites what the line speaks of:

  Drop     lines that only one of the libraries may log
  Rewrite  a piece of a line, in both logs or in one, to what both must agree on

until() and since() hold for some versions of libgio only. They were seen with GLib 2.74, 2.84 and 2.90.
"""
import ctypes
import re
from collections import Counter

GIO, OURS = "libgio", "ours"


class Drop:
    def __init__(self, contract, library, pattern):
        self.contract, self.library, self.pattern = contract, library, re.compile(pattern)

    def apply(self, logs):
        used = any(self.pattern.search(line) for line in logs[self.library])
        logs[self.library] = [line for line in logs[self.library] if not self.pattern.search(line)]
        return used


class Rewrite:
    def __init__(self, contract, pattern, replacement, libraries=(GIO, OURS)):
        self.contract, self.pattern, self.replacement = contract, re.compile(pattern), replacement
        self.libraries = libraries

    def apply(self, logs):
        before = dict(logs)
        for library in self.libraries:
            lines = before[library]
            logs[library] = [self.pattern.sub(self.replacement, line) for line in lines]
        return before[GIO] != before[OURS] and before != logs


class NamedEarlier:
    """Ours names a task when its result is fetched. What a libgio says of the same task when it is released is not
    heard."""
    NAMED = re.compile(r"! GLib-GIO critical: GTask .*: its thread function returned without calling")
    OPERATION = re.compile(r"^\w+ +(?:> \S+ [\w-]+ (?=t)|inited (?=q))([tq]\d+)")
    GONE = re.compile(r"^\w+ +gone (t\d+)$")
    FREED = re.compile(r"^\w+ +free initable (q\d+)$")
    SAID = re.compile(r"! GLib-GIO debug: GTask .* finalized without ever returning ")
    INITIALIZES = "GTask g_async_initable_real_init_async"

    def __init__(self, contract):
        self.contract = contract

    def apply(self, logs):
        # Messages call most tasks by their addresses, which are all the same here. The slots tell them apart: that of
        # the operation during which ours speaks, and the one that is gone when libgio does. The task of an
        # initialization has that of its object, which goes behind it.
        named = {slot for line, slot in self.with_slots(logs[OURS], self.OPERATION) if self.NAMED.search(line)}
        logs[OURS] = [line for line in logs[OURS] if not self.NAMED.search(line)]
        tasks = [slot for _, slot in self.with_slots(logs[GIO], self.GONE)]
        objects = [slot for _, slot in self.with_slots(logs[GIO][::-1], self.FREED)][::-1]
        logs[GIO] = [line for line, task, initialized in zip(logs[GIO], tasks, objects)
                     if not (self.SAID.search(line) and (initialized if self.INITIALIZES in line else task) in named)]
        return bool(named)

    @staticmethod
    def with_slots(log, pattern):
        """The lines, each with the slot in the last line that the pattern matched."""
        slot = None
        for line in log:
            match = pattern.match(line)
            slot = match[1] if match else slot
            yield line, slot


class ReleasedOnWorker:
    """If libgio released something on a worker, ours does so later, elsewhere. Then what is released is compared
    without regard to when and where, and ours must not have done it on a worker."""
    RELEASE = re.compile(r"^(\w+) +(free|gone) (.*)")

    def __init__(self, contract):
        self.contract = contract

    def apply(self, logs):
        releases = {library: [self.RELEASE.match(line) for line in lines] for library, lines in logs.items()}
        there = {library: {match[3] for match in matches if match and match[1] == "worker"}
                 for library, matches in releases.items()}
        tasks = {name for name in there[GIO] if re.match(r"[ts]\d", name)}
        if not (tasks or there[GIO] - there[OURS]):
            return False
        count = {library: Counter(match[3] for match in matches if match) for library, matches in releases.items()}
        for library, matches in releases.items():
            logs[library] = [line for line, match in zip(logs[library], matches) if not match]
            logs[library] += sorted("released " + name for name in count[library].elements())
        logs[OURS] += [f"released on a worker: {name}" for name in there[OURS] - there[GIO]]
        return True


def is_the_same(first, second):
    """Two logs of one program on one library. What a release thread releases (it is nobody in the log) comes at its own
    time, and so may what it is the last to hold."""
    def parts(log):
        releases = [ReleasedOnWorker.RELEASE.match(line) for line in log]
        return ([line for line, match in zip(log, releases) if not match],
                sorted(match[3] for match in releases if match))

    if any(line.startswith("nobody ") for line in first + second):
        return parts(first) == parts(second)
    return first == second


class ReleasedWhenever:
    """Released exactly as often in both, but not at the same time."""
    def __init__(self, contract, pattern):
        self.contract, self.pattern = contract, re.compile(pattern)

    def apply(self, logs):
        before = dict(logs)
        for library, lines in before.items():
            released = sorted(match[0] for match in map(self.pattern.search, lines) if match)
            logs[library] = [line for line in lines if not self.pattern.search(line)] + released
        return before[GIO] != before[OURS] and before != logs


class WaitsForAnEmission:
    """If libgio waits for an emission, maybe for ever, and ours goes on, what came before is compared. What follows is
    compared with our own promises only."""
    WAITS = re.compile(r"^\w+ +elsewhere waits$|^end: too long$")

    def __init__(self, contract):
        self.contract = contract

    def apply(self, logs):
        parts = next((line for line, own in zip(logs[GIO], logs[OURS]) if line != own), "")
        if not self.WAITS.match(parts):
            return False
        logs[GIO] = list(logs[OURS])
        return True


class LosesACancellation:
    """A source of libgio's that was cancelled while its loop polled does not hear of the next cancellation. Ours does.
    What came before is compared. What follows is compared with our own promises only."""
    FIRED = re.compile(r"^\w+ +source (k\d+) (c\d+) ")
    CHANGED = re.compile(r"^\w+ +> \S+ (reset|cancel) (c\d+)$")
    LOOP = re.compile(r"^\w+ += (prepare|query|poll|check|pending|iterated) ")

    def __init__(self, contract):
        self.contract = contract

    def apply(self, logs):
        place = next((place for place, (line, own) in enumerate(zip(logs[GIO], logs[OURS])) if line != own), None)
        if place is None:
            return False
        # By the source: what happened to its cancellable since it fired.
        since = {}
        cancellable_of = {}
        for line in logs[OURS][:place]:
            if fired := self.FIRED.match(line):
                cancellable_of[fired[1]], since[fired[1]] = fired[2], ""
            elif changed := self.CHANGED.match(line):
                for source in (source for source in since if cancellable_of[source] == changed[2]):
                    since[source] += changed[1] + " "
        deaf = {source for source, changes in since.items() if "reset cancel " in changes}
        own = logs[OURS][place]
        fired = self.FIRED.match(own)
        if fired and fired[1] in deaf or deaf and self.LOOP.match(logs[GIO][place]) and self.LOOP.match(own):
            logs[GIO] = list(logs[OURS])
            return True
        return False


class WakesForNothing:
    """A source of libgio's that was destroyed, and is not freed yet, wakes its context when it is cancelled. Ours does
    not. Only what a poll says of the first descriptor may differ: that is the one with which a context is woken."""
    MADE = re.compile(r"^\w+ +> \S+ source (k\d+) (c\d+) ")
    DESTROYED = re.compile(r"^\w+ +free (k\d+)$")
    CANCELS = re.compile(r"^\w+ +> \S+ cancel(?: (c\d+)|-all-jobs)$")
    POLL = re.compile(r"^(\w+ +)= poll (\d+): ([01])(.*)$")

    def __init__(self, contract):
        self.contract = contract

    def apply(self, logs):
        cancellable_of, destroyed, woken, used = {}, set(), False, False
        for place, (theirs, own) in enumerate(zip(list(logs[GIO]), logs[OURS])):
            if made := self.MADE.match(own):
                cancellable_of[made[1]] = made[2]
            elif gone := self.DESTROYED.match(own):
                destroyed.add(cancellable_of.get(gone[1]))
            elif cancels := self.CANCELS.match(own):
                woken = woken or bool(destroyed) and cancels[1] in destroyed | {None}
            there, here = self.POLL.match(theirs), self.POLL.match(own)
            if woken and there and here and there[3] + here[3] == "10" and int(there[2]) == int(here[2]) + 1 and \
                    (there[1], there[4]) == (here[1], here[4]):
                logs[GIO][place] = own
                used = True
        return used


class AtMost:
    """A number that must be no larger in our library."""
    def __init__(self, contract, pattern):
        self.contract, self.pattern = contract, re.compile(pattern)

    def apply(self, logs):
        before = {library: list(lines) for library, lines in logs.items()}
        for number, (theirs, own) in enumerate(zip(before[GIO], before[OURS])):
            there, here = self.pattern.search(theirs), self.pattern.search(own)
            if there and here and int(here[1]) <= int(there[1]):
                logs[OURS][number] = theirs
        return before[OURS] != logs[OURS]


GLIB_MINOR = ctypes.c_uint.in_dll(ctypes.CDLL("libglib-2.0.so.0"), "glib_minor_version").value


def until(minor, rule):
    """Not for GLib 2.`minor` and newer: there libgio does the same."""
    return [rule] if GLIB_MINOR < minor else []


def since(minor, rule):
    """Only for GLib 2.`minor` and newer."""
    return [rule] if GLIB_MINOR >= minor else []


RULES = [
    Rewrite("1.22 (better): every getter of a boolean returns exactly 0 or 1",
            r"( s\d+ pointer=\S+ size=\S+ boolean)=-?[1-9]\d*", r"\1=1"),
    Drop("2.7 (better): an error or pointer handed over with a refused call is freed: pointers",
         OURS, r"free refused d\d+$"),
    Drop("2.7 (better): an error or pointer handed over with a refused call is freed: pointers",
         GIO, r"alive refused d\d+ "),
    Drop("2.7 (better): an error or pointer handed over with a refused call is freed: errors",
         OURS, r"free error 1\d\d\d$"),
    NamedEarlier("5.36 (better): a task whose function ended without a result is named"),
    *until(84, Drop(
        "4.36 (new): finalized without ever returning",
        OURS, r"! GLib-GIO (critical|debug): GTask .* finalized without ever returning "
              r"\(using g_task_return_\*\(\)\)\. This potentially indicates a bug in the program\.$")),
    *until(84, Rewrite(
        "4.34 (new): attach_source names the source only if it has no name",
        r"= named source now .* priority", "= named source now NAME priority")),
    *until(84, Rewrite(
        "4.34 (new): attach_source names the source only if it has no name",
        r"= (found|kept|current) name (GIdleSource|alpha|beta|named|\(\(gpointer\).*\)) priority", r"= \1 name NAME priority")),
    ReleasedWhenever("6.18: the data of a handler is destroyed when the emission that runs it gives it up",
                     r"free running h\d+$"),
    *until(84, Drop(
        "4.34 (new): attach_source names the source only if it has no name, and so asks for it",
        OURS, r"critical: g_source_get_name: assertion 'source != NULL' failed$")),
    *since(84, Drop(
        "12.1: a job is no task to the program, and nothing is said of its end",
        GIO, r"! GLib-GIO debug: GTask g_io_scheduler_push_job .* finalized without ever returning ")),
    *since(84, Rewrite(
        "4.11 (decided): a waiting result has the name of its task (libgio puts words around it)",
        r"name \[gio\] (?!\(unnamed\))(.*) complete_in_idle_cb", r"name \1", [GIO])),
    *until(84, Rewrite(
        "8.3 (new): EDESTADDRREQ, and 8.2 (new): EADDRNOTAVAIL",
        r"= errno (89|99) gives \d+", r"= errno \1 gives NEWER")),
    Rewrite("1.20 (new): G_IO_ERROR_DESTINATION_UNSET",
            r"= g-io-error-quark (none |G_IO_ERROR_DESTINATION_UNSET destination-unset)",
            r"= g-io-error-quark NEWER"),
    Rewrite("5.12 (better): a task that return-on-cancel completed stays cancelled, also after a reset",
            r"dismissed had_error=0", "dismissed had_error=1", [GIO]),
    ReleasedWhenever("5.11: what the function returns after that is dropped and freed",
                     r"free (late d\d+|error 3\d\d\d)$"),
    AtMost("5.34: chains are released and delivered with no more stack for each level", r"= stack of .* (\d+)$"),
    ReleasedOnWorker("5.29 (better): no worker releases what belongs to the task"),
    WakesForNothing("6.35 (better): a source that was destroyed does not wake its context"),
    # The last ones: they look for the first line that all the others have left different.
    *since(84, LosesACancellation("6.25 (better): a source fires each time the object is cancelled")),
    *since(84, WaitsForAnEmission("6.9 (better): nothing deadlocks (libgio holds a lock during an emission)")),
]


ONCE = re.compile(r"^\w+ +((?:call|notify) [ts]\d+|free (?:refused |late )?d\d+|gone \w+)")


def broken_promises(log):
    """What must hold for each log of our library, whatever libgio does: the log ends well, nothing is called, notified
    or released twice, and what comes late is not released on the worker it comes from."""
    count = Counter(match[1] for match in map(ONCE.match, log) if match)
    broken = [f"{name}: {n} times" for name, n in count.items() if n > 1 and not name.startswith("call s")]
    broken += [line for line in log if re.match(r"worker +free (late|error 3\d\d\d$)", line)]
    return broken + [line for line in log if line.startswith("end: ") and line != "end: ok"]


def apply(gio, ours):
    """The two logs as they must be equal, and the contract lines of the rules that were needed for that."""
    logs = {GIO: gio, OURS: ours}
    used = [rule.contract for rule in RULES if rule.apply(logs)]
    return logs[GIO], logs[OURS], used
