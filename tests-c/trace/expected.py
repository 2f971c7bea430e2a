"""What the cases share: a place where the program runs, and how its trace is told."""
import contextlib
import os
import re
import subprocess

import raw

CASES = []
KINDS = {'p': 1, 'i': 2, 'b': 3, 'v': 4}


class Skip(Exception):
    pass


def case(function):
    CASES.append(function)
    return function


class Place:
    def __init__(self, args, folder):
        self.folder = folder
        self.program, self.library, self.recorder, self.static = map(os.path.abspath, (
            args.program, args.library, args.recorder, args.static))
        self.version, self.without = args.version, args.without

    def environment(self, **more):
        environment = {key: value for key, value in os.environ.items()
                       if not key.startswith(('LD_', 'ASYNCRESULT_', 'G_', 'XDG_RUNTIME_DIR'))}
        # GLib 2.74 has an allocator of its own, with a lock that a child may find taken.
        return environment | {'G_SLICE': 'always-malloc'} | more

    def run(self, name, *arguments, trace='trace', status=0, says='', program=None, **more):
        """Runs a function of the program, which says only what fits the pattern."""
        if trace:
            more['ASYNCRESULT_TRACE'] = trace
        done = subprocess.run([program or self.program, name, *map(str, arguments)], env=self.environment(**more),
                              cwd=self.folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                              stderr=subprocess.PIPE, text=True, timeout=120)
        assert done.returncode == status, f'status {done.returncode}: {done.stderr}'
        assert re.fullmatch(says, done.stderr, re.DOTALL), done.stderr
        return done.stderr

    @contextlib.contextmanager
    def running(self, name, **more):
        """The program runs meanwhile, and is killed."""
        with subprocess.Popen([self.program, name], env=self.environment(ASYNCRESULT_TRACE='trace', **more),
                              cwd=self.folder) as process:
            try:
                yield process
            finally:
                process.kill()

    def read(self, trace='trace'):
        """A trace, in which what must hold in each holds."""
        trace = raw.read(self.folder / trace)
        for thread, events in trace.threads.items():
            trace.threads[thread] = [event for event in events if event.name != self.without]
        raw.check(trace)
        return trace

    def record(self, name, *arguments, **more):
        self.run(name, *arguments, **more)
        return self.read()


BEGINNINGS = 'Made', 'CancellableMade'


def lives(trace):
    """What became of each object, in the order in which they were made: lists of events."""
    found, current = [], {}
    for event in trace.events:
        address = event.words[0] if event.name == 'Arrived' else event.object
        if not address:
            continue
        if event.name in BEGINNINGS:
            assert address not in current, f'{event} is in use'
            current[address] = []
            found.append(current[address])
        assert address in current, f'{event} was not made'
        current[address].append(event)
        if event.name in ('Freed', 'CancellableFreed'):
            del current[address]
    return found


def texts(trace):
    return [' '.join(f'{event.name}:{event.small}' if event.small else event.name for event in life)
            for life in lives(trace)]


def called_back(kind):
    return f'CallbackBegun Propagated:{kind} CallbackEnded Completed Freed:1'


def same(seen, *expected):
    assert list(seen) == list(expected), 'expected:\n' + '\n'.join(map(str, expected)) + '\nseen:\n' + '\n'.join(map(str, seen))


def of(trace, name):
    return [event for event in trace.events if event.name == name]


def function_of(place, trace, address, behind=False):
    """The name of the function that an address lies in. A return address is behind its call."""
    address -= behind
    for line in ''.join(trace.maps).splitlines():
        start, end, offset, path = re.match(r'(\w+)-(\w+) \S+ (\w+) \S+ \S+ *(.*)', line).groups()
        if int(start, 16) <= address < int(end, 16) and path:
            found = subprocess.run(['addr2line', '-fe', path, hex(address - int(start, 16) + int(offset, 16))], check=True,
                                   stdout=subprocess.PIPE, text=True)
            return found.stdout.split('\n', 1)[0]
    return None
