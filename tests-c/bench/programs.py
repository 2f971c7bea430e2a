"""Runs whole programs on libgio as it is and under asyncresult-run, in turns, and compares what they need.

Or under asyncresult-run without and with the recorder."""

import contextlib
import os
import re
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from measuring import Failure, Ratios, completed

# Nothing that a developer has set: stock is stock.
CLEARED = ("ASYNCRESULT_", "DBUS_", "G_", "GIO_", "LD_", "XDG_")
ON_ONE_PROCESSOR = ["taskset", "--cpu-list", str(min(os.sched_getaffinity(0)))]
BUSY_LOOP = ["sh", "-c", "while :; do :; done"]


@dataclass(frozen=True)
class Needs:
    """What a process and its children needed: nanoseconds, nanoseconds, bytes."""

    wall: float
    processor: float
    peak: float


@dataclass
class Outcome:
    """A row with its numbers."""

    row: object
    stock: float
    ours: float
    wall: Ratios
    processor: Ratios
    peak: Ratios

    @property
    def is_ahead(self):
        return round(self.wall.median, 2) <= 1


class Runner:
    """The built programs, and the folder in which the row's program works."""

    def __init__(self, build, work, row, quick):
        self.build = build.resolve()
        self.ours = (build / "libasyncresult.so.1").resolve()
        self.work = work
        self.row = row
        self.quick = quick
        row.set_up(work, quick)

    def run(self, redirected, small, options=(), variables=None):
        """Runs the program once, within the meter; what that printed, and what came on standard error."""
        row = self.row
        row.before_each(self.work)
        meter = self.build / "tests-c" / "bench" / "programs" / "meter"
        instead = [self.build / "run" / "asyncresult-run", "--strict", *options] if redirected else []
        pinned = ON_ONE_PROCESSOR if row.one_processor else []
        environment = {name: value for name, value in os.environ.items() if not name.startswith(CLEARED)}
        environment |= row.environment(self.work) | (variables or {})
        try:
            done = completed([*row.within, meter, *pinned, *instead, *row.command(self.build, self.work, small)],
                             env=environment, stdin=subprocess.DEVNULL)
            row.demand_work(self.work)
        except Failure as failure:
            raise Failure(f"{row.name}: {failure}") from failure
        return done

    def needs(self, redirected, variables=None):
        return Needs(*map(float, self.run(redirected, self.quick, variables=variables).stdout.split()))

    def recorded(self):
        """The same, with the recorder, which must have written something."""
        with tempfile.TemporaryDirectory(prefix="traces-", dir=self.work.parent) as traces:
            needs = self.needs(True, {"ASYNCRESULT_TRACE": f"{traces}/"})
            if not any(Path(traces).iterdir()):
                raise Failure(f"{self.row.name}: nothing was recorded")
            return needs

    def verify(self):
        """Small runs show that the program runs on libgio as it is, and that it is redirected. What is measured
        later differs only in its size, and says nothing."""
        self.run(False, True, variables={"LD_DEBUG": "files", "LD_DEBUG_OUTPUT": str(self.work / "linker")})
        loaded = "".join(file.read_text(errors="replace") for file in self.work.glob("linker.*"))
        if "libgio-2.0.so.0" not in loaded or "libasyncresult.so" in loaded:
            raise Failure(f"{self.row.name}: stock, it does not run on libgio as it is")
        said = self.run(True, True, ["--verbose"]).stderr
        libraries = {Path(each).resolve() for each in re.findall(r"functions of \S+ lead to ([^\s;]+)", said)}
        if libraries != {self.ours}:
            raise Failure(f"{self.row.name}: it is not redirected to {self.ours}\n{said}")


@contextlib.contextmanager
def neighbour(row):
    """Something else that wants the processor, while the row is measured."""
    if not row.busy:
        yield
        return
    with subprocess.Popen([*(ON_ONE_PROCESSOR if row.one_processor else []), *BUSY_LOOP]) as busy:
        try:
            yield
        finally:
            busy.kill()


def compare(runner, pairs, recorded):
    """Stock, ours, stock, ours… Or ours without the recorder, ours with it…"""
    runner.verify()
    stock, ours = [], []
    with neighbour(runner.row):
        for _ in range(pairs):
            stock.append(runner.needs(recorded))
            ours.append(runner.recorded() if recorded else runner.needs(True))

    def ratios(what):
        return Ratios.of([getattr(each, what) for each in stock], [getattr(each, what) for each in ours])

    return Outcome(runner.row, statistics.median(each.wall for each in stock),
                   statistics.median(each.wall for each in ours), ratios("wall"), ratios("processor"), ratios("peak"))


def compare_all(build, rows, pairs, quick=False, recorded=False):
    """One outcome after the other; who waits sees which row is being measured. What is not installed is left out."""
    for row in rows:
        if sys.stderr.isatty():
            print(f"\r\033[K{row.name} …", end="", file=sys.stderr, flush=True)
        if row.missing():
            print(f"{row.name} is left out: {row.missing()}", file=sys.stderr)
            continue
        with tempfile.TemporaryDirectory(prefix="programs-") as work:
            yield compare(Runner(build, Path(work).resolve(), row, quick), pairs, recorded)
    if sys.stderr.isatty():
        print("\r\033[K", end="", file=sys.stderr, flush=True)
