"""Counts instructions with callgrind: numbers that repeat; nearly so, if several threads work."""

import re
import shutil
import statistics
from dataclasses import dataclass

from catalogue import GIO, GUARDED, ONE_THREAD, OURS, Bench, Sum
from measuring import run, verdicts

# Two sizes; the difference leaves out what happens only once.
SIZES = (1_000, 3_000)
# With threads, there is some chance in who waits for whom.
SIZES_WITH_THREADS = (2_000, 10_000)
TOLERANCE = 0.03
# What the points may cost at which somebody may watch: of a row, while nobody does.
POINTS_LIMIT = 0.01
# The median of so many is taken where several threads work.
TIMES_WITH_THREADS = 5


def is_possible():
    return shutil.which("valgrind") is not None


@dataclass
class Counts:
    """Instructions per item of a row."""

    comparison: object
    gio: float
    ours: float
    # Of ours: those in the library's own code, not in GLib, GObject and libc.
    own: float
    floor: float | None

    @property
    def verdicts(self):
        """For each goal, in words, whether it is met. Rows with threads are judged by their time."""
        if self.comparison.counted != ONE_THREAD:
            return []
        return verdicts(self.comparison, self.ours / self.gio, self.floor and self.ours / self.floor)


def totals(file):
    """Instructions in all, and in files called libasyncresult*, of what callgrind wrote."""
    all_of_them = own = 0
    names, is_own, is_call = {}, False, False
    for line in file.read_text(errors="replace").splitlines():
        if line.startswith("ob="):
            number, name = re.match(r"ob=(\(\d+\))(?: (.*))?", line).groups()
            if name:
                names[number] = "libasyncresult" in name
            is_own = names[number]
        elif match := re.match(r"cob=(\(\d+\)) (.*)", line):
            names[match[1]] = "libasyncresult" in match[2]
        elif line.startswith("calls="):
            is_call = True
        elif re.match(r"[-+*\d]", line):
            # The line after a call tells what the callee needed, which is counted where it belongs.
            cost = 0 if is_call else int(line.split()[1])
            is_call = False
            all_of_them += cost
            own += cost if is_own else 0
    return all_of_them, own


def count(programs, library, row, folder, one_thread=True):
    """Instructions per item, in all and in our library. What callgrind wrote of the larger size stays in `folder`."""
    found = []
    output = folder / f"{row}-{library}.callgrind"
    sizes = SIZES if one_thread else SIZES_WITH_THREADS
    # Callgrind would look for the function in each thread: so with threads it is the whole process.
    within = ["--toggle-collect=measured_work"] if one_thread else ["--fair-sched=try"]
    for size in sizes:
        run(["valgrind", "--tool=callgrind", *within, f"--callgrind-out-file={output}",
             *programs.arguments(row, size, 1)], env=programs.environment(library))
        found.append(totals(output))
    return [(larger - smaller) / (sizes[1] - sizes[0]) for smaller, larger in zip(*found)]


def count_floor(programs, floor, folder):
    if isinstance(floor, Sum):
        return sum(count_floor(programs, part, folder) for part in floor.parts)
    return count(programs, GIO, floor.row, folder)[0] if isinstance(floor, Bench) else None


def counts(programs, comparisons, folder):
    """For each row that allows it: what GIO, ours and the floor need."""
    folder.mkdir(parents=True, exist_ok=True)
    for comparison in comparisons:
        if comparison.counted:
            row, one_thread = comparison.name, comparison.counted == ONE_THREAD
            floor = count_floor(programs, comparison.floor, folder)
            yield Counts(comparison, count(programs, GIO, row, folder, one_thread)[0],
                         *count(programs, OURS, row, folder, one_thread), floor)


@dataclass
class Points:
    """Instructions per item of a row, without and with the points at which somebody may watch."""

    comparison: object
    without: float
    with_them: float

    @property
    def growth(self):
        return self.with_them / self.without - 1

    @property
    def verdicts(self):
        # Where several threads work, chance is as large as what is looked for.
        if self.comparison.counted != ONE_THREAD:
            return []
        return [(f"≤ {POINTS_LIMIT:.0%}", self.growth <= POINTS_LIMIT)]


def points(programs, without, comparisons, folder):
    """The same rows on a library that is compiled without the points, and on this one."""
    folder.mkdir(parents=True, exist_ok=True)
    for comparison in comparisons:
        if comparison.counted:
            one_thread = comparison.counted == ONE_THREAD
            found = [[count(library, OURS, comparison.name, folder, one_thread)[0] for library in (without, programs)]
                     for _ in range(1 if one_thread else TIMES_WITH_THREADS)]
            yield Points(comparison, *map(statistics.median, zip(*found)))


def guarded_counts(programs, folder):
    folder.mkdir(parents=True, exist_ok=True)
    return {row: count(programs, OURS, row, folder)[0] for row in GUARDED}


def write_guarded(file, glib, found):
    """The first line says with which GLib that was: its functions are counted as well."""
    rows = "".join(f"{row} {number:.0f}\n" for row, number in found.items())
    file.write_text(f"GLib {glib}\n{rows}")


def read_guarded(file):
    _, *rows = file.read_text().splitlines()
    return {row: float(number) for row, number in map(str.split, rows)}


def deviations(expected, found):
    """In words, the rows whose numbers are not the expected ones."""
    if expected.keys() != found.keys():
        yield f"the file tells of {', '.join(expected)}, and not of {', '.join(found)}"
        return
    for row, number in found.items():
        change = number / expected[row] - 1
        if abs(change) > TOLERANCE:
            yield f"{row}: {number:.0f} instructions, {change:+.1%} against {expected[row]:.0f}"
