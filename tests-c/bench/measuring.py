"""Runs the programs, and compares what they say."""

import os
import re
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from functools import singledispatchmethod
from pathlib import Path

from catalogue import GIO, ONE_THREAD, OURS, Bench, Closure, CpuTime, LibrarySize, Sum, Uv

# Runs of a program whose CPU time is taken: a single one is too short to tell.
STARTS = 25
# No row of any size takes minutes.
LIMIT_SECONDS = 300


class Failure(Exception):
    """A row that did not do its work."""


def completed(command, **options):
    """Runs the command, which must succeed."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT_SECONDS, **options)
    except subprocess.TimeoutExpired as late:
        raise Failure(f"{' '.join(map(str, command))}: not done after {LIMIT_SECONDS} s") from late
    if done.returncode != 0:
        raise Failure(f"{' '.join(map(str, command))}: status {done.returncode}\n{done.stderr}")
    return done


def run(command, **options):
    """What the command prints."""
    return completed(command, **options).stdout


def glib_version():
    return tuple(int(part) for part in run(["pkg-config", "--modversion", "glib-2.0"]).split("."))


class Programs:
    """The built programs, and the two libraries that `bench` runs on. `ours`: in another build folder than they."""

    def __init__(self, build, quick=False, ours=None):
        self.folder = build / "tests-c" / "bench"
        self.ours = ((ours or build) / "libasyncresult.so.1").resolve()
        self.quick = quick
        self.stand_in = self.ours.parent / "stand-in"
        self.stand_in.mkdir(exist_ok=True)
        link = self.stand_in / "libgio-2.0.so.0"
        link.unlink(missing_ok=True)
        link.symlink_to(self.ours)

    def environment(self, library):
        """The variables with which a program that is linked against libgio gets this library."""
        if library == GIO:
            return dict(os.environ)
        path = os.pathsep.join(filter(None, [str(self.stand_in), os.environ.get("LD_LIBRARY_PATH")]))
        return {**os.environ, "LD_LIBRARY_PATH": path}

    def preloaded(self, library):
        """The variables with which a program that is linked against this library finds it at once.

        What is installed stands in the dynamic linker's cache. A RUNPATH into the build tree is no substitute: its
        search tries dozens of folders, which costs more than loading the library."""
        return dict(os.environ) if library == GIO else {**os.environ, "LD_PRELOAD": str(self.ours)}

    def arguments(self, row, size=None, rounds=None):
        if self.quick:
            return [self.folder / "bench", "--quick", row]
        numbers = [str(number) for number in (size, rounds) if number is not None]
        return [self.folder / "bench", row, *numbers]

    @singledispatchmethod
    def value(self, probe):
        """Measures once."""
        raise TypeError(probe)

    @value.register
    def _(self, probe: Bench):
        command = self.arguments(probe.row, probe.size, probe.rounds)
        try:
            value, library = run(command, env=self.environment(probe.library)).split()
        except Failure as failure:
            raise Failure(f"On {probe.library}: {failure}") from failure
        if (Path(library).resolve() == self.ours) != (probe.library == OURS):
            raise Failure(f"{probe.row} on {probe.library} ran on {library}")
        return float(value)

    @value.register
    def _(self, probe: Sum):
        return sum(self.value(part) for part in probe.parts)

    @value.register
    def _(self, probe: Uv):
        program = self.folder / "floor-uv"
        if not program.exists():
            return None
        size, rounds = (200, 1) if self.quick else (probe.size, probe.rounds)
        numbers = [str(number) for number in (size, rounds) if number is not None]
        return float(run([program, *numbers]).split()[0])

    @value.register
    def _(self, probe: CpuTime):
        program, environment = str(self.folder / probe.program), self.preloaded(probe.library)
        return statistics.median(cpu_time(program, environment) for _ in range(1 if self.quick else STARTS))

    @value.register
    def _(self, probe: Closure):
        return len(run(["ldd", self.folder / probe.program], env=self.preloaded(probe.library)).splitlines())

    @value.register
    def _(self, probe: LibrarySize):
        with tempfile.NamedTemporaryFile() as stripped:
            run(["strip", "-o", stripped.name, self.gio if probe.library == GIO else self.ours])
            return os.stat(stripped.name).st_size

    @property
    def gio(self):
        """The libgio that the programs are linked against."""
        lines = run(["ldd", self.folder / "startup-gio"])
        return Path(re.search(r"libgio-2\.0\.so\.0 => (\S+)", lines)[1]).resolve()


def cpu_time(program, environment):
    """Nanoseconds, in the program and in the system for it."""
    child = os.posix_spawn(program, [program], environment)
    _, status, usage = os.wait4(child, 0)
    if status != 0:
        raise Failure(f"{program}: status {status}")
    return (usage.ru_utime + usage.ru_stime) * 1e9


@dataclass
class Ratios:
    """The second divided by the first, per pair."""

    median: float
    least: float
    most: float

    @classmethod
    def of(cls, firsts, seconds):
        each = [second / first for first, second in zip(firsts, seconds)]
        return cls(statistics.median(each), min(each), max(each))


@dataclass
class Outcome:
    """A comparison with its numbers."""

    comparison: object
    first: float
    second: float
    ratios: Ratios
    floor: float | None
    floor_ratios: Ratios | None

    @property
    def verdicts(self):
        """For each goal, in words, whether it is met."""
        compared = self.comparison
        if compared.counted == ONE_THREAD:
            return []
        found = verdicts(compared, self.ratios.median, self.floor_ratios and self.floor_ratios.median)
        if compared.limit is not None:
            found.append((f"≤ {compared.limit:,}", self.second <= compared.limit))
        return found


def verdicts(comparison, ratio, floor_ratio):
    """For each goal that is a ratio, in words, whether it is met."""
    found = []
    if comparison.goal is not None:
        found.append((f"≤ {comparison.goal:.2f}", ratio <= comparison.goal))
    if comparison.floor_goal is not None and floor_ratio is not None:
        found.append((f"≤ {comparison.floor_goal:.2f} × floor", floor_ratio <= comparison.floor_goal))
    return found


def compare(programs, comparison, pairs):
    """Measures first, second, first, second…, and the floor beside each pair."""
    firsts, seconds, floors = [], [], []
    for _ in range(1 if comparison.fixed else pairs):
        firsts.append(programs.value(comparison.first))
        seconds.append(programs.value(comparison.second))
        if comparison.floor is not None:
            floors.append(programs.value(comparison.floor))
    has_floor = floors and None not in floors
    return Outcome(
        comparison,
        statistics.median(firsts) * comparison.times,
        statistics.median(seconds) * comparison.times,
        Ratios.of(firsts, seconds),
        statistics.median(floors) if has_floor else None,
        Ratios.of(floors, seconds) if has_floor else None,
    )


def compare_all(programs, comparisons, pairs):
    """One outcome after the other; who waits sees which row is being measured."""
    for comparison in comparisons:
        if sys.stderr.isatty():
            print(f"\r\033[K{comparison.name} …", end="", file=sys.stderr, flush=True)
        yield compare(programs, comparison, pairs)
    if sys.stderr.isatty():
        print("\r\033[K", end="", file=sys.stderr, flush=True)
