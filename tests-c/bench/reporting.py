"""What was measured, as a table, as CSV, as a picture, and in the documentation."""

import csv
import os
import platform
import re
import subprocess
import sys

from catalogue import CURVES, GIO, OURS, Bench

BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"


def amount(value, unit):
    """A value with three digits or so."""
    if value is None:
        return ""
    if unit == "ns":
        for step, name in ((1e9, "s"), (1e6, "ms"), (1e3, "µs")):
            if value >= 0.9995 * step:
                return f"{value / step:.3g} {name}"
        return f"{value:.0f} ns"
    if unit == "bytes" and value >= 10_000:
        return f"{value / 1000:,.0f} kB"
    return f"{value:,.0f} {unit}"


def ratio(ratios):
    if ratios is None:
        return ""
    digits = 2 if ratios.median >= 0.1 else 3
    return f"{ratios.median:.{digits}f} ({ratios.least:.{digits}f}–{ratios.most:.{digits}f})"


def verdict(outcome):
    return ", ".join(f"{goal}: {'met' if met else 'NOT MET'}" for goal, met in outcome.verdicts) or "–"


def columns(outcome):
    compared = outcome.comparison
    floor = f"{amount(outcome.floor, compared.unit)} ({compared.floor_name})" if outcome.floor else ""
    return [compared.title, amount(outcome.first, compared.unit), amount(outcome.second, compared.unit),
            ratio(outcome.ratios), verdict(outcome), floor, ratio(outcome.floor_ratios)]


def aligned(head, lines):
    """A table that reads well as text and as Markdown."""
    widths = [max(map(len, column)) for column in zip(head, *lines)]

    def row(cells):
        return "| " + " | ".join(cell.ljust(width) for cell, width in zip(cells, widths)) + " |"

    return "\n".join([row(head), "|" + "|".join("-" * (width + 2) for width in widths) + "|", *map(row, lines)])


def tables(beside_gio, scaling):
    parts = []
    if beside_gio:
        parts.append(aligned(["", "GIO", "ours", "ours / GIO", "goal", "floor", "ours / floor"],
                             [columns(outcome) for outcome in beside_gio]))
    if scaling:
        parts.append(aligned(["second / first", "first", "second", "ratio", "goal"],
                             [columns(outcome)[:5] for outcome in scaling]))
    return "\n\n".join(parts)


def write_csv(outcomes, file):
    writer = csv.writer(file)
    writer.writerow("row title unit first second ratio least most goals floor floor_value "
                    "floor_ratio floor_least floor_most".split())
    for outcome in outcomes:
        compared, floors = outcome.comparison, outcome.floor_ratios
        writer.writerow([
            compared.name, compared.title, compared.unit, outcome.first, outcome.second,
            outcome.ratios.median, outcome.ratios.least, outcome.ratios.most, verdict(outcome),
            compared.floor_name, outcome.floor or "",
            *([floors.median, floors.least, floors.most] if floors else ["", "", ""]),
        ])


def instruction_table(counts):
    lines = []
    for each in counts:
        floor = f"{each.floor:,.0f} ({each.comparison.floor_name})" if each.floor else ""
        lines.append([each.comparison.title, f"{each.gio:,.0f}", f"{each.ours:,.0f}", f"{each.own:,.0f}",
                      f"{each.ours / each.gio:.2f}", verdict(each), floor,
                      f"{each.ours / each.floor:.2f}" if each.floor else ""])
    return aligned(["instructions each", "GIO", "ours", "of these, in the library itself", "ours / GIO", "goal",
                    "floor", "ours / floor"], lines)


def measure_curves(programs):
    """For each row and library, points: how many, and nanoseconds each."""
    curves = {}
    for row, title, sizes, limit in CURVES:
        for size in sizes:
            for library in (GIO, OURS):
                if library == OURS or size <= limit:
                    rounds = 3 if size <= 8_000 else 1
                    value = programs.value(Bench(library, row, size, rounds))
                    curves.setdefault((title, library), []).append((size, value))
    return curves


def draw(curves, file):
    """One colour for each row: GIO dashed, ours solid."""
    titles = list(dict.fromkeys(title for title, _ in curves))
    colours = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#7f6000"]
    script = [
        "set terminal svg size 1000,520 font 'sans-serif,13' background '#ffffff'", f"set output '{file}'",
        "set logscale xy", "set xrange [80:160000]", "set format x '%.0s%c'", "set grid", "set key outside right top",
        "set xlabel 'tasks'", "set ylabel 'microseconds each'",
    ]
    plots = []
    for (title, library), points in curves.items():
        colour = colours[titles.index(title)]
        block = f"$d{len(plots)}"
        script += [f"{block} << EOD", *(f"{size} {value / 1000}" for size, value in points), "EOD"]
        style = "dashtype 2 pt 6" if library == GIO else "pt 7"
        plots.append(f"{block} with linespoints lw 2 ps 0.6 lc rgb '{colour}' {style} title '{title}, {library}'")
    script.append("plot " + ", ".join(plots))
    subprocess.run(["gnuplot"], input="\n".join(script), text=True, check=True)


def machine():
    """What the numbers depend on."""

    def said(*command):
        try:
            return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
        except (OSError, subprocess.CalledProcessError):
            return "unknown"

    with open("/proc/cpuinfo", encoding="utf-8") as cpuinfo:
        processor = re.search(r"^model name\s*: (.*)", cpuinfo.read(), re.MULTILINE)
    with open("/proc/meminfo", encoding="utf-8") as meminfo:
        memory = int(re.search(r"MemTotal:\s*(\d+)", meminfo.read())[1]) / 2**20
    virtual = said("systemd-detect-virt") not in ("none", "unknown")
    return (f"{processor[1] if processor else platform.machine()}, {os.cpu_count()} CPUs"
            f"{' (a virtual machine)' if virtual else ''}, {memory:.0f} GiB; "
            f"Linux {platform.release()}, {' '.join(platform.libc_ver())}; "
            f"GLib {said('pkg-config', '--modversion', 'glib-2.0')}; {said('rustc', '--version')}")


def write_docs(file, pairs, text):
    """Replaces what stands between the two marks."""
    page = file.read_text()
    before, _, rest = page.partition(BEGIN)
    _, mark, after = rest.partition(END)
    if not mark:
        sys.exit(f"{file} has lost its marks: {BEGIN} and {END}")
    block = f"{BEGIN}\n{machine()}. {pairs} pairs.\n\n{text}\n{END}"
    file.write_text(before + block + after)
