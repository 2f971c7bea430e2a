#!/usr/bin/env python3
"""Runs the TAP programs of a meson build folder and records every case.

A program that is missing, dies, runs out of time, or whose cases do not match its plan is a failure of its
own, beside the cases that it got through.
"""
import argparse
import concurrent.futures
import json
import os
import pathlib
import re
import select
import shlex
import signal
import subprocess
import sys

PLAN = re.compile(r'^1\.\.(\d+)(?:\s+#\s*SKIP\s*(.*))?$')
CASE = re.compile(r'^(not )?ok (\d+)\s*(?:- )?(.*?)(?:\s+#\s*(SKIP|TODO)\s*(.*))?$')


def judge(lines, status):
    """The results, (verdict, name), of a program that printed these lines and ended with this status."""
    cases, troubles, plans = [], [], []
    for line in lines:
        plan, case = PLAN.match(line), CASE.match(line)
        if plan:
            plans.append(int(plan[1]))
            if plan[1] == '0':
                troubles.append(('skip', plan[2] or 'no reason given'))
        elif case:
            failed, number, name, directive, reason = case.groups()
            if int(number) != len(cases) + 1:
                troubles.append(('fail', f'case {number} came where {len(cases) + 1} belongs'))
            if failed and directive != 'TODO':
                cases.append(('fail', name))
            elif directive:
                cases.append(('skip', f'{name}: {reason}'))
            else:
                cases.append(('pass', name))
        elif line.startswith('Bail out!'):
            troubles.append(('fail', line))
    if plans != [len(cases)]:
        troubles.append(('fail', f'cases planned: {plans}, seen: {len(cases)}'))
    results = cases + troubles
    if status != 0 and not any(verdict == 'fail' for verdict, _ in results):
        results.append(('fail', f'ended with status {status}'))
    return results


def read_all(process, limit):
    """What it prints, and whether it hangs: prints nothing for so many seconds, and is killed. On a busy machine a whole
    program may take long, but not one case of it."""
    printed = b''
    while select.select([process.stdout], [], [], limit)[0]:
        piece = os.read(process.stdout.fileno(), 1 << 16)
        printed += piece
        if not piece:
            try:
                process.wait(limit)
                return printed, False
            except subprocess.TimeoutExpired:
                break
    os.killpg(process.pid, signal.SIGKILL)
    return printed + process.communicate()[0], True


def run(name, test, args):
    """Runs one program; returns its results. What it printed goes into a log."""
    log = args.logs / re.sub(r'[^\w.-]+', '-', f'{args.label}-{name}.log')
    if test is None:
        log.write_text('It is not in the list of tests-c/meson.build.\n')
        return [('fail', 'not built')], log
    environment = dict(os.environ, **test['env'])
    command = shlex.split(args.wrapper) + test['cmd']
    with open(log, 'wb') as output:
        try:
            process = subprocess.Popen(command, env=environment, cwd=test['workdir'] or args.build, stderr=output,
                                       stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, start_new_session=True)
        except OSError as error:
            output.write(str(error).encode())
            return [('fail', str(error))], log
        printed, hangs = read_all(process, args.timeout)
        output.write(printed)
    late = [('fail', f'nothing happened for {args.timeout} seconds')] if hangs else []
    return judge(printed.decode(errors='replace').splitlines(), process.returncode) + late, log


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--build', type=pathlib.Path, required=True)
    parser.add_argument('--label', required=True, help='stands before every name in the results')
    parser.add_argument('--programs', required=True, help='their names in the build folder, with blanks between')
    parser.add_argument('--wrapper', default='')
    parser.add_argument('--timeout', type=float, default=120, help='for one case, in seconds')
    parser.add_argument('--jobs', type=int, default=3 * os.cpu_count(),
                        help='how many at a time (3 for each processor: mostly they wait)')
    args = parser.parse_args()
    args.logs = pathlib.Path(os.environ['LOGS'])

    introspection = subprocess.run(['meson', 'introspect', '--tests', str(args.build)], check=True,
                                   stdout=subprocess.PIPE)
    built = {test['name']: test for test in json.loads(introspection.stdout)}
    programs = args.programs.split()
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool, open(os.environ['RESULTS'], 'a') as ledger:
        runs = pool.map(lambda name: run(name, built.get(name), args), programs)
        for name, (results, log) in zip(programs, runs):
            report(args.label, name, results, log, ledger)


def report(label, name, results, log, ledger):
    for verdict, case in results:
        ledger.write(f'{verdict}\t{label}: {name}: {case}\n')
    counts = {kind: sum(1 for verdict, _ in results if verdict == kind) for kind in ('pass', 'fail', 'skip')}
    others = ''.join(f', {counts[kind]} {word}' for kind, word in (('fail', 'FAILED'), ('skip', 'skipped'))
                     if counts[kind])
    print(f'   {name}: {counts["pass"]} passed{others}', flush=True)
    if counts['fail']:
        for verdict, case in results:
            if verdict == 'fail':
                print('      failed:', case)
        for line in telling(log.read_text(errors='replace').splitlines()):
            print('     |', line)


def telling(lines):
    """What a log says of its failed cases, and its end."""
    chosen, follows = [], False
    for number, line in enumerate(lines):
        follows = line.startswith('not ok') or (follows and line.startswith('#'))
        if follows or number >= len(lines) - 25:
            chosen.append(line)
    return chosen[-100:]


if __name__ == '__main__':
    main()
