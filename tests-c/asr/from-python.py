"""What GIO has not, from Python: AsyncResult-1.0. libgio is in the process, as in every one that uses gi, so it works
beside that."""
import select
import threading
import unittest

import gi

gi.require_version('AsyncResult', '1.0')
from gi.repository import AsyncResult, Gio, GLib, GObject  # noqa: E402

REASON = AsyncResult.CancelReason
MILLISECOND = 1000
# Nothing here takes as long: what waits for it has failed.
NEVER = 60


def error_of(cancellable):
    """The code of the error that an operation gets, or None."""
    try:
        assert AsyncResult.cancellable_set_error(cancellable) is False
        return None
    except GLib.Error as error:
        assert error.matches(Gio.io_error_quark(), error.code), error
        return error.code


def wait_for(cancellable):
    """Until it is cancelled, on whichever thread."""
    ready, _, _ = select.select([cancellable.get_fd()], [], [], NEVER)
    cancellable.release_fd()
    assert ready, 'it was not cancelled'


class FromPython(unittest.TestCase):
    def test_both_libraries_are_here(self):
        AsyncResult.cancellable_get_reason(None)
        with open('/proc/self/maps') as maps:
            text = maps.read()
        self.assertIn('/libgio-2.0.so', text)
        self.assertIn('/libasyncresult.so', text)

    def test_a_child(self):
        parent = Gio.Cancellable()
        child = AsyncResult.cancellable_new_child(parent)
        self.assertIsInstance(child, Gio.Cancellable)
        self.assertFalse(child.is_cancelled())
        self.assertEqual(AsyncResult.cancellable_get_reason(child), REASON.NONE)
        self.assertIsNone(error_of(child))
        calls = []
        GObject.Object.connect(child, 'cancelled', lambda *_: calls.append(AsyncResult.cancellable_get_reason(child)))
        parent.cancel()
        self.assertEqual(calls, [REASON.PARENT])
        self.assertEqual(error_of(child), Gio.IOErrorEnum.CANCELLED)
        self.assertEqual(AsyncResult.cancellable_get_reason(parent), REASON.ITSELF)

    def test_several_parents(self):
        parents = [Gio.Cancellable() for _ in range(3)]
        child = AsyncResult.cancellable_new_linked(parents)
        self.assertTrue(AsyncResult.cancellable_remove_parent(child, parents[0]))
        self.assertFalse(AsyncResult.cancellable_remove_parent(child, parents[0]))
        parents[0].cancel()
        self.assertFalse(child.is_cancelled())
        parents[2].cancel()
        self.assertTrue(child.is_cancelled())
        later = AsyncResult.cancellable_new_linked([])
        AsyncResult.cancellable_add_parent(later, child)
        self.assertEqual(AsyncResult.cancellable_get_reason(later), REASON.PARENT)

    def test_a_deadline(self):
        cancellable = AsyncResult.cancellable_new_child(None)
        threads = []
        GObject.Object.connect(cancellable, 'cancelled', lambda *_: threads.append(threading.get_ident()))
        deadline = GLib.get_monotonic_time() + 500 * MILLISECOND
        AsyncResult.cancellable_set_deadline(cancellable, deadline)
        self.assertEqual(AsyncResult.cancellable_get_deadline(cancellable), deadline)
        wait_for(cancellable)
        self.assertGreaterEqual(GLib.get_monotonic_time(), deadline)
        self.assertEqual(AsyncResult.cancellable_get_reason(cancellable), REASON.DEADLINE)
        self.assertEqual(error_of(cancellable), Gio.IOErrorEnum.TIMED_OUT)
        while not threads:
            select.select([], [], [], 0.001)
        self.assertEqual(len(threads), 1)
        self.assertNotEqual(threads[0], threading.get_ident())

    def test_the_deadline_of_a_parent(self):
        parent = AsyncResult.cancellable_new_timeout(20 * MILLISECOND)
        child = AsyncResult.cancellable_new_child(parent)
        wait_for(child)
        self.assertEqual(AsyncResult.cancellable_get_reason(child), REASON.PARENT)
        self.assertEqual(error_of(child), Gio.IOErrorEnum.TIMED_OUT)
        passed = AsyncResult.cancellable_new_deadline(1)
        self.assertEqual(AsyncResult.cancellable_get_reason(passed), REASON.DEADLINE)

    def test_an_operation_of_gio(self):
        """It says that it was cancelled; the cancellable says why."""
        loop, errors = GLib.MainLoop(), []
        process = Gio.Subprocess.new(['sleep', str(NEVER)], Gio.SubprocessFlags.NONE)

        def ready(process, result):
            try:
                process.wait_finish(result)
            except GLib.Error as error:
                errors.append(error.code)
            loop.quit()

        cancellable = AsyncResult.cancellable_new_timeout(20 * MILLISECOND)
        process.wait_async(cancellable, ready)
        loop.run()
        process.force_exit()
        self.assertEqual(errors, [Gio.IOErrorEnum.CANCELLED])
        self.assertEqual(error_of(cancellable), Gio.IOErrorEnum.TIMED_OUT)

    def test_nothing_is_left(self):
        parent = Gio.Cancellable()
        child = AsyncResult.cancellable_new_child(parent)
        self.assertEqual((parent.__grefcount__, child.__grefcount__), (1, 1))
        gone = []
        child.weak_ref(lambda: gone.append('child'))
        del child
        self.assertEqual(gone, ['child'])
        parent.cancel()

    def test_no_cancellable(self):
        self.assertEqual(AsyncResult.cancellable_get_reason(None), REASON.NONE)
        self.assertEqual(AsyncResult.cancellable_get_deadline(None), -1)
        self.assertIsNone(error_of(None))

    def test_waits_are_for_c(self):
        self.assertEqual([name for name in dir(AsyncResult) if 'wait' in name.lower()], [])


unittest.main()
