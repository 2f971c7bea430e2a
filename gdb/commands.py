"""What a user of gdb sees."""
import gdb


class Info(gdb.Command):
    def __init__(self, name):
        super().__init__(name, gdb.COMMAND_STATUS)

    def invoke(self, argument, _from_tty):
        try:
            if not gdb.selected_inferior().pid:
                raise Missing('no process and no core file')
            wanted = int(gdb.parse_and_eval(argument)) if argument else None
            self.tell(lambda instance: wanted in (None, instance.address))
        except Missing as missing:
            print(missing)

    def tell(self, is_wanted):
        raise NotImplementedError


def count(found, kind):
    how_many = len(found) or 'no'
    print(f'{how_many} {kind}{" is" if how_many in (1, "no") else "s are"} alive{":" if found else ""}')


class InfoTasks(Info):
    """The tasks that are alive, what becomes of each, and where it was made, if the checker or the trace is on.
info gtasks [TASK]"""

    def tell(self, is_wanted):
        tasks = [task for task in instances('task', Task) if is_wanted(task)]
        count(tasks, 'task')
        threads, made = running_jobs(), birthplaces()
        for task in tasks:
            print(f'{title(task)}: {task.state(threads)}')
            print('    ' + ', '.join(f'{name} {what}' for name, what in task.parts()))
            if task.address in made:
                print(f'    made by {describe_stack(made[task.address])}')


class InfoCancellables(Info):
    """The cancellables that are alive, and who looks at them.
info gcancellables [CANCELLABLE]"""

    def tell(self, is_wanted):
        cancellables = [one for one in instances('cancellable', Cancellable) if is_wanted(one)]
        count(cancellables, 'cancellable')
        tasks = list(instances('task', Task))
        for one in cancellables:
            print(f'{title(one)}: {"cancelled" if one.is_cancelled else "not cancelled"}')
            print('    ' + '; '.join(f'{name}: {what}' for name, what in one.parts(tasks)))


class Printer:
    """Of a pointer to a task, or a cancellable."""

    def __init__(self, instance):
        self.instance = instance

    def to_string(self):
        return f'{self.instance.__class__.__name__} {title(self.instance)}'

    def children(self):
        if isinstance(self.instance, Task):
            yield 'state', self.instance.state({})
            yield from self.instance.parts()
        else:
            yield 'cancelled', self.instance.is_cancelled
            yield 'references', self.instance.references


def find_printer(value):
    """For pointers of the C types, if it is an object of ours."""
    task, cancellable = ('task', Task), ('cancellable', Cancellable)
    kinds = {'GTask': task, 'GAsyncResult': task, 'GCancellable': cancellable}
    if value.type.strip_typedefs().code != gdb.TYPE_CODE_PTR:
        return None
    target = value.type.strip_typedefs().target()
    kind = kinds.get((target.name or '').lstrip('_'))
    try:
        if kind and int(value) and word_at(int(value)) == number(static(f'classes::{kind[0]}::CLASS')):
            return Printer(kind[1](int(value)))
    except (Missing, gdb.error):
        pass
    return None


InfoTasks('info gtasks')
InfoCancellables('info gcancellables')
gdb.pretty_printers.append(find_printer)
