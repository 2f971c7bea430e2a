/* What GIO has not: see each function.
 * SPDX-License-Identifier: MIT OR Apache-2.0
 * Generated from the Rust sources: do not edit. `ASYNCRESULT_BLESS=1 cargo test --test header` writes it.
 *
 * For all functions: what is not as it has to be is one critical in the domain asyncresult; the function then
 * answers NULL, FALSE or 0, and does nothing. Where nothing is said of NULL, it is refused, too. */
#ifndef ASYNCRESULT_ASR_H
#define ASYNCRESULT_ASR_H

/* GIO's types: those of <gio/gio.h>, which a program that uses both includes first. */
#include <asyncresult/asyncresult.h>

G_BEGIN_DECLS

/* Cancellables */

/* A parent is any GCancellable. Children and deadlines are of those alone that the functions called
 * asr_cancellable_new_*() made; asr_cancellable_new_child (NULL) makes one without either. */

/**
 * AsrCancelReason:
 * @ASR_CANCEL_REASON_NONE: it is not cancelled
 * @ASR_CANCEL_REASON_ITSELF: by g_cancellable_cancel()
 * @ASR_CANCEL_REASON_PARENT: a parent was cancelled, for whatever reason
 * @ASR_CANCEL_REASON_DEADLINE: its own deadline passed
 *
 * Why a cancellable is cancelled. Later versions may have more.
 */
typedef enum {
  ASR_CANCEL_REASON_NONE = 0,
  ASR_CANCEL_REASON_ITSELF = 1,
  ASR_CANCEL_REASON_PARENT = 2,
  ASR_CANCEL_REASON_DEADLINE = 3,
} AsrCancelReason;

/**
 * asr_cancellable_new_child:
 * @parent: (nullable) (transfer none): any cancellable, or %NULL for none
 *
 * Makes a cancellable that is cancelled when @parent is. Nothing that happens to it happens to @parent.
 * With %NULL it is a plain one, whose parents and deadline come later.
 *
 * g_cancellable_cancel() of @parent cancels all its children before it returns, when the handlers of
 * @parent itself have been called; then their children, each generation before the next one, and in a
 * generation in the order in which they were linked. However many generations there are, there is no
 * recursion. A child that a handler unlinks before its turn has come is left alone. If @parent is
 * cancelled already, the child is, too.
 *
 * What another thread is cancelling at the same time is left to it, with all that follows it: that may
 * still be on its way when this one's g_cancellable_cancel() returns. In a child process that was forked
 * meanwhile, what another thread had not reached stays as it is.
 *
 * Handlers that were connected with %G_CONNECT_AFTER are called behind the children. One that stops the
 * emission of "cancelled" of a @parent keeps the cancellation from the children. g_object_run_dispose() of a
 * @parent that this header did not make takes away what tells its children; the next child that is linked
 * brings it back.
 *
 * Neither keeps the other alive: the child follows until one of them ends. Nothing has to be undone, and
 * of a child nothing is left behind at its parent. Both can be dropped in handlers, and on any thread.
 *
 * g_cancellable_reset() concerns one object alone. A child that is reset is not cancelled again by a
 * parent that is cancelled already, and still follows: the next cancellation of a parent cancels it. A
 * parent that is reset leaves its children as they are. A handler that resets its own cancellable, while
 * a parent is cancelling it, and cancels it anew, gets the children cancelled when it has returned, and the
 * reason stays the parent.
 *
 * Any thread.
 *
 * Returns: (transfer full) (not nullable): a new cancellable
 */
GCancellable *asr_cancellable_new_child(GCancellable *parent);

/**
 * asr_cancellable_new_linked:
 * @parents: (array length=n_parents) (nullable) (transfer none): cancellables; %NULL in it is none
 * @n_parents: how many
 *
 * Makes a cancellable that is cancelled when any of @parents is. Otherwise like
 * asr_cancellable_new_child(). @parents may be %NULL if @n_parents is 0. Any thread.
 *
 * Returns: (transfer full) (not nullable): a new cancellable
 */
GCancellable *asr_cancellable_new_linked(GCancellable *const *parents, gsize n_parents);

/**
 * asr_cancellable_add_parent:
 * @cancellable: (not nullable): one that a function of this header made
 * @parent: (nullable) (transfer none): any other cancellable, or %NULL for none
 *
 * Lets @cancellable follow one parent more, as asr_cancellable_new_child() says. If @parent is cancelled,
 * so is @cancellable, before this returns. One that is added twice is a parent until it is removed twice.
 * In a circle, each is cancelled when any of them is. Any thread.
 */
void asr_cancellable_add_parent(GCancellable *cancellable, GCancellable *parent);

/**
 * asr_cancellable_remove_parent:
 * @cancellable: (not nullable): one that a function of this header made
 * @parent: (nullable) (transfer none): any cancellable, or %NULL
 *
 * Lets @cancellable follow @parent no more, however it came to be a parent. What has been cancelled stays
 * so. A cancellation that another thread has begun may still reach it. It costs as much as @cancellable
 * has parents. Any thread.
 *
 * Returns: %FALSE if @parent was no parent
 */
gboolean asr_cancellable_remove_parent(GCancellable *cancellable, GCancellable *parent);

/**
 * asr_cancellable_new_timeout:
 * @timeout: microseconds from now, as 30 * %G_USEC_PER_SEC; -1 for none
 *
 * Makes a cancellable that is cancelled after a time. Like asr_cancellable_new_deadline() with the time
 * from now. With 0 it is cancelled already, and with less, but for -1, too: the time has passed.
 *
 * Any thread.
 *
 * Returns: (transfer full) (not nullable): a new cancellable
 */
GCancellable *asr_cancellable_new_timeout(gint64 timeout);

/**
 * asr_cancellable_new_deadline:
 * @deadline: microseconds of the clock of g_get_monotonic_time(), as g_get_monotonic_time () + 30 *
 *   %G_USEC_PER_SEC; -1 for none
 *
 * Makes a cancellable that is cancelled at a time. If that has passed, it is cancelled already. Otherwise
 * its handlers, and those of its children, are called on a thread of the library's.
 *
 * That one thread is there for the whole process, so no main loop has to run. What ends with the last
 * reference does so there, too. A handler that takes long delays the deadlines behind it; it must not wait
 * for another deadline, which would never pass. Like a timeout of GLib, the clock stands still while the
 * machine is suspended.
 *
 * The thread has the scheduling and the processors of the main thread when it starts, as far as the system
 * allows it, and the blocked signals of the thread that set the first deadline, as every thread inherits
 * them; so have processes that a handler starts.
 *
 * A child process that was forked, also by daemon(), has no such thread until it sets a deadline itself:
 * those that were set before stand still until then. If the system refuses a thread, that is one warning,
 * and the next deadline asks again.
 *
 * Any thread.
 *
 * Returns: (transfer full) (not nullable): a new cancellable
 */
GCancellable *asr_cancellable_new_deadline(gint64 deadline);

/**
 * asr_cancellable_set_deadline:
 * @cancellable: (not nullable): one that a function of this header made
 * @deadline: microseconds of the clock of g_get_monotonic_time(), as g_get_monotonic_time () + 30 *
 *   %G_USEC_PER_SEC; -1 for none
 *
 * Sets the deadline of @cancellable, in place of the one that it has. Those of its parents stay. If the
 * time has passed, @cancellable is cancelled before this returns. A deadline passes once:
 * g_cancellable_reset() does not bring it back, and does not stop one that is to come. Any thread.
 */
void asr_cancellable_set_deadline(GCancellable *cancellable, gint64 deadline);

/**
 * asr_cancellable_get_deadline:
 * @cancellable: (nullable): any cancellable, or %NULL
 *
 * Says when @cancellable will be cancelled, or was to be: the earliest of its own deadline and of those of
 * its parents, and theirs. One that has passed counts, too, also if what it cancelled was reset. It costs as
 * much as there are of them. Any thread.
 *
 * Returns: microseconds of the clock of g_get_monotonic_time(); -1 if there is no deadline
 */
gint64 asr_cancellable_get_deadline(GCancellable *cancellable);

/**
 * asr_cancellable_get_reason:
 * @cancellable: (nullable): any cancellable, or %NULL
 *
 * Says why @cancellable is cancelled: what came first, also in its handlers. Of %NULL, that it is not; of
 * one that this library did not make, that it was cancelled itself. Any thread.
 *
 * Returns: the reason
 */
AsrCancelReason asr_cancellable_get_reason(GCancellable *cancellable);

/**
 * asr_cancellable_set_error:
 * @cancellable: (nullable): any cancellable, or %NULL
 * @error: (out) (optional) (nullable): where to store the error; %NULL to ignore it
 *
 * Sets the error of an operation that ends because of @cancellable, if that is cancelled:
 * %G_IO_ERROR_TIMED_OUT if the cause is a deadline, its own or that of a parent, however many generations
 * above; otherwise %G_IO_ERROR_CANCELLED, as g_cancellable_set_error_if_cancelled(), which GIO and GTask
 * use, says of both. Any thread.
 *
 * Returns: %TRUE if @cancellable is cancelled, and the error is set
 */
gboolean asr_cancellable_set_error(GCancellable *cancellable, GError **error);

/* Waiting */

/**
 * AsrWait: (skip)
 *
 * Waits, in synchronous code, for the end of an asynchronous operation.
 *
 * For C, and not for bindings: a wait is freed by the thread that made it, before the wait around it. A language
 * that frees objects when it likes cannot promise that, and has an await or a main loop of its own.
 */
typedef struct AsrWait AsrWait;

/**
 * asr_wait_new: (skip)
 *
 * Makes a wait, with a main context of its own, and makes that the default one of this thread until
 * asr_wait_free(): all that begins meanwhile on this thread delivers there, and runs only while
 * asr_wait_run() does. So free it soon, in the same function. What is made meanwhile and lives on, as a
 * proxy or a monitor may, belongs to that context, too, and will hear of nothing: see
 * asr_wait_new_in_context(). Each wait costs a file descriptor while it lives, and one for each operation
 * that it leaves behind, until that ends: that of its context.
 *
 * ```c
 * g_autoptr (AsrWait) wait = asr_wait_new ();
 *
 * frobnicate_async (frob, cancellable, ASR_WAIT (wait));
 * return frobnicate_finish (frob, asr_wait_run (wait), error);
 * ```
 *
 * Any thread, also in a callback or while another wait runs: a wait within a wait is freed before that.
 *
 * Returns: (transfer full) (not nullable): a new wait, for asr_wait_free()
 */
AsrWait *asr_wait_new(void);

/**
 * asr_wait_new_in_context: (skip)
 * @context: (nullable): a main context that no other thread owns; %NULL for the global default one
 *
 * Makes a wait, as asr_wait_new() does, whose main context is not its own: for objects that live in a
 * context, and would never hear of their results in another one. What else is in that context is dispatched,
 * too, while asr_wait_run() iterates it. The wait keeps a reference. Any thread that may own the context:
 * the global default one is the main thread's while that runs a main loop.
 *
 * Returns: (transfer full) (nullable): a new wait, for asr_wait_free(); %NULL if another thread owns the
 *   context
 */
AsrWait *asr_wait_new_in_context(GMainContext *context);

/**
 * asr_wait_begin: (skip)
 * @wait: (not nullable): the innermost wait of this thread
 *
 * Says that an operation begins, whose callback is asr_wait_callback(). Call it for the callback's data,
 * once for each operation, or write `ASR_WAIT (wait)` for both arguments. One operation is on its way at a
 * time; after asr_wait_run() has returned its result another one may begin, and that result is no longer the
 * caller's. Only the thread that made the wait, and while its context is that thread's default one.
 *
 * What has begun cannot be taken back: the callback must come, exactly once. If the function that was given
 * it starts nothing, for it refuses another argument, then it never comes, and asr_wait_run() would not
 * return. Who knows that may call asr_wait_callback() in its place, with a result of his own, as of a
 * #GTask.
 *
 * Returns: (transfer none) (nullable): the data for asr_wait_callback()
 */
gpointer asr_wait_begin(AsrWait *wait);

/**
 * asr_wait_callback: (skip)
 * @source_object: (nullable): not used
 * @result: (not nullable): the result of the operation
 * @wait: (nullable): what asr_wait_begin() has returned
 *
 * The GAsyncReadyCallback of the operation that is waited for. asr_wait_run() returns its result; if the
 * wait has been freed, the result is dropped. It is called exactly once after each asr_wait_begin(): not at
 * all is waited for without end, and a second time may be after the wait is gone. A call without a result is
 * refused: the operation is still on its way. After a refused asr_wait_begin() @wait is %NULL, and nothing
 * happens. Any thread.
 */
void asr_wait_callback(GObject *source_object, GAsyncResult *result, gpointer wait);

/**
 * asr_wait_run: (skip)
 * @wait: (not nullable): the innermost wait of this thread
 *
 * Iterates the context of the wait until the callback of its operation has come, for as long as that takes:
 * an operation that never calls back is waited for without end. To give up, give the operation a
 * cancellable, and wait for the result that says %G_IO_ERROR_CANCELLED; or see asr_wait_run_until(). Only
 * the thread that made the wait, and while its context is that thread's default one. Errors are in the
 * result.
 *
 * Returns: (transfer none) (nullable): the result, which is the caller's until asr_wait_free() or the next
 *   asr_wait_begin(); %NULL only if the call is refused: no operation has begun since the last result, or
 *   the wait runs already
 */
GAsyncResult *asr_wait_run(AsrWait *wait);

/**
 * asr_wait_run_until: (skip)
 * @wait: (not nullable): the innermost wait of this thread
 * @deadline: microseconds of the clock of g_get_monotonic_time(); negative for none
 * @cancellable: (nullable) (type Gio.Cancellable): what stops the waiting when it is cancelled
 * @error: (out) (optional) (nullable): where to store the error; %NULL to ignore it
 *
 * Does as asr_wait_run() does, but stops waiting at a time, or when a cancellable is cancelled. That stops
 * the waiting, and not the operation: it goes on, and uses what it was given. So this is for operations that
 * take no cancellable, or do not heed it; the operation's own cancellable is given to the operation alone.
 * After such an error, call asr_wait_run() to wait for the end all the same, or asr_wait_free() to leave the
 * operation behind. A result that is there already is returned in any case; a deadline that has passed
 * iterates once, without blocking. Only the thread that made the wait, as for asr_wait_run().
 *
 * The errors are %G_IO_ERROR_TIMED_OUT at the deadline, and for the cancellable what
 * asr_cancellable_set_error() sets.
 *
 * Returns: (transfer none) (nullable): the result, as of asr_wait_run(); %NULL with @error set if the
 *   waiting is over before; %NULL without an error only if the call is refused, as by asr_wait_run()
 */
GAsyncResult *asr_wait_run_until(AsrWait *wait, gint64 deadline, GCancellable *cancellable, GError **error);

/**
 * asr_wait_free: (skip)
 * @wait: (not nullable): the innermost wait of this thread
 *
 * Frees a wait, with its last result; the thread's default context is again what it was.
 *
 * If an operation is still on its way, it is left behind: it ends when it ends, and then its result is
 * dropped. Till then it is iterated, at least once a second, in the main context that is this thread's
 * default one now: so its end may be seen a second late, and never while nobody iterates that context. In a
 * thread without one of its own, as a worker, that is the global default one: the rest runs in the main
 * thread. Until its end stay its sources, its memory and a descriptor, and what it was given must last; for
 * ever, if it never calls back. To be sure that it has ended, cancel it and call asr_wait_run() before. With
 * asr_wait_new_in_context() it stays in that context.
 *
 * Only the thread that made the wait, while its context is that thread's default one, and not while it runs:
 * else it is refused, and the wait lives on. `g_autoptr (AsrWait)` calls this.
 */
void asr_wait_free(AsrWait *wait);

/**
 * ASR_WAIT:
 * @wait: (not nullable): the innermost wait of this thread
 *
 * Both of the last arguments of an asynchronous function, so that asr_wait_run() waits for its result. Where the
 * function is a macro, write them out: asr_wait_callback, asr_wait_begin (wait).
 */
#define ASR_WAIT(wait) asr_wait_callback, asr_wait_begin (wait)

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AsrWait, asr_wait_free)

G_END_DECLS

#endif /* ASYNCRESULT_ASR_H */
