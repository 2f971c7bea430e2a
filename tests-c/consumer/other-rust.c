/* The static library in a program with other Rust code. */
#include <asyncresult/asyncresult.h>

#include <stdbool.h>

bool other_rust_panics (void);

static void
return_seven (GTask *task, gpointer source G_GNUC_UNUSED, gpointer data G_GNUC_UNUSED,
              GCancellable *cancellable G_GNUC_UNUSED)
{
  g_task_return_int (task, 7);
}

int
main (void)
{
  GTask *task = g_task_new (NULL, NULL, NULL, NULL);
  gssize seven;

  if (!other_rust_panics ())
    return 1;
  g_task_run_in_thread_sync (task, return_seven);
  seven = g_task_propagate_int (task, NULL);
  g_object_unref (task);
  return seven == 7 && other_rust_panics () ? 0 : 1;
}
