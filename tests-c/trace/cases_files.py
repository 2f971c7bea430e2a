"""The trace's file: its bounds, threads, processes that fork, end and crash, who asks for it, and where none can be."""
import os
import pathlib
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import time

import raw
from expected import Skip, called_back, case, function_of, lives, of, same, texts


@case
def many_tasks(place):
    """Each is there, in one chunk or the next."""
    trace = place.record('many', 3000)
    same([event.strings[0] for event in of(trace, 'Named')], *[f'task {number}' for number in range(3000)])
    same(set(texts(trace)), f'Made Named Returned:2 Arrived {called_back(2)}')
    assert (trace.made, trace.freed, trace.lost) == (3000, 3000, 0) and trace.chunks > 10, trace.chunks


@case
def beyond_the_limit(place):
    """The newest are kept, and those that were written over are counted."""
    trace = place.record('many', 20000, ASYNCRESULT_TRACE_LIMIT='1M')
    names = [event.strings[0] for event in of(trace, 'Named')]
    first = 20000 - len(names)
    assert 0 < first < 20000 - 1000, first
    same(names, *[f'task {number}' for number in range(first, 20000)])
    assert (trace.made, trace.freed, trace.lost) == (20000, 20000, 0), trace
    assert trace.taken > trace.capacity == 16 == trace.chunks, trace.taken
    assert (place.folder / 'trace').stat().st_size == raw.HEADER + 16 * raw.CHUNK
    # Where the code is, is not among what is written over.
    assert trace.maps and 'libasyncresult.so' in ''.join(trace.maps)


@case
def threads_that_end(place):
    """Others go on with their chunks."""
    trace = place.record('threads', 300)
    same(set(texts(trace)), 'Made Named Freed')
    assert len(trace.threads) == 300 == len(lives(trace)) and trace.chunks < 8, trace.chunks


@case
def more_threads_than_chunks(place):
    """What finds no room is counted, and where it is missing a record says so."""
    trace = place.record('crowd', 40, ASYNCRESULT_TRACE_LIMIT='1M')
    # One chunk at least is the map's: so of the forty fifteen have room at most.
    told = sum(event.number for event in of(trace, 'Lost'))
    assert trace.lost >= 25 * 3 and 0 < told <= trace.lost, (told, trace.lost)
    assert trace.made == 80, trace.made


@case
def killed_at_any_moment(place):
    """What was written until then is whole."""
    for _ in range(12):
        with place.running('for_ever', ASYNCRESULT_TRACE_LIMIT=random.choice(['1M', '1G'])):
            time.sleep(random.uniform(0, 0.1) ** 2 * 10)
        file = place.folder / 'trace'
        # It may have been too early for a file, or for what makes it one.
        if file.exists() and file.read_bytes()[:8] == b'asrtrace':
            trace = place.read()
            assert trace.ended == 0
            file.unlink()
        file.unlink(missing_ok=True)


@case
def crashes_and_exits(place):
    trace_file = place.folder / 'trace'
    place.run('crashes', status=-signal.SIGSEGV)
    trace = place.read()
    same(texts(trace), 'Made Named Freed')
    assert trace.ended == 0
    trace_file.unlink()
    trace = place.record('exits_elsewhere')
    same(texts(trace), *['Made Named Freed'] * 2)
    assert trace.ended and len(trace.threads) == 2


@case
def forks(place):
    """A child has a file of its own, if it records anything."""
    trace = place.record('forks')
    same(texts(trace), 'Made Named Freed', f'Made Named Returned:2 {called_back(2)}')
    child, = [file.name for file in place.folder.iterdir() if file.name != 'trace']
    childs = place.read(child)
    assert child == f'trace.{childs.pid}' and childs.parent == trace.pid != childs.pid, (child, childs.pid)
    same(texts(childs), f'Made Named Returned:2 {called_back(2)}')
    assert trace.ended and childs.ended and (trace.made, childs.made) == (2, 1)
    assert set(childs.threads) == {childs.pid} and childs.maps


@case
def becomes_another_program(place):
    place.run('becomes_another')
    first, second = place.read(), place.read(f'trace.{place.read().pid}')
    assert first.pid == second.pid and not first.ended and second.ended
    same(texts(first), 'Made Named Freed')
    same(texts(second), f'Made Named Returned:2 {called_back(2)}')


@case
def into_a_folder(place):
    """Each process has a file of its own, and none is replaced."""
    for _ in range(2):
        place.run('forks', trace='folder/')
    names = sorted(file.name for file in (place.folder / 'folder').iterdir())
    same([bool(re.fullmatch(r'\d+\.1\.asrtrace', name)) for name in names], *[True] * 4)
    same(sorted(place.read('folder/' + name).pid for name in names), *sorted(int(name.split('.')[0]) for name in names))


@case
def traces_that_are_there(place):
    """An old one is replaced; one that somebody writes to is not."""
    place.run('never')
    place.run('at_once')
    same(texts(place.read()), f'Made Named Returned:2 {called_back(2)}')
    trace_file = place.folder / 'trace'
    trace_file.unlink()
    with place.running('for_ever', ASYNCRESULT_TRACE_LIMIT='1M') as process:
        while not trace_file.exists() or trace_file.stat().st_size < raw.HEADER + 3 * raw.CHUNK:
            time.sleep(0.01)
        place.run('never')
        other, = [file.name for file in place.folder.iterdir() if file.name != 'trace']
        same(texts(place.read(other)), 'Made Named Freed')
    assert place.read().pid == process.pid
    # An empty file may have been made for it.
    (place.folder / 'empty').touch()
    place.run('never', trace='empty')
    same(texts(place.read('empty')), 'Made Named Freed')


@case
def no_room(place):
    """The disk is full: a line, the newest events are kept, and the program goes on."""
    limit = raw.HEADER + 8 * raw.CHUNK
    limited = ['prlimit', f'--fsize={limit}', place.program, 'many', '5000']
    done = subprocess.run(limited, env=place.environment(ASYNCRESULT_TRACE='trace'), cwd=place.folder,
                          stderr=subprocess.PIPE, text=True, timeout=120)
    line = r'ASYNCRESULT_TRACE: \S+/trace: File too large .*\. From now on the oldest events are written over\n'
    assert done.returncode == 0 and re.fullmatch(line, done.stderr), done.stderr
    trace = place.read()
    assert trace.made == 5000 and of(trace, 'Named')[-1].strings == ['task 4999'] and trace.lost == 0, trace.lost
    limited[1] = '--fsize=100'
    done = subprocess.run(limited, env=place.environment(ASYNCRESULT_TRACE='small'), cwd=place.folder,
                          stderr=subprocess.PIPE, text=True, timeout=120)
    assert done.returncode == 0 and done.stderr.count('\n') == 1 and 'Nothing is recorded' in done.stderr, done.stderr


@case
def a_program_that_closes_everything(place):
    trace = place.record('closes_all')
    assert trace.made == 3000 and trace.lost == 0 and trace.chunks > 10
    assert (place.folder / 'mine').stat().st_size == 0


def ask(path):
    """What is sent by whoever listens there."""
    with socket.socket(socket.AF_UNIX) as asking:
        asking.settimeout(20)
        # It has the name before it listens.
        for _ in range(200):
            if asking.connect_ex(str(path)) == 0:
                break
            time.sleep(0.1)
        content, descriptors, _, _ = socket.recv_fds(asking, 1, 1)
        assert content == b'\n' and len(descriptors) == 1, (content, descriptors)
        return descriptors[0]


@case
def who_asks_while_it_runs(place):
    """The same user gets the trace as it is; and nothing is left of the socket."""
    place.folder.joinpath('run').mkdir(0o700)
    sockets = place.folder / 'run' / 'asyncresult'
    # Something of a dead process, which does not matter.
    with place.running('waits', XDG_RUNTIME_DIR=str(place.folder / 'run')) as process:
        path = sockets / f'{process.pid}.sock'
        while not path.exists():
            time.sleep(0.01)
        assert sockets.stat().st_mode & 0o777 == 0o700
        seen = []
        # It listens before the first event is written.
        while seen != ['Made Named']:
            descriptor = ask(path)
            trace = raw.read(f'/proc/self/fd/{descriptor}')
            os.close(descriptor)
            seen = texts(trace)
            assert trace.pid == process.pid and seen in ([], ['Made'], ['Made Named']), seen
        # Whoever says nothing keeps nobody from asking.
        with socket.socket(socket.AF_UNIX) as silent:
            silent.connect(str(path))
            os.close(ask(path))
        if os.getuid() == 0:
            # Others could not get here; and if they could:
            for folder in place.folder, place.folder / 'run', sockets:
                folder.chmod(0o711)
            path.chmod(0o777)
            code = f'import socket; s = socket.socket(socket.AF_UNIX); s.connect({str(path)!r}); print(s.recv(1))'
            done = subprocess.run(['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', sys.executable, '-c', code],
                                  stdout=subprocess.PIPE, text=True, timeout=20, env={}, cwd='/')
            assert done.stdout.strip() in ("b''", ''), done
    place.run('at_once', XDG_RUNTIME_DIR=str(place.folder / 'run'), trace='other')
    assert [file.name for file in sockets.iterdir()] == [path.name], list(sockets.iterdir())
    # Into a folder that others may open no socket is put.
    sockets.chmod(0o755)
    path.unlink()
    place.run('at_once', XDG_RUNTIME_DIR=str(place.folder / 'run'), trace='other')


@case
def where_no_trace_can_be(place):
    """One line, and the program is as it was."""
    (place.folder / 'text').write_text('mine')
    (place.folder / 'folder').mkdir()
    os.mkfifo(place.folder / 'pipe')
    for target, reason in {
            'text': 'something else is there already, and is left as it is', 'folder': 'Is a directory.*',
            'pipe': 'something else .*', '/dev/null': 'something else .*', 'text/': '.*', 'text/file': 'Not a directory.*',
            'nowhere/file': 'No such file or directory.*', 'nowhere/folder/': 'No such file or directory.*',
            '/proc/self/trace': '.*'}.items():
        place.run('at_once', trace=target, says=rf'ASYNCRESULT_TRACE: \S+: {reason}\. Nothing is recorded\n')
    assert (place.folder / 'text').read_text() == 'mine'
    same(sorted(file.name for file in place.folder.iterdir()), 'folder', 'pipe', 'text')
    for limit in 'x', '1T', '-1':
        place.run('never', ASYNCRESULT_TRACE_LIMIT=limit, says=rf'ASYNCRESULT_TRACE: ASYNCRESULT_TRACE_LIMIT={limit} .*\n')
        assert place.read().capacity == 4096
    # An empty one asks for nothing.
    place.run('at_once', trace=None, ASYNCRESULT_TRACE='')


@case
def not_installed(place):
    """One warning, and the program goes on."""
    shutil.copy(place.library, place.folder / 'libasyncresult.so.1')
    shutil.copy(place.program, place.folder / 'program')
    more = {'program': str(place.folder / 'program'), 'LD_LIBRARY_PATH': str(place.folder),
            'LD_PRELOAD': 'libasyncresult.so.1'}
    warning = r'\n?.*GLib-GIO-WARNING .*ASYNCRESULT_TRACE: the recorder, libasyncresult-trace.so, cannot be loaded .*\n'
    place.run('at_once', says=warning, **more)
    assert not (place.folder / 'trace').exists()
    # Something else of that name.
    (place.folder / 'libasyncresult-trace.so').write_text('no library')
    place.run('at_once', says=warning, **more)
    # Of another version than the library.
    shutil.copy(place.recorder, place.folder)
    content = pathlib.Path(place.library).read_bytes()
    written = place.version.encode() + b'\0'
    assert written in content
    library = place.folder / 'libasyncresult.so.1'
    library.write_bytes(content.replace(written, b'9' * len(place.version) + b'\0'))
    place.run('at_once', says=r'ASYNCRESULT_TRACE: .* the library of version 9+: .*Nothing is recorded\n', **more)
    shutil.copy(place.library, library)
    # Installed, it is found in a folder beside the library.
    (place.folder / 'libasyncresult-trace.so').unlink()
    (place.folder / 'asyncresult').mkdir()
    shutil.copy(place.recorder, place.folder / 'asyncresult')
    same(texts(place.record('at_once', **more)), f'Made Named Returned:2 {called_back(2)}')


@case
def part_of_the_program(place):
    shutil.copy(place.static, place.folder / 'static')
    shutil.copy(place.recorder, place.folder)
    trace = place.record('never', program=str(place.folder / 'static'))
    same(texts(trace), 'Made Named Freed')
    made = of(trace, 'Made')[0]
    assert 'never' in [function_of(place, trace, word, behind=True) for word in made.words[4:]], made


@case
def stepped_back_to_libgio(place):
    place.run('at_once', ASYNCRESULT_GIO='load',
              says=r"ASYNCRESULT_TRACE: libgio's types are used in this process, .*\n")
    assert not (place.folder / 'trace').exists()


@case
def with_the_checker(place):
    """Both are told, and each does what it does alone."""
    if not (pathlib.Path(place.library).parent / 'libasyncresult-check.so').exists():
        raise Skip('built without the checker')
    trace = place.record('twice', ASYNCRESULT_DEBUG='tasks', says=r'.*: GTask twice \(made by .*: GTask twice \(made by .*')
    same(texts(trace), f'Made Named Returned:2 Arrived ReturnedAgain ReturnedAgain {called_back(2)}')
