/* What the programs of asr.h share. */
#pragma once

#include "harness.h"

#include <asyncresult/asr.h>

/* One critical of this text is to come now. */
static inline void
expect_refusal (const char *text)
{
  g_test_expect_message ("asyncresult", G_LOG_LEVEL_CRITICAL, text);
}

#define assert_reason(cancellable, reason) \
  g_assert_cmpint (asr_cancellable_get_reason (cancellable), ==, ASR_CANCEL_REASON_##reason)

/* What asr_cancellable_set_error() says of it. */
#define assert_error(cancellable, code) \
  G_STMT_START { \
    GError *error_ = NULL; \
    g_assert_true (asr_cancellable_set_error (cancellable, &error_)); \
    g_assert_error (error_, G_IO_ERROR, code); \
    g_error_free (error_); \
  } G_STMT_END

/* Drops the only reference. */
static inline void
assert_finalized (gpointer object)
{
  gpointer alive = object;

  g_object_add_weak_pointer (object, &alive);
  g_object_unref (object);
  g_assert_null (alive);
}

/* The handlers of one cancellable: it is to have none, or those that were before. */
static inline guint
count_handlers (GCancellable *cancellable)
{
  GSignalMatchType match = G_SIGNAL_MATCH_ID | G_SIGNAL_MATCH_UNBLOCKED;
  guint id = g_signal_lookup ("cancelled", G_TYPE_CANCELLABLE), n;
  gulong found[10];

  /* Those that have been found are blocked, so that the next one is found. */
  for (n = 0; n < G_N_ELEMENTS (found); n++)
    {
      found[n] = g_signal_handler_find (cancellable, match, id, 0, NULL, NULL, NULL);
      if (found[n] == 0)
        break;
      g_signal_handler_block (cancellable, found[n]);
    }
  for (guint i = 0; i < n; i++)
    g_signal_handler_unblock (cancellable, found[i]);
  return n;
}
