/* A library of ours that waits, while it is being loaded, for a thread which calls us first: the loader's lock is
 * held meanwhile. */
#include <asyncresult/asyncresult.h>
#include <stdio.h>

static gpointer
call_first (gpointer data)
{
  (void) data;
  g_object_unref (g_cancellable_new ());
  return NULL;
}

__attribute__ ((constructor)) static void
wait_for_a_thread (void)
{
  g_thread_join (g_thread_new ("first", call_first, NULL));
  puts ("constructor: done");
}
