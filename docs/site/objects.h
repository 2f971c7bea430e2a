/* What the headers do not describe: it is none of their declarations. */
/**
 * GCancellable::cancelled:
 * @cancellable: what is cancelled
 *
 * Emitted by g_cancellable_cancel(), in the thread that cancels. Connect by g_cancellable_connect(), which misses no
 * cancellation.
 */
/**
 * GTask:completed:
 *
 * Whether the task has ended. In the callback it is %FALSE; right behind that it becomes %TRUE, and "notify" is emitted in
 * the same main context. Read-only.
 */
