"""The programs that run stock and under asyncresult-run, and what they are given to work on."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from measuring import Failure, run

PROGRAMS_FOLDER = Path(__file__).parent / "programs"
# What everyday.h says of its folder.
FILES, FOLDERS, FILES_IN_A_FOLDER = 1000, 100, 10
# What a file holds, and the one that is read piece by piece.
BYTES, BYTES_OF_LARGE = 4000, 65536


def fill(folder):
    """What `everyday` and load.py work on."""
    for number in range(FILES):
        (folder / str(number)).write_bytes(b"x" * BYTES)
    (folder / "large").write_bytes(b"x" * BYTES_OF_LARGE)
    for number in range(FOLDERS):
        subfolder = folder / "folders" / str(number)
        subfolder.mkdir(parents=True)
        for file in range(FILES_IN_A_FOLDER):
            (subfolder / str(file)).touch()


class Program:
    """What rows have in common unless they say otherwise. `work` is an empty folder of the row's own, `quick` says
    that nothing is measured."""

    # Something else computes all the time, on the same processor if that is one.
    busy = one_processor = False
    # What goes before asyncresult-run.
    within = ()

    def missing(self):
        """Why the row cannot run here; nothing if it can."""
        return ""

    def set_up(self, work, quick):
        """Once for the row."""

    def before_each(self, work):
        """Before every run. Not measured."""

    def environment(self, work):
        """Variables that it needs."""
        return {}

    def demand_work(self, work):
        """After every run: fails if the program has not done what it was to do, and has not said so."""


@dataclass(frozen=True)
class Everyday(Program):
    """An operation of the C program `everyday`."""

    operation: str
    group: str
    how_many: int
    at_once: int
    # All operations share one cancellable.
    shared: bool = False
    one_processor: bool = False
    busy: bool = False

    @property
    def name(self):
        at_once = "all" if self.at_once == self.how_many else str(self.at_once)
        flags = {"shared": self.shared, "pinned": self.one_processor, "busy": self.busy}
        return "-".join([self.operation, at_once, *(name for name, is_set in flags.items() if is_set)])

    @property
    def title(self):
        at_once = {1: "one at a time", self.how_many: "all at once"}.get(self.at_once, f"{self.at_once} at once")
        flags = {"one cancellable": self.shared, "on one processor": self.one_processor,
                 "beside a busy loop": self.busy}
        return ", ".join([f"{self.how_many:,}", at_once, *(name for name, is_set in flags.items() if is_set)])

    def set_up(self, work, quick):
        fill(work)

    def command(self, build, work, quick):
        how_many = min(self.how_many, 20) if quick else self.how_many
        return [build / "tests-c" / "bench" / "programs" / "everyday", self.operation, str(how_many),
                str(self.at_once), work, *(["shared"] if self.shared else [])]


def lacking(*tools):
    missing = [tool for tool in tools if not shutil.which(tool)]
    return f"not installed: {', '.join(missing)}" if missing else ""


@dataclass(frozen=True)
class Start(Program):
    """Nothing but the start of a program."""

    name: str = "gio-cat"
    title: str = "`gio cat` of a small file, start to end"
    group: str = "programs of Debian's"

    def missing(self):
        return lacking("gio")

    def set_up(self, work, quick):
        (work / "file").write_bytes(b"x" * BYTES)

    def command(self, build, work, quick):
        return ["gio", "cat", work / "file"]


@dataclass(frozen=True)
class Python(Program):
    """python3-gi: the interpreter loads libgio when it comes to the import."""

    how_many: int
    at_once: int
    group: str = "programs of Debian's"
    interpreter = "/usr/bin/python3"

    @property
    def name(self):
        return f"python-{self.at_once}"

    @property
    def title(self):
        at_once = "one at a time" if self.at_once == 1 else f"{self.at_once} at once"
        return f"Python loads {self.how_many:,} files, {at_once}"

    def missing(self):
        has_gi = Path("/usr/lib/python3/dist-packages/gi").exists()
        return lacking(self.interpreter) or ("" if has_gi else "not installed: python3-gi")

    def set_up(self, work, quick):
        fill(work)

    def command(self, build, work, quick):
        return [self.interpreter, PROGRAMS_FOLDER / "load.py", work, str(20 if quick else self.how_many),
                str(self.at_once)]


@dataclass(frozen=True)
class Ostree(Program):
    """Each object of the repository is written by a task in a thread."""

    name: str = "ostree"
    title: str = "`ostree pull-local` of a commit with 10,000 files"
    group: str = "programs of Debian's"

    def missing(self):
        return lacking("ostree")

    def set_up(self, work, quick):
        for folder in range(2 if quick else 100):
            (work / "tree" / str(folder)).mkdir(parents=True)
            for file in range(100):
                (work / "tree" / str(folder) / str(file)).write_text(f"{folder} {file}\n" * 10)
        run(["ostree", "init", f"--repo={work / 'from'}", "--mode=bare-user"])
        run(["ostree", "commit", f"--repo={work / 'from'}", "--branch=main", work / "tree"])

    def before_each(self, work):
        shutil.rmtree(work / "to", ignore_errors=True)
        run(["ostree", "init", f"--repo={work / 'to'}", "--mode=archive"])

    def command(self, build, work, quick):
        return ["ostree", "pull-local", "--disable-fsync", f"--repo={work / 'to'}", work / "from", "main"]

    def demand_work(self, work):
        run(["ostree", "refs", f"--repo={work / 'to'}", "--list", "main"])


@dataclass(frozen=True)
class Tracker(Program):
    """The file miner, on a session bus and with a home folder of its own."""

    name: str = "tracker"
    title: str = "Tracker's miner indexes 2,000 files"
    group: str = "programs of Debian's"
    within = ("dbus-run-session", "--")
    miner = "/usr/libexec/tracker-miner-fs-3"

    def missing(self):
        return lacking("dbus-run-session", "tracker3", self.miner)

    def set_up(self, work, quick):
        for folder in range(1 if quick else 40):
            (work / "home" / "Documents" / str(folder)).mkdir(parents=True)
            for file in range(50):
                (work / "home" / "Documents" / str(folder) / f"{file}.txt").write_text(f"{folder} {file}\n")
        settings = work / "home" / ".config" / "glib-2.0" / "settings"
        settings.mkdir(parents=True)
        (settings / "keyfile").write_text(
            "[org/freedesktop/tracker/miner/files]\n"
            f"index-recursive-directories=['{work / 'home' / 'Documents'}']\n"
            "index-single-directories=@as []\n")
        (work / "home" / "runtime").mkdir(mode=0o700)
        (work / "temporary").mkdir()

    def before_each(self, work):
        for folder in (".cache", ".local"):
            shutil.rmtree(work / "home" / folder, ignore_errors=True)

    def environment(self, work):
        # The miner passes over what is in the folder for temporary files.
        return {"HOME": str(work / "home"), "XDG_RUNTIME_DIR": str(work / "home" / "runtime"),
                "TMPDIR": str(work / "temporary"), "GSETTINGS_BACKEND": "keyfile", "LC_ALL": "C.UTF-8"}

    def command(self, build, work, quick):
        return [self.miner, "--initial-sleep", "0", "--no-daemon"]

    def demand_work(self, work):
        query = "SELECT ?url { GRAPH tracker:FileSystem { ?file a nfo:FileDataObject ; nie:url ?url } }"
        database = work / "home" / ".cache" / "tracker3" / "files"
        found = run(["tracker3", "sparql", "--database", database, "--query", query],
                    env={**os.environ, **self.environment(work)})
        files = len(list((work / "home" / "Documents").glob("*/*")))
        if found.count(".txt") != files:
            raise Failure(f"it found {found.count('.txt')} of {files} files")


def everyday(operation, group, *variants):
    return [Everyday(operation, group, how_many, at_once, **dict.fromkeys(flags, True))
            for how_many, at_once, *flags in variants]


PROGRAMS = [
    *everyday("query", "`g_file_query_info_async`",
              (15_000, 1), (15_000, 1, "busy"), (15_000, 1, "one_processor"), (15_000, 1, "one_processor", "busy"),
              (15_000, 1, "shared"), (30_000, 8), (40_000, 100), (40_000, 100, "shared"), (20_000, 20_000),
              (10_000, 10_000, "shared")),
    *everyday("give-up", "`g_file_query_info_async`, then cancelled", (20_000, 20_000, "shared")),
    *everyday("load", "`g_file_load_contents_async`",
              (3_000, 1), (3_000, 1, "busy"), (3_000, 1, "one_processor"), (3_000, 1, "one_processor", "busy"),
              (5_000, 8), (5_000, 100), (5_000, 100, "shared"), (5_000, 5_000), (5_000, 5_000, "shared")),
    *everyday("list", "`g_file_enumerate_children_async`, ten files",
              (3_000, 1), (3_000, 1, "one_processor"), (5_000, 8), (5_000, 100), (5_000, 100, "shared"),
              (5_000, 5_000), (5_000, 5_000, "shared")),
    *everyday("read", "`g_input_stream_read_bytes_async`, 16 times, of a file", (500, 1), (2_000, 100)),
    *everyday("splice", "`g_output_stream_splice_async`, a file into memory", (1_000, 1), (2_000, 100)),
    *everyday("save", "`g_file_replace_contents_async` and `g_file_delete_async`", (1_000, 1), (3_000, 100)),
    *everyday("pipe", "4 kB through a pipe, written and read", (50_000, 1), (50_000, 100)),
    *everyday("socket", "4 kB through a socket, written and read", (50_000, 1), (50_000, 100)),
    *everyday("call", "`g_dbus_connection_call`, service in a process of its own", (3_000, 1), (10_000, 100)),
    *everyday("spawn", "`g_subprocess_wait_check_async` of `true`", (500, 1), (1_000, 50)),
    *everyday("filter", "`g_subprocess_communicate_utf8_async` with `cat`", (300, 1), (500, 50)),
    *everyday("resolve", "`g_resolver_lookup_by_name_async` of localhost", (20_000, 1), (20_000, 50)),
    *everyday("name", "`g_resolver_lookup_by_address_async` of 127.0.0.1", (10_000, 1), (10_000, 50)),
    Start(), Python(2_000, 1), Python(5_000, 100), Ostree(), Tracker(),
]

# For the README.
IN_SHORT_BEGINNING = ("The time that unmodified programs take under `asyncresult-run`, against plain GIO "
                      "([all](docs/performance.md)):")
IN_SHORT = {
    "query-1": "files asked about, one at a time,",
    "load-100": "files loaded, 100 at once,",
    "read-100": "streams read, 100 at once,",
    "query-all-shared": "10,000 queries that share a cancellable",
    "call-100": "D-Bus calls, 100 in flight,",
    "ostree": "ostree",
    "tracker": "Tracker's miner",
}
