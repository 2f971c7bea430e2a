"""What is measured, against what, and which ratio is the goal."""

from dataclasses import dataclass

GIO, OURS = "GIO", "ours"
ONE_THREAD, PROCESS = "one thread", "process"


@dataclass(frozen=True)
class Bench:
    """A row of the C program `bench`, on one of the libraries."""

    library: str
    row: str
    size: int | None = None
    rounds: int | None = None


@dataclass(frozen=True)
class Sum:
    """Several rows together."""

    parts: tuple


@dataclass(frozen=True)
class Uv:
    """floor-uv: libuv's uv_queue_work()."""

    size: int | None = None
    rounds: int | None = None


@dataclass(frozen=True)
class CpuTime:
    """A whole run of a program that completes one task: start, dynamic linking, end. The median of several."""

    program: str
    library: str = GIO


@dataclass(frozen=True)
class Closure:
    """How many lines ldd prints for a program."""

    program: str
    library: str = GIO


@dataclass(frozen=True)
class LibrarySize:
    """The stripped library's file."""

    library: str


@dataclass(frozen=True)
class Comparison:
    """Two probes, always measured next to each other: what counts is the second divided by the first."""

    name: str
    title: str
    first: object
    second: object
    unit: str = "ns"
    goal: float | None = None
    # The second's value must not exceed this, in its unit.
    limit: float | None = None
    floor: object = None
    floor_name: str = ""
    floor_goal: float | None = None
    # What is shown is the value of so many together: the time of the whole operation, not of each part.
    times: int = 1
    # The same every time.
    fixed: bool = False
    # Whether instructions are counted, and where: in the work of one thread, or in the whole process. What one thread does
    # is judged by them, as they repeat, and not by its time.
    counted: str = ""
    # Only beside newer GLib, which does the same work.
    newer_only: bool = False


def beside(name, title, goal=None, **more):
    """The same row on both libraries."""
    return Comparison(name, title, Bench(GIO, name), Bench(OURS, name), goal=goal, **more)


def floor(name, goal, *rows):
    """What must be spent anyway, measured beside each pair. It is the same program on libgio."""
    parts = tuple(Bench(GIO, row) for row in rows)
    return {"floor": parts[0] if len(parts) == 1 else Sum(parts), "floor_name": name, "floor_goal": goal}


BARE_OBJECT = floor("bare object", 1.40, "floor-object")
EMISSION = floor("bare object, one emission", 1.15, "floor-emission")
HANDLER = floor("bare signal", 1.03, "floor-handler")
HANDLER_AMONG_MANY = floor("bare signal", 1.03, "floor-handler-among-many")
STARTUP = {"floor": CpuTime("floor-startup"), "floor_name": "GObject alone", "floor_goal": 1.05}
IDLE_BURST = floor("object, idle source", 1.12, "floor-object", "floor-idle-burst")
IDLE = floor("object, idle source", 1.12, "floor-object", "floor-idle")
UV = {"floor": Uv(), "floor_name": "libuv"}

BESIDE_GIO = [
    beside("task-drop", "create and drop a task, never returned", 1.00, counted=ONE_THREAD, newer_only=True,
           **floor("bare object", None, "floor-object")),
    beside("task-own-context", "create, return, one iteration of a context of its own", 1.00, counted=ONE_THREAD,
           **IDLE),
    beside("task-in-loop", "complete in the loop: created in one iteration, returned in a later one", 1.00,
           counted=ONE_THREAD, **BARE_OBJECT),
    beside("task-one-at-a-time", "one result at a time, next iteration", 0.93, counted=ONE_THREAD, **IDLE),
    beside("task-among-timeouts", "the same, 3,000, beside 1,000 sleeping timeouts of lower priority", 1.00,
           counted=ONE_THREAD),
    beside("burst", "10,000 results returned at once", 1.00, counted=ONE_THREAD, **IDLE_BURST),
    beside("burst-own-context", "the same in a context of their own", 1.00, counted=ONE_THREAD, **IDLE_BURST),
    beside("burst-priorities", "the same with 4 priorities mixed", 1.00, counted=ONE_THREAD),
    beside("burst-own-priorities", "20,000 results at once, each with a priority of its own", 1.00,
           counted=ONE_THREAD),
    beside("burst-many-contexts", "20,000 results at once, in 1,000 contexts", 1.00, counted=ONE_THREAD),
    beside("threads", "100,000 × run_in_thread of an empty function", 0.55, floor_goal=2.5, counted=PROCESS, **UV),
    beside("threads-one-at-a-time", "10,000 × run_in_thread, one at a time", 1.00),
    beside("threads-in-flight", "50,000 × run_in_thread, 100 in flight", 0.30, counted=PROCESS),
    beside("threads-in-flight-writes", "the same: how often a loop is woken by write()", unit="writes", times=50_000,
           limit=5_000),
    beside("threads-many-contexts", "50,000 × run_in_thread, results in 1,000 contexts", 1.00, counted=PROCESS),
    beside("threads-one-cancellable", "16,000, all sharing one cancellable", 0.02, **UV),
    beside("queue-urgent-last", "16,000 urgent tasks queued behind 16,000 others; drain", 0.10, **UV),
    beside("cancel-queued", "cancel() with 8,000 tasks queued on that cancellable", 0.10, times=8000),
    beside("thread-round-trip", "run_in_thread_sync, there and back", 0.60,
           **floor("two threads' ping-pong", 1.15, "floor-ping-pong")),
    beside("cancellable-cancel", "new + cancel + drop a cancellable", 1.00, counted=ONE_THREAD, **EMISSION),
    beside("handler", "connect + disconnect, alone", 1.00, counted=ONE_THREAD, **HANDLER),
    beside("handler-among-many", "connect + disconnect, with 10,000 other handlers", 1.00, counted=ONE_THREAD,
           **HANDLER_AMONG_MANY),
    beside("source", "make + drop a cancellable's source, alone", 0.90, counted=ONE_THREAD),
    beside("source-among-many", "make + drop a cancellable's source, with 10,000 others", 0.90, counted=ONE_THREAD),
    beside("cancellables-two-threads", "two threads, each new + connect + cancel + disconnect + drop", 1.00,
           **floor("the same with bare objects", None, "floor-signals-two-threads")),
    beside("chain", "a chain of 40 tasks, each waiting for one it queued", 1.00, times=40),
    beside("memory-pending", "memory per task waiting for its delivery (1,000,000)", 1.00, unit="bytes"),
    Comparison("start-up", "program start to end, one completed task, CPU time", CpuTime("startup-gio"),
               CpuTime("startup", OURS), goal=0.56, **STARTUP),
    Comparison("start-up-closure", "objects that such a program loads (lines of ldd)", Closure("startup-gio"),
               Closure("startup", OURS), unit="objects", limit=9, fixed=True),
    Comparison("library-size", "size of the library, stripped", LibrarySize(GIO), LibrarySize(OURS), unit="bytes",
               limit=130_000, fixed=True),
]


def larger(row, title, size, factor):
    """Ours at `factor` times the size. Each item may cost a tenth more: time(64,000) ≤ 4.4 × time(16,000)."""
    return Comparison(f"{row}-{size * factor}", title, Bench(OURS, row, size), Bench(OURS, row, size * factor),
                      goal=1.10)


def two_threads(name, title, library, row, goal=None):
    """1.8 times the throughput of one thread: 2/1.8 times its time for each item of one of two."""
    return Comparison(name, title, Bench(library, f"{row}-one-thread"), Bench(library, f"{row}-two-threads"),
                      goal=goal)


def long_lived(name, title, library, goal=None):
    """What an operation costs at the end of a long row of them, against the beginning."""
    return Comparison(name, title, Bench(library, "operations-first"), Bench(library, "operations-last"), goal=goal)


SCALING = [
    larger("threads-one-cancellable", "run_in_thread with one cancellable: 64,000 / 16,000", 16_000, 4),
    larger("queue-urgent-last", "urgent tasks behind others: 64,000 + 64,000 / 16,000 + 16,000", 32_000, 4),
    larger("cancel-queued", "cancel() with 32,000 / 8,000 tasks queued", 8_000, 4),
    Comparison("handler-flat", "connect + disconnect: 10,000 other handlers / none", Bench(OURS, "handler"),
               Bench(OURS, "handler-among-many")),
    Comparison("source-flat", "the library's own observers: 10,000 others / none", Bench(OURS, "source"),
               Bench(OURS, "source-among-many"), goal=1.20),
    long_lived("long-lived", "50,000 operations with one cancellable: the last 5,000 / the first 5,000", OURS, 1.10),
    long_lived("long-lived-gio", "the same on GIO", GIO),
    two_threads("two-threads", "cancellables in two threads / in one (1.11: 1.8 × the throughput)", OURS,
                "cancellables", 1.11),
    two_threads("two-threads-gio", "the same on GIO", GIO, "cancellables"),
    two_threads("two-threads-floor", "the same with bare objects and a signal of theirs", GIO, "floor-signals"),
]

# The picture: a row, its title, and the sizes. GIO gets those that it reaches within seconds.
CURVES = [
    ("burst", "results at once", [100, 1_000, 10_000, 100_000], 100_000),
    ("threads", "in threads", [100, 1_000, 10_000, 100_000], 100_000),
    ("threads-one-cancellable", "in threads, one cancellable", [500, 2_000, 8_000, 16_000, 64_000], 16_000),
    ("queue-urgent-last", "urgent behind others", [500, 2_000, 8_000, 32_000, 128_000], 32_000),
    ("cancel-queued", "cancelled in the queue", [500, 2_000, 8_000, 32_000], 8_000),
]

# Workloads whose number of instructions is guarded: what a program does most.
GUARDED = ["task-in-loop", "task-one-at-a-time", "burst", "cancellable-cancel", "source"]
