#!/usr/bin/env python3
"""Measures the library beside GIO. scripts/bench builds everything first, and calls this."""

import argparse
import fnmatch
import os
import sys
from pathlib import Path

import instructions
import programs as whole_programs
import reporting
from catalogue import BESIDE_GIO, SCALING
from measuring import Failure, Programs, compare_all, glib_version
from programs_catalogue import PROGRAMS

HERE = Path(__file__).parent
TREE = HERE.parent.parent
DOCS, README = TREE / "docs", TREE / "README.md"
GUARD_FILE = HERE / "instructions.txt"
SKIPPED = 77


def positive(text):
    number = int(text)
    if number < 1:
        raise ValueError
    return number


def options():
    parser = argparse.ArgumentParser(prog="bench", description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--pairs", type=positive, default=7, help="how often GIO and ours take turns (7)")
    parser.add_argument("--rows", default="*", metavar="PATTERN", help="only rows with such a name (* and ? allowed)")
    parser.add_argument("--csv", action="store_true", help="print CSV instead of tables")
    parser.add_argument("--plot", type=Path, metavar="FILE.svg",
                        help="also draw how the rows grow with their size, or the programs' ratios")
    parser.add_argument("--write-docs", action="store_true",
                        help="put tables and picture into docs/performance.md, some of the programs into README.md")
    parser.add_argument("--quick", action="store_true", help="run each row once, small; print no numbers")
    parser.add_argument("--programs", action="store_true", help="not these rows: whole programs under asyncresult-run")
    parser.add_argument("--recorded", action="store_true",
                        help="with --programs: not GIO and ours, but ours without and with the recorder")
    parser.add_argument("--instructions", action="store_true", help="count instructions, with callgrind")
    parser.add_argument("--points", action="store_true",
                        help="count what the points cost at which the checker or the recorder may watch, while none does")
    parser.add_argument("--check", action="store_true", help="compare instruction counts with the recorded ones")
    parser.add_argument("--record", action="store_true", help="record the instruction counts that --check expects")
    parser.add_argument("--list", action="store_true", help="print the rows' names (with --programs: theirs)")
    parser.add_argument("--only-look", action="store_true", help=argparse.SUPPRESS)
    chosen_options = parser.parse_args()
    if chosen_options.write_docs and chosen_options.rows != "*":
        parser.error("--write-docs replaces whole tables: not with --rows")
    if chosen_options.recorded and (not chosen_options.programs or chosen_options.write_docs or chosen_options.plot):
        parser.error("--recorded is for --programs, and neither for --plot nor for --write-docs")
    if chosen_options.csv and (chosen_options.instructions or chosen_options.points):
        parser.error("--csv is not for --instructions and --points")
    rows = chosen(PROGRAMS if chosen_options.programs else BESIDE_GIO + SCALING, chosen_options.rows)
    if not rows:
        parser.error(f"no row is called {chosen_options.rows}: --list names them")
    if chosen_options.list:
        print(*(row.name for row in rows), sep="\n")
    if chosen_options.list or chosen_options.only_look:
        sys.exit()
    return chosen_options


def is_newer_gio():
    """Whether the GIO at hand is a later one than the oldest that is supported."""
    return glib_version() >= (2, 76)


def beside_gio():
    """The rows that say something beside the GIO at hand."""
    return [row for row in BESIDE_GIO if is_newer_gio() or not row.newer_only]


def mark(name):
    """Which place in the documentation is for the GIO at hand."""
    return f"{name}-newer" if is_newer_gio() else name


def chosen(comparisons, pattern):
    return [row for row in comparisons if fnmatch.fnmatch(row.name, f"*{pattern}*")]


def smoke(outcomes):
    print(f"{len(list(outcomes))} rows: done")


def guard(programs, logs, record):
    found = instructions.guarded_counts(programs, logs)
    if record:
        instructions.write_guarded(GUARD_FILE, ".".join(map(str, glib_version()[:2])), found)
        return
    if not GUARD_FILE.exists():
        sys.exit("nothing is recorded yet: scripts/bench --record")
    changes = list(instructions.deviations(instructions.read_guarded(GUARD_FILE), found))
    print("\n".join(changes) or f"{len(found)} workloads: within {instructions.TOLERANCE:.0%}")
    if changes:
        sys.exit("If this is meant: scripts/bench --record")


def measure(programs, chosen_options):
    rows = chosen_options.rows
    beside = list(compare_all(programs, chosen(beside_gio(), rows), chosen_options.pairs))
    scaling = list(compare_all(programs, chosen(SCALING, rows), chosen_options.pairs))
    if not beside + scaling:
        sys.exit(f"no row is called {rows}")
    text = reporting.tables(beside, scaling)
    if chosen_options.csv:
        reporting.write_csv(beside + scaling, sys.stdout)
    else:
        print(text)
    picture = DOCS / f"{mark('performance')}.svg" if chosen_options.write_docs else chosen_options.plot
    if picture:
        reporting.draw(reporting.measure_curves(programs), picture)
    if chosen_options.write_docs:
        reporting.write_measured(DOCS / "performance.md", mark("measured"), chosen_options.pairs, text)


def measure_programs(chosen_options):
    outcomes = list(whole_programs.compare_all(chosen_options.build, chosen(PROGRAMS, chosen_options.rows),
                                               chosen_options.pairs, recorded=chosen_options.recorded))
    if not outcomes:
        sys.exit(f"no row is called {chosen_options.rows}")
    text = reporting.recorded_table(outcomes) if chosen_options.recorded else reporting.programs_table(outcomes)
    if chosen_options.csv:
        reporting.write_programs_csv(outcomes, sys.stdout)
    else:
        print(text)
    picture = DOCS / "programs.svg" if chosen_options.write_docs else chosen_options.plot
    if picture:
        reporting.draw_programs(outcomes, picture)
    if chosen_options.write_docs:
        reporting.write_measured(DOCS / "performance.md", "programs", chosen_options.pairs, text)
        reporting.replace_between_marks(README, "programs", reporting.programs_in_short(outcomes))


def count_instructions(programs, chosen_options, logs):
    counts = list(instructions.counts(programs, chosen(beside_gio(), chosen_options.rows), logs))
    if not counts:
        sys.exit(f"no row whose instructions are counted is called {chosen_options.rows}")
    text = reporting.instruction_table(counts)
    print(text)
    if chosen_options.write_docs:
        reporting.replace_between_marks(DOCS / "performance.md", mark("instructions"), text)


def count_points(programs, chosen_options, logs):
    without = Programs(chosen_options.build, ours=chosen_options.build.parent / "without-points")
    points = list(instructions.points(programs, without, chosen(beside_gio(), chosen_options.rows), logs))
    if not points:
        sys.exit(f"no row whose instructions are counted is called {chosen_options.rows}")
    text = reporting.points_table(points)
    print(text)
    if chosen_options.write_docs:
        reporting.replace_between_marks(DOCS / "performance.md", mark("points"), text)
    if not all(met for each in points for _, met in each.verdicts):
        sys.exit("The points cost more than they may")


def main():
    chosen_options = options()
    programs = Programs(chosen_options.build, chosen_options.quick)
    # Nothing that a developer has set may slow one of the libraries down.
    for variable in ("G_MESSAGES_DEBUG", "G_DEBUG", "ASYNCRESULT_DEBUG"):
        os.environ.pop(variable, None)
    counting = chosen_options.instructions or chosen_options.points or chosen_options.check or chosen_options.record
    if counting and not instructions.is_possible():
        print("valgrind is not installed")
        sys.exit(SKIPPED)
    logs = chosen_options.build.parent / "logs" / "bench"
    if chosen_options.programs and chosen_options.quick:
        smoke(whole_programs.compare_all(chosen_options.build, chosen(PROGRAMS, chosen_options.rows), 1, quick=True,
                                         recorded=chosen_options.recorded))
    elif chosen_options.programs:
        measure_programs(chosen_options)
    elif chosen_options.check or chosen_options.record:
        guard(programs, logs, chosen_options.record)
    elif chosen_options.points:
        count_points(programs, chosen_options, logs)
    elif chosen_options.instructions:
        count_instructions(programs, chosen_options, logs)
    elif chosen_options.quick:
        smoke(compare_all(programs, chosen(beside_gio() + SCALING, chosen_options.rows), 1))
    else:
        measure(programs, chosen_options)


if __name__ == "__main__":
    try:
        main()
    except Failure as failure:
        sys.exit(str(failure))
