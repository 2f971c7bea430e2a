"""GIO's asynchronous core from Python: every line it prints is the same on any implementation of that core."""
import asyncio
import itertools
import os
import threading

import gi

gi.require_version('Gio', '2.0')
from gi.repository import Gio, GLib, GObject  # noqa: E402

loop = GLib.MainLoop()


class Result(GObject.Object, Gio.AsyncResult):
    """Gio.AsyncResult, implemented here."""

    def __init__(self, source):
        super().__init__()
        self.source = source

    def do_get_source_object(self):
        return self.source

    def do_get_user_data(self):
        return None

    def do_is_tagged(self, tag):
        return False


def interface():
    source = Gio.Cancellable()
    result = Result(source)
    print('interface', isinstance(result, Gio.AsyncResult), result.get_source_object() is source,
          type(result.get_user_data()).__name__, result.is_tagged(None), result.legacy_propagate_error())
    print('types', [type_.name for type_ in (Gio.AsyncResult.__gtype__, Gio.Task.__gtype__,
                                             Gio.SimpleAsyncResult.__gtype__, Gio.Cancellable.__gtype__)])
    print('parents', Gio.Task.__gtype__.parent.name, Gio.Cancellable.__gtype__.parent.name,
          [interface.name for interface in Gio.Task.__gtype__.interfaces])


def returns(name, give, take):
    """One task whose result is given here and taken in its callback."""
    def callback(source, task, *_):
        try:
            print(name, Gio.Task.is_valid(task, source), task.had_error(), take(task), task.get_completed())
        except GLib.Error as error:
            print(name, error.domain, error.code, error.message)
        loop.quit()

    task = Gio.Task.new(Gio.Cancellable(), None, callback)
    task.set_name(name)
    task.connect('notify::completed', lambda task, _: print(name, 'completed', task.get_completed(), task.get_name()))
    give(task)
    loop.run()


def tasks():
    returns('boolean', lambda task: task.return_boolean(True), lambda task: task.propagate_boolean())
    returns('integer', lambda task: task.return_int(-7), lambda task: task.propagate_int())
    returns('value', lambda task: task.return_value('text'), lambda task: task.propagate_value())
    returns('error', lambda task: task.return_error(
        GLib.Error.new_literal(Gio.io_error_quark(), 'full', Gio.IOErrorEnum.NO_SPACE)),
            lambda task: task.propagate_boolean())


def cancellables():
    calls = []
    cancellable = Gio.Cancellable()
    # Gio.Cancellable.connect is g_cancellable_connect, and hides the signals' own connect.
    GObject.Object.connect(cancellable, 'cancelled', lambda _: calls.append('signal'))
    cancellable.connect(lambda *_: calls.append('connected'))
    dropped = cancellable.connect(lambda *_: calls.append('dropped'))
    cancellable.disconnect(dropped)
    source = cancellable.source_new()
    source.set_callback(lambda *_: (calls.append('source'), loop.quit(), False)[-1])
    source.attach(None)
    cancellable.cancel()
    loop.run()
    try:
        cancellable.set_error_if_cancelled()
    except GLib.Error as error:
        calls.append(error.matches(Gio.io_error_quark(), Gio.IOErrorEnum.CANCELLED))
    cancellable.push_current()
    calls.append(Gio.Cancellable.get_current() is cancellable)
    cancellable.pop_current()
    cancellable.reset()
    print('cancellable', calls, cancellable.is_cancelled())


def files():
    """Files read and written asynchronously, a hundred at once, the last of them cancelled."""
    pending, outcomes = 100, {}
    cancelled = Gio.Cancellable()
    cancelled.cancel()

    def loaded(file, result, number):
        nonlocal pending
        try:
            _, contents, _ = file.load_contents_finish(result)
            outcomes[number] = len(contents)
        except GLib.Error as error:
            outcomes[number] = Gio.IOErrorEnum(error.code).value_nick
        pending -= 1
        if pending == 0:
            loop.quit()

    for number in range(pending):
        path = f'file-{number}'
        if number != 50:
            with open(path, 'w') as file:
                file.write('x' * number * 1000)
        Gio.File.new_for_path(path).load_contents_async(cancelled if number == 99 else None, loaded, number)
    loop.run()
    print('files', [outcomes[number] for number in sorted(outcomes)])


def threads():
    """Tasks that run in threads of the core, and tasks that Python's threads return."""
    here = threading.get_ident()
    elsewhere, results, numbers = [], [], itertools.count(1)

    def function(task, source, data, cancellable):
        elsewhere.append(threading.get_ident() != here)
        task.return_int(next(numbers))

    def finished(source, task, *_):
        results.append(task.propagate_int())
        if len(results) == 40:
            loop.quit()

    for number in range(20):
        Gio.Task.new(None, None, finished).run_in_thread(function)
        task = Gio.Task.new(None, None, finished)
        threading.Thread(target=task.return_int, args=(100 + number,)).start()
    loop.run()
    print('threads', sorted(results), all(elsewhere), len(elsewhere))


def on_asyncio():
    """Coroutines of asyncio that wait for GIO, whose loop runs in a thread of its own."""
    context = GLib.MainContext()
    main_loop = GLib.MainLoop.new(context, False)

    def serve():
        context.push_thread_default()
        main_loop.run()
        context.pop_thread_default()

    server = threading.Thread(target=serve)
    server.start()

    async def load(path):
        waiting = asyncio.get_running_loop()
        future = waiting.create_future()

        def loaded(file, result):
            try:
                _, contents, _ = file.load_contents_finish(result)
                answer = len(contents)
            except GLib.Error as error:
                answer = error.code
            waiting.call_soon_threadsafe(future.set_result, answer)

        def begin(*_):
            Gio.File.new_for_path(path).load_contents_async(None, loaded)
            return False

        source = GLib.idle_source_new()
        source.set_callback(begin)
        source.attach(context)
        return await future

    async def everything():
        return await asyncio.gather(*(load(f'file-{number}') for number in range(45, 55)))

    print('asyncio', asyncio.run(everything()))
    main_loop.quit()
    server.join()


for part in (interface, tasks, cancellables, files, threads, on_asyncio):
    part()
print('files left open', any('file-' in os.readlink(f'/proc/self/fd/{fd}') for fd in os.listdir('/proc/self/fd')
                             if os.path.exists(f'/proc/self/fd/{fd}')))
