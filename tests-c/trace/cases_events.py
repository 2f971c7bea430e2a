"""Which events are written of each kind of operation, and in which order."""
import re

from expected import KINDS, called_back, case, function_of, lives, of, same, texts


@case
def each_kind_of_result(place):
    trace = place.record('kinds')
    same(texts(trace), *[f'Made Named Returned:{kind} Arrived {called_back(kind)}' for kind in KINDS.values()])
    same([event.strings for event in of(trace, 'Named')], *[['kind']] * 4)
    same([event.object for event in of(trace, 'Arrived')], *[0] * 4)
    assert (trace.made, trace.freed, trace.lost) == (4, 4, 0) and trace.ended > trace.began, trace
    assert trace.program == place.program and trace.command == [place.program, 'kinds'], trace.command
    assert re.fullmatch(r'\d+\.\d+\.\d+', trace.library) and trace.glib.startswith('2.'), (trace.library, trace.glib)
    same([len(trace.threads)], 1)


@case
def errors(place):
    trace = place.record('fails')
    same(texts(trace), f'Made Named Returned:5 Arrived {called_back(2)}',
         f'Made Tagged Named Returned:5 Arrived {called_back(3)}')
    same([(event.number, event.strings) for event in of(trace, 'Returned')],
         (24, ['g-io-error-quark', 'too late']), (26, ['g-io-error-quark', 'not now']))
    same([event.strings for event in of(trace, 'Named')], [None], ['g_task_report_error'])


@case
def delivered_by_the_return(place):
    same(texts(place.record('at_once')), f'Made Named Returned:2 {called_back(2)}')


@case
def names_tags_and_priorities(place):
    trace = place.record('described')
    cancellable, task = lives(trace)
    same(texts(trace), 'CancellableMade CancellableFreed',
         f'Made Tagged Named Prioritized Named Named Named Returned:2 Arrived {called_back(2)}')
    same([event.strings for event in of(trace, 'Named')], ['tag'], ['first'], ['second'], [None])
    same([event.number for event in of(trace, 'Prioritized')], -7)
    made = task[0]
    assert made.strings == ['GObject', None] and made.words[0] == cancellable[0].object, made
    # The callback and the tag are functions, and so is where it was made.
    same([function_of(place, trace, address) for address in [made.words[2], of(trace, 'Tagged')[0].words[0]]],
         'ready', 'described')
    assert made.words[1] == made.words[3] == 0 and made.number == 0, made


@case
def in_a_worker(place):
    trace = place.record('threaded')
    same(texts(trace), f'Made Named Queued Started Returned:2 Ended Arrived {called_back(2)}')
    main, worker = of(trace, 'Made')[0].thread, of(trace, 'Started')[0].thread
    same([event.thread == worker for event in lives(trace)[0]],
         *[False] * 3, *[True] * 4, *[False] * 5)
    same([(event.name, event.small) for event in trace.threads[worker]][:2], ('WorkerAdded', 0), ('Started', 0))
    queued, started = of(trace, 'Queued')[0], of(trace, 'Started')[0]
    assert (queued.number, started.number) == (1, 0) and main != worker, queued
    assert function_of(place, trace, queued.words[0]) == 'work', queued


@case
def waited_for(place):
    trace = place.record('waited_for')
    same(texts(trace), 'Made Named Queued:1 Started Returned:2 Ended Completed Propagated:2 Freed:1')


@case
def completed_by_its_cancellation(place):
    trace = place.record('cancelled_early')
    same(texts(trace), 'CancellableMade CancelBegun CancelEnded CancellableFreed',
         'Made Named Queued Started Arrived CallbackBegun Propagated:5 CallbackEnded Completed Returned:2 Ended Freed:1')
    begun, ended, arrived = (of(trace, name)[0] for name in ('CancelBegun', 'CancelEnded', 'Arrived'))
    assert begun.time <= arrived.time <= ended.time and begun.thread == arrived.thread, (begun, arrived, ended)


@case
def returned_again(place):
    trace = place.record('twice', says='.*assertion .*assertion .*')
    same(texts(trace), f'Made Named Returned:2 Arrived ReturnedAgain ReturnedAgain {called_back(2)}')
    same([function_of(place, trace, event.words[0], behind=True) for event in of(trace, 'ReturnedAgain')],
         'twice', 'twice')


@case
def never_returned(place):
    same(texts(place.record('never')), 'Made Named Freed')


@case
def dropped_with_its_context(place):
    trace = place.record('dropped')
    same(texts(trace), 'Made Named Returned:2 Arrived Dropped Freed:1')
    assert of(trace, 'Made')[0].words[1] == of(trace, 'Arrived')[0].object != 0


@case
def simple_results(place):
    trace = place.record('simple')
    called = 'CallbackBegun CallbackEnded Freed:2'
    made = 'Made:1 Returned'
    tasks = [text for text in texts(trace) if text.startswith('Made')]
    same(tasks, f'{made} {called}', 'Made:1 Returned:5 Arrived CallbackBegun Propagated:5 CallbackEnded Freed:2',
         f'Made:1 Queued Started Ended Returned:1 Arrived {called}')
    assert of(trace, 'Queued')[0].words[1] == of(trace, 'CancellableMade')[0].object
    same(texts(place.record('simple_dropped')), 'Made:1 Queued Started Ended Returned:1 Arrived Dropped Freed:2')


@case
def initializations_and_jobs(place):
    """They have names, and were made where the program asked for them, or where its own method made a task."""
    trace = place.record('initializations')
    same(texts(trace), f'Made Tagged Named Prioritized Queued Started Returned:3 Ended Arrived {called_back(3)}',
         f'Made Named Returned:3 Arrived {called_back(3)}')
    same([event.strings for event in of(trace, 'Named')], ['g_async_initable_real_init_async'], ['quick'])
    same([event.strings[0] for event in of(trace, 'Made')], 'Slow', 'Quick')
    same([function_of(place, trace, event.words[4], behind=True) for event in of(trace, 'Made')],
         'initializations', 'quick_initialize')
    trace = place.record('job')
    same(texts(trace), 'Made Named Prioritized Queued Started Returned Ended Arrived '
         'CallbackBegun CallbackEnded Completed Freed:1')
    same([event.strings for event in of(trace, 'Named')], ['g_io_scheduler_push_job'])
    same([function_of(place, trace, event.words[4], behind=True) for event in of(trace, 'Made')], 'job')


@case
def cancellables(place):
    trace = place.record('cancellables')
    same(texts(trace), 'CancellableMade Handlers CancelBegun CancelEnded Reset Handlers CancellableFreed')
    same([event.number for event in of(trace, 'Handlers')], 1, -1)
    connected = of(trace, 'Handlers')[0]
    assert function_of(place, trace, connected.words[0], behind=True) == 'cancellables', connected


@case
def workers_come_and_go(place):
    trace = place.record('workers')
    same(texts(trace), f'Made Named Queued Started Returned:2 Ended Arrived {called_back(2)}')
    worker = of(trace, 'Started')[0].thread
    same([event.name for event in trace.threads[worker] if event.name != 'Thread'],
         'WorkerAdded', 'Started', 'Returned', 'Ended', 'Arrived', 'WorkerGone')
    trace = place.record('refused')
    same(texts(trace), 'Made Named Queued:1 Started Returned:2 Ended Completed Freed:1')
    assert of(trace, 'WorkerRefused') and not of(trace, 'WorkerAdded')
    trace = place.record('blocked')
    same([event.small for event in of(trace, 'WorkerAdded')][:11], *[0] * 10, 1)


@case
def where_things_were_made(place):
    """The line in the program; and with whole stacks who called that."""
    trace = place.record('at_once')
    made = of(trace, 'Made')[0]
    same([function_of(place, trace, word, behind=True) for word in made.words[4:]], 'new_task')
    trace = place.record('at_once', ASYNCRESULT_TRACE_STACKS='1')
    made = of(trace, 'Made')[0]
    same([function_of(place, trace, word, behind=True) for word in made.words[4:7]], 'new_task', 'at_once', 'main')
