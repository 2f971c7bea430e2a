/* asr_cancellable_*: cancellables with parents and deadlines. */
#include "asr-helpers.h"

static void
test_plain_one (void)
{
  GCancellable *cancellable = g_cancellable_new ();
  GError *error = NULL;

  g_assert_cmpint (asr_cancellable_get_reason (NULL), ==, ASR_CANCEL_REASON_NONE);
  g_assert_cmpint (asr_cancellable_get_reason (cancellable), ==, ASR_CANCEL_REASON_NONE);
  g_assert_false (asr_cancellable_set_error (NULL, &error));
  g_assert_false (asr_cancellable_set_error (cancellable, &error));
  g_assert_no_error (error);
  g_cancellable_cancel (cancellable);
  g_assert_cmpint (asr_cancellable_get_reason (cancellable), ==, ASR_CANCEL_REASON_ITSELF);
  g_assert_true (asr_cancellable_set_error (cancellable, NULL));
  g_assert_true (asr_cancellable_set_error (cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  g_cancellable_reset (cancellable);
  g_assert_cmpint (asr_cancellable_get_reason (cancellable), ==, ASR_CANCEL_REASON_NONE);
  g_object_unref (cancellable);
}

/* What is no cancellable is one critical. */
static void
test_refused (void)
{
  GObject *other = g_object_new (G_TYPE_OBJECT, NULL);

  expect_refusal ("asr_cancellable_get_reason: assertion 'G_IS_CANCELLABLE (cancellable)' failed");
  g_assert_cmpint (asr_cancellable_get_reason ((GCancellable *) other), ==, ASR_CANCEL_REASON_NONE);
  g_test_assert_expected_messages ();
  expect_refusal ("asr_cancellable_set_error: assertion 'G_IS_CANCELLABLE (cancellable)' failed");
  g_assert_false (asr_cancellable_set_error ((GCancellable *) other, NULL));
  g_test_assert_expected_messages ();
  g_object_unref (other);
}

static const Case cases[] = {
  { "/asr-cancellable/plain-one", test_plain_one, NULL, 0 },
  { "/asr-cancellable/refused", test_refused, NULL, 0 },
};

HARNESS_MAIN (cases)
