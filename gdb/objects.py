"""What is known of a task, and of a cancellable, by the fields of their structs."""
import re

import gdb

# Of src/classes/task/mod.rs and src/scheduling/completion_race.rs.
IN_CALLBACK, COMPLETED, RETURNED, DELIVERY = 2, 1, 2, 1 << 31
RACE_COMPLETED, RACE_EARLY = 4, 8


def running_jobs():
    """Which thread runs which job, by the job's address. Not for a printer: gdb does not like other threads then."""
    threads, running, selected = {}, find_running(), gdb.selected_thread()
    if running is None or selected is None:
        return threads
    frame = gdb.selected_frame()
    for thread in gdb.selected_inferior().threads():
        thread.switch()
        try:
            job = number(running.value(gdb.newest_frame()))
        except gdb.error:
            continue
        while job and job not in threads:
            threads[job] = thread.num
            job = number(at(job, 'scheduling::queue::Job')['outer'])
    selected.switch()
    frame.select()
    return threads


def find_running():
    """The thread-local variable of src/scheduling/queue.rs. Its path ends as the standard library likes."""
    for found in gdb.lookup_static_symbol(CRATE + 'scheduling::pool::POOL').symtab.static_block():
        is_cell = re.match(r'(struct )?core::cell::Cell<core::option', str(found.type))
        if found.name.startswith(CRATE + 'scheduling::queue::RUNNING::') and is_cell:
            return found
    return None


class Task:
    def __init__(self, address):
        self.address, self.value = address, at(address, 'classes::task::Task')
        self.references = number(inner(self.value, 'parent', 'ref_count'))
        thread = number(self.value['thread'])
        self.thread = at(thread, 'classes::task::threaded::Thread') if thread else None

    def field(self, name):
        return number(self.value[name])

    def is_plausible(self):
        """What only begins like a task has other pointers: to read there raises an error."""
        return self.field('context') and self.field('returned') <= RETURNED and self.field('completed') <= IN_CALLBACK \
            and (not self.cancellable or Cancellable(self.cancellable).references)

    @property
    def name(self):
        kind, kept = variant(inner(self.value, 'name', 'value'))
        if kind in ('Copy', 'Constant'):
            return f'"{text(int(kept["__0"]))}"'
        return symbol(self.field('source_tag')) if self.field('source_tag') else ''

    @property
    def cancellable(self):
        return self.field('cancellable')

    def state(self, threads):
        race, completed, delivery = self.field('completion_race'), self.field('completed'), self.field('delivery')
        cancelled = 'cancelled, ' if self.cancellable and Cancellable(self.cancellable).is_cancelled else ''
        running = threads.get(int(self.thread.address)) if self.thread is not None else None
        if self.thread is not None:
            function = symbol(number(self.thread['function']))
            if number(inner(self.thread, 'job', 'queued')):
                return f'{cancelled}queued: {function} waits for a worker'
            if running and race & RACE_EARLY:
                return f'completed by its cancellation, and {function} still runs in thread {running}'
            if not race & RACE_COMPLETED:
                return f'{cancelled}{function} runs' + (f' in thread {running}' if running else '')
        if completed == IN_CALLBACK:
            return 'its callback runs'
        if completed == COMPLETED:
            return 'finished, and somebody has a reference'
        if self.thread is None and self.field('returned') != RETURNED:
            return f'{cancelled}not returned'
        if delivery == DELIVERY:
            return 'returned, and the source of its result was removed'
        ended = 'returned' if self.field('returned') == RETURNED else 'its function has ended without a result'
        if delivery & DELIVERY:
            return f'{ended}, and waits for context {self.field("context"):#x}'
        return f'{ended}, and the thread that waits for it goes on'

    def result(self):
        if self.field('returned') != RETURNED:
            return None
        kind, of_kind = variant(inner(self.value, 'outcome', 'value'))
        if kind == 'Empty' or of_kind is None:
            return 'fetched' if self.field('propagated') else 'nothing'
        content = of_kind[of_kind.type.fields()[0]]
        if kind == 'Error':
            error = inner(content, '__0', 'pointer').dereference()
            return f'error {int(error["code"])} of domain {int(error["domain"])}: {text(int(error["message"]))}'
        if kind == 'Pointer':
            return f'pointer {int(content["data"]):#x}'
        return f'{kind.lower()} {int(content)}' if kind in ('Int', 'Boolean') else kind.lower()

    def parts(self):
        """What else there is to tell: names, and what is said of them."""
        cancellable = self.cancellable
        yield 'callback', symbol(self.field('callback')) if self.field('callback') else 'none'
        yield 'priority', str(number(self.value['priority'], signed=True))
        yield 'context', f'{self.field("context"):#x}'
        if self.field('source_object'):
            yield 'source', f'{self.field("source_object"):#x}'
        if cancellable:
            yield 'cancellable', f'{cancellable:#x}' + (' (cancelled)' if Cancellable(cancellable).is_cancelled else '')
        if self.result():
            yield 'result', self.result()
        if self.thread is not None and number(self.thread['waiter']):
            yield 'waiting', 'the thread that called g_task_run_in_thread_sync()'
        yield 'references', str(self.references)


class Cancellable:
    def __init__(self, address):
        self.address, self.value = address, at(address, 'classes::cancellable::Cancellable')
        self.references = number(inner(self.value, 'parent_instance', 'ref_count'))

    def is_plausible(self):
        return self.references and 0 < self.address - number(self.value['private']) < 4096

    @property
    def state_part(self):
        return inner(self.value, 'private').dereference()

    @property
    def is_cancelled(self):
        return number(self.state_part['cancelled']) == 1

    def parts(self, tasks):
        shared = inner(self.state_part, 'shared', 'inner', 'data', 'value')
        those = [task for task in tasks if task.cancellable == self.address]
        yield 'tasks', ', '.join(title(task) for task in those) or 'none'
        threads = [int(task.thread['observer'].address) for task in those if task.thread is not None]
        observers = list(ring(inner(shared, 'observers', '__0', 'first')))
        yield 'observers', f'{sum(one in threads for one in observers)} of tasks in threads, ' \
            f'{sum(one not in threads for one in observers)} sources'
        handlers = dict(entries('HANDLERS')) if word_size() == 8 else {}
        if self.address in handlers:
            yield 'handlers', f'{handlers[self.address]} more were connected than disconnected'
        yield 'references', str(self.references)


def title(instance):
    name = getattr(instance, 'name', '')
    return f'{instance.address:#x}' + (f' {name}' if name else '')


def entries(path):
    """What is in a table of the checker: keys, and values of one word. None without the checker."""
    try:
        tables = static(f'records::{path}', CHECKER)
    except Missing:
        return
    is_array = tables.type.strip_typedefs().code == gdb.TYPE_CODE_ARRAY
    size = word_size()
    for index in range(tables.type.range()[1] + 1) if is_array else [None]:
        table = inner(tables if index is None else tables[index], 'data', 'value', 'base', 'table', 'table')
        controls, mask = number(table['ctrl']), number(table['bucket_mask'])
        used = gdb.selected_inferior().read_memory(controls, mask + 1).tobytes()
        for place in (place for place, control in enumerate(used) if control < 128):
            entry = controls - (place + 1) * 2 * size
            yield word_at(entry), word_at(entry + size)


def birthplaces():
    """Of each task that the trace or the checker knows where it was made: the innermost functions of the program."""
    found = traced_births()
    for task, record in entries('RECORDS'):
        made = at(record, 'records::Record', CHECKER)['made']
        found[task] = [int(made[index]) for index in range(made.type.range()[1] + 1)]
    return found


def describe_stack(stack):
    return ', called by '.join(describe(address) for address in stack[:3] if address)


def describe(address):
    """A place in the program, by a return address."""
    line = gdb.find_pc_line(address - 1)
    name = gdb.execute(f'info symbol {address - 1:#x}', to_string=True).split(' ')[0]
    return f'{name}()' + (f' at {line.symtab.filename}:{line.line}' if line.symtab else '')
