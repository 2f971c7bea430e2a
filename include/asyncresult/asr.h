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

G_END_DECLS

#endif /* ASYNCRESULT_ASR_H */
