"""What the tests of this folder share: cases in TAP, and gdb in batch mode."""
import os
import shutil
import subprocess
import sys

CASES = []


class Skip(Exception):
    pass


def case(function):
    CASES.append(function)
    return function


def run_cases(*arguments):
    """Calls each case, and ends the program."""
    print(f'1..{len(CASES)}')
    failed = False
    for number, function in enumerate(CASES, 1):
        name = function.__name__.replace('_', ' ')
        try:
            function(*arguments)
            print(f'ok {number} {name}', flush=True)
        except Skip as reason:
            print(f'ok {number} {name} # SKIP {reason}', flush=True)
        except (AssertionError, OSError, subprocess.SubprocessError) as error:
            failed = True
            print(f'not ok {number} {name}', flush=True)
            for line in str(error).splitlines():
                print(f'# {line}', flush=True)
    sys.exit(failed)


def environment(**more):
    """That of a user, without what would change how the library behaves."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(('LD_', 'ASYNCRESULT_', 'G_'))}
    return {**kept, **more}


def gdb(*arguments, commands=(), options=(), **more):
    """What gdb prints, on both streams, when it is given these commands and a program with its arguments."""
    if not shutil.which('gdb'):
        raise Skip('gdb is not installed')
    words = ['gdb', '-q', '-nx', '-batch', '-iex', 'set debuginfod enabled off', *options]
    for command in commands:
        words += ['-ex', command]
    done = subprocess.run([*words, '--args', *map(str, arguments)] if arguments else words, env=environment(**more),
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          timeout=240)
    if 'ptrace: Operation not permitted' in done.stdout or 'Could not trace the inferior' in done.stdout:
        raise Skip('gdb may not trace')
    return done.stdout
