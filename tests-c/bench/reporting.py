"""What was measured, as a table, as CSV, as a picture, and in the documentation."""

import csv
import os
import platform
import re
import subprocess
import sys
import textwrap

from catalogue import CURVES, GIO, OURS, Bench
from programs_catalogue import IN_SHORT, IN_SHORT_BEGINNING


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


def programs_table(outcomes):
    lines, group = [], ""
    for each in outcomes:
        lines.append(["" if each.row.group == group else each.row.group, each.row.title, amount(each.stock, "ns"),
                      amount(each.ours, "ns"), ratio(each.wall), f"{each.processor.median:.2f}",
                      f"{each.peak.median:.2f}"])
        group = each.row.group
    behind = [each for each in outcomes if not each.is_ahead]
    verdict_on_all = f"{len(outcomes) - len(behind)} of {len(outcomes)} rows take at most GIO's time."
    return (aligned(["", "", "GIO", "ours", "ours / GIO", "processor time", "peak memory"], lines)
            + f"\n\n{verdict_on_all}")


def recorded_table(outcomes):
    lines, group = [], ""
    for each in outcomes:
        lines.append(["" if each.row.group == group else each.row.group, each.row.title, amount(each.stock, "ns"),
                      amount(each.ours, "ns"), ratio(each.wall), f"{each.processor.median:.2f}"])
        group = each.row.group
    return aligned(["", "", "ours", "recorded", "recorded / ours", "processor time"], lines)


def programs_in_short(outcomes):
    """A few of the ratios, in three lines or so."""
    ratios = {each.row.name: f"{each.wall.median:.2f}" for each in outcomes}
    told = "; ".join(f"{words} {ratios[name]}" for name, words in IN_SHORT.items() if name in ratios)
    return textwrap.fill(f"{IN_SHORT_BEGINNING} {told}.", 118, break_on_hyphens=False)


def write_programs_csv(outcomes, file):
    writer = csv.writer(file)
    writer.writerow("row group title stock_ns ours_ns ratio least most processor_ratio processor_least processor_most "
                    "peak_ratio peak_least peak_most".split())
    for each in outcomes:
        ratios = [number for ratios in (each.wall, each.processor, each.peak)
                  for number in (ratios.median, ratios.least, ratios.most)]
        writer.writerow([each.row.name, each.row.group, each.row.title, each.stock, each.ours, *ratios])


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


def points_table(points):
    lines = [[each.comparison.title, f"{each.without:,.0f}", f"{each.with_them:,.0f}", f"{each.growth:.2%}", verdict(each)]
             for each in points]
    return aligned(["instructions each", "without the points", "with them", "more", "goal"], lines)


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


def draw_programs(outcomes, file):
    """A row each: the median of the ratios, and a line from the least to the most. Left of 1: ahead."""
    height = 60 + 17 * len(outcomes)
    data = [f"{each.wall.median} {number} {each.wall.least} {each.wall.most} {1 if each.is_ahead else 2}"
            for number, each in enumerate(outcomes)]
    tics = ", ".join(f'"{each.row.group}: {each.row.title}" {number}'.replace("`", "")
                     for number, each in enumerate(outcomes))
    script = [
        f"set terminal svg size 1100,{height} font 'sans-serif,12' noenhanced background '#ffffff'",
        f"set output '{file}'", "set logscale x", "set xrange [0.04:4]", "set lmargin at screen 0.5",
        "set xtics ('1/20' 0.05, '1/10' 0.1, '1/5' 0.2, '1/2' 0.5, '1' 1, '2' 2, '4' 4)",
        f"set yrange [{len(outcomes) - 0.5}:-0.5]", f"set ytics ({tics})", "set grid xtics", "unset key",
        "set xlabel 'wall time, ours / GIO: median, least to most'",
        "set arrow from 1, graph 0 to 1, graph 1 nohead lw 1.5 lc rgb '#000000'",
        "$d << EOD", *data, "EOD",
        "plot $d using 1:2:3:4:($5 == 1 ? 0x009e73 : 0xd55e00) with xerrorbars pt 7 ps 0.6 lw 1.5 lc rgb variable",
    ]
    subprocess.run(["gnuplot"], input="\n".join(script), text=True, check=True)


def replace_between_marks(file, name, text):
    """Replaces what stands between <!-- name: begin --> and <!-- name: end -->."""
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    page = file.read_text()
    before, _, rest = page.partition(begin)
    _, mark, after = rest.partition(end)
    if not mark:
        sys.exit(f"{file} has lost its marks: {begin} and {end}")
    file.write_text(f"{before}{begin}\n{text}\n{end}{after}")


def write_measured(file, name, pairs, text):
    replace_between_marks(file, name, f"{machine()}. {pairs} pairs.\n\n{text}")
