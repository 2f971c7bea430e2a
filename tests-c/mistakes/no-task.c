/* NULL is passed for the task.
 *
 * Look at the first message: which function was called, and where its argument comes from. G_DEBUG=fatal-criticals
 * stops the program there. */
#include <asyncresult/asyncresult.h>

int
main (void)
{
  static char tag;
  GTask *task = NULL;

  g_task_set_source_tag (task, &tag);
  g_task_return_boolean (task, TRUE);
  return 0;
}
