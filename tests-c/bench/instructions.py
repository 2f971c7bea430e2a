"""Counts instructions with callgrind: numbers that repeat, for rows in which only one thread works."""

import re
import shutil
from dataclasses import dataclass

from catalogue import GIO, GUARDED, OURS, Bench
from measuring import run

# Two sizes; the difference leaves out what happens only once.
SMALLER, LARGER = 1_000, 3_000
TOLERANCE = 0.03


def is_possible():
    return shutil.which("valgrind") is not None


@dataclass
class Counts:
    """Instructions per item of a row."""

    row: str
    gio: float
    ours: float
    # Of ours: those in the library's own code, not in GLib, GObject and libc.
    own: float
    floor_name: str
    floor: float | None


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


def count(programs, library, row, folder):
    """Instructions per item, in all and in our library. What callgrind wrote of the larger size stays in `folder`."""
    found = []
    output = folder / f"{row}-{library}.callgrind"
    for size in (SMALLER, LARGER):
        run(["valgrind", "--tool=callgrind", "--toggle-collect=measured_work", f"--callgrind-out-file={output}",
             *programs.arguments(row, size, 1)], env=programs.environment(library))
        found.append(totals(output))
    return [(larger - smaller) / (LARGER - SMALLER) for smaller, larger in zip(*found)]


def counts(programs, comparisons, folder):
    """For each row that allows it: what GIO, ours and the floor need."""
    folder.mkdir(parents=True, exist_ok=True)
    for comparison in comparisons:
        if comparison.one_thread:
            row, below = comparison.name, comparison.floor
            floor = count(programs, GIO, below.row, folder)[0] if isinstance(below, Bench) else None
            yield Counts(row, count(programs, GIO, row, folder)[0], *count(programs, OURS, row, folder),
                         comparison.floor_name, floor)


def guarded_counts(programs, folder):
    folder.mkdir(parents=True, exist_ok=True)
    return {row: count(programs, OURS, row, folder)[0] for row in GUARDED}


def write_guarded(file, found):
    file.write_text("".join(f"{row} {number:.0f}\n" for row, number in found.items()))


def read_guarded(file):
    return {row: float(number) for row, number in (line.split() for line in file.read_text().splitlines())}


def deviations(expected, found):
    """In words, the rows whose numbers are not the expected ones."""
    if expected.keys() != found.keys():
        yield f"the file tells of {', '.join(expected)}, and not of {', '.join(found)}"
        return
    for row, number in found.items():
        change = number / expected[row] - 1
        if abs(change) > TOLERANCE:
            yield f"{row}: {number:.0f} instructions, {change:+.1%} against {expected[row]:.0f}"
