/* libgee: futures that are waited for without blocking: one has its value before, one gets it later, one an error.
 * Vala has made the functions _async and _finish. */
#include "without-gio.h"

#include <gee.h>

static GeePromise *
promise_new (void)
{
  return gee_promise_new (G_TYPE_STRING, (GBoxedCopyFunc) g_strdup, g_free);
}

static void
print_value (const char *what, GeeFuture *future, GAsyncResult *result)
{
  GError *error = NULL;
  const char *value = gee_future_wait_finish (future, result, &error);

  g_print ("%s: %s, %s\n", what, value != NULL ? value : "no value", G_OBJECT_TYPE_NAME (result));
  print_outcome (what, value != NULL, error);
  g_object_unref (result);
}

int
main (void)
{
  Wait wait = { NULL, NULL }, second = { NULL, NULL };
  GeePromise *promise = promise_new ();
  GeeFuture *future = gee_promise_get_future (promise);

  gee_promise_set_value (promise, g_strdup ("there already"));
  gee_future_wait_async (future, wait_done, &wait);
  g_print ("there already: %s\n", wait.result == NULL ? "is under way" : "called back at once");
  print_value ("there already", future, wait_for_result (&wait));
  gee_promise_unref (promise);

  promise = promise_new ();
  future = gee_promise_get_future (promise);
  gee_future_wait_async (future, wait_done, &wait);
  gee_future_wait_async (future, wait_done, &second);
  gee_promise_set_value (promise, g_strdup ("set later"));
  print_value ("first", future, wait_for_result (&wait));
  print_value ("second", future, wait_for_result (&second));
  gee_promise_unref (promise);

  promise = promise_new ();
  future = gee_promise_get_future (promise);
  gee_future_wait_async (future, wait_done, &wait);
  gee_promise_set_exception (promise, g_error_new_literal (G_IO_ERROR, G_IO_ERROR_BUSY, "of the promise"));
  print_value ("error", future, wait_for_result (&wait));
  gee_promise_unref (promise);
  return finish ();
}
