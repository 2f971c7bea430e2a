/* What GIO has not: see each function.
 * SPDX-License-Identifier: MIT OR Apache-2.0
 * Generated from the Rust sources: do not edit. `ASYNCRESULT_BLESS=1 cargo test --test header` writes it.
 *
 * For all functions: what is not as it has to be is one critical in the domain asyncresult; the function then
 * answers NULL, FALSE or 0, and does nothing. Where nothing is said of NULL, it is refused, too. */
#ifndef ASYNCRESULT_ASR_H
#define ASYNCRESULT_ASR_H

/* GIO's types: those of <gio/gio.h>, if a program includes that first. */
#include <asyncresult/asyncresult.h>

G_BEGIN_DECLS

/* Cancellables */

/**
 * AsrCancelReason:
 * @ASR_CANCEL_REASON_NONE: it is not cancelled
 * @ASR_CANCEL_REASON_ITSELF: it was cancelled itself, by g_cancellable_cancel()
 * @ASR_CANCEL_REASON_PARENT: one of its parents was cancelled
 * @ASR_CANCEL_REASON_DEADLINE: its deadline passed, or that of a parent
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
 * asr_cancellable_get_reason:
 * @cancellable: (nullable) (type Gio.Cancellable): any cancellable, or %NULL
 *
 * Says why a cancellable is cancelled. Of %NULL it says that it is not. Any thread.
 *
 * Returns: the reason
 */
AsrCancelReason asr_cancellable_get_reason(GCancellable *cancellable);

/**
 * asr_cancellable_set_error:
 * @cancellable: (nullable) (type Gio.Cancellable): any cancellable, or %NULL
 * @error: (out) (optional) (nullable): where to store the error; %NULL to ignore it
 *
 * Sets the error of an operation that ends because of the cancellable, if that is cancelled. Any thread.
 *
 * Returns: %TRUE if the cancellable is cancelled, and the error is set
 */
gboolean asr_cancellable_set_error(GCancellable *cancellable, GError **error);

/* Waiting */

/**
 * AsrWait:
 *
 * Waits, in synchronous code, for the end of an asynchronous operation.
 */
typedef struct AsrWait AsrWait;

/**
 * asr_wait_new:
 *
 * Makes a wait, with a main context of its own, and makes that the default one of this thread until
 * asr_wait_free(): all that begins meanwhile on this thread delivers there, and runs only while
 * asr_wait_run() does. So free it soon, in the same function.
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
 * asr_wait_new_in_context:
 * @context: (not nullable): a main context that no other thread owns
 *
 * Makes a wait, as asr_wait_new() does, whose main context is not its own: for objects that live in a
 * context, and would never hear of their results in another one. What else is in that context is dispatched,
 * too, while asr_wait_run() iterates it. The wait keeps a reference. Any thread that may own the context.
 *
 * Returns: (transfer full) (nullable): a new wait, for asr_wait_free(); %NULL if another thread owns the context
 */
AsrWait *asr_wait_new_in_context(GMainContext *context);

/**
 * asr_wait_begin:
 * @wait: (not nullable): the innermost wait of this thread
 *
 * Says that an operation begins, whose callback is asr_wait_callback(). Call it for the callback's data, once
 * for each operation, or write `ASR_WAIT (wait)` for both arguments. One operation is on its way at a time;
 * after asr_wait_run() has returned its result another one may begin, and that result is no longer the
 * caller's. An operation that is not started after all must not be begun. Only the thread that made the wait.
 *
 * Returns: (transfer none) (nullable): the data for asr_wait_callback()
 */
gpointer asr_wait_begin(AsrWait *wait);

/**
 * asr_wait_callback:
 * @source_object: (nullable): not used
 * @result: (not nullable): the result of the operation
 * @wait: (nullable): what asr_wait_begin() has returned
 *
 * The GAsyncReadyCallback of the operation that is waited for. asr_wait_run() returns its result; if the wait
 * has been freed, the result is dropped. After a refused asr_wait_begin() @wait is %NULL, and nothing happens.
 * Any thread.
 */
void asr_wait_callback(GObject *source_object,
                       GAsyncResult *result,
                       gpointer wait);

/**
 * asr_wait_run:
 * @wait: (not nullable): the innermost wait of this thread
 *
 * Iterates the context of the wait until the callback of its operation has come, for as long as that takes:
 * an operation that never calls back is waited for without end. To give up, give the operation a cancellable,
 * and wait for the result that says %G_IO_ERROR_CANCELLED; or see asr_wait_run_until(). Only the thread that
 * made the wait. Errors are in the result.
 *
 * Returns: (transfer none) (nullable): the result, which is the caller's until asr_wait_free() or the next
 *   asr_wait_begin(); %NULL only if the call is refused: no operation has begun since the last result, or the
 *   wait runs already
 */
GAsyncResult *asr_wait_run(AsrWait *wait);

/**
 * asr_wait_run_until:
 * @wait: (not nullable): the innermost wait of this thread
 * @deadline: when to stop, in microseconds of g_get_monotonic_time(); -1 for never
 * @cancellable: (nullable) (type Gio.Cancellable): what stops the waiting when it is cancelled
 * @error: (out) (optional) (nullable): where to store the error; %NULL to ignore it
 *
 * Does as asr_wait_run() does, but stops waiting at a time, or when a cancellable is cancelled. That stops the
 * waiting, and not the operation: it goes on, and uses what it was given. So this is for operations that take
 * no cancellable, or do not heed it; the operation's own cancellable is given to the operation alone. After
 * such an error, call asr_wait_run() to wait for the end all the same, or asr_wait_free() to leave the
 * operation behind. A result that is there already is returned in any case; a deadline that has passed
 * iterates once, without blocking. Only the thread that made the wait.
 *
 * The errors are %G_IO_ERROR_TIMED_OUT at the deadline, and for the cancellable what
 * asr_cancellable_set_error() sets. None is set if the call is refused.
 *
 * Returns: (transfer none) (nullable): the result, as of asr_wait_run(); %NULL if @error is set
 */
GAsyncResult *asr_wait_run_until(AsrWait *wait,
                                 gint64 deadline,
                                 GCancellable *cancellable,
                                 GError **error);

/**
 * asr_wait_free:
 * @wait: (not nullable): the innermost wait of this thread
 *
 * Frees a wait, with its last result; the thread's default context is again what it was.
 *
 * If an operation is still on its way, it is left behind: it ends when it ends, and then its result is
 * dropped. Till then it runs, every now and then, in the main context that is this thread's default one now,
 * as if it had begun there: if nobody iterates that, it stays, as do its sources and the memory it has. What
 * the operation was given must last so long. To be sure that it has ended, cancel it and call asr_wait_run()
 * before. With asr_wait_new_in_context() it stays in that context.
 *
 * Only the thread that made the wait, and not while it runs. `g_autoptr (AsrWait)` calls this.
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
