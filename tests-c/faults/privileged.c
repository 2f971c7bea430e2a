/* privileged: forgets a task, as a program that is run with more rights than its user has. It prints "secure" or
 * "ordinary", what the library says, and whether libgio has come into the process. See scripts/checks/35-security.sh. */
#include <asyncresult/asyncresult.h>

#include <dlfcn.h>
#include <stdio.h>
#include <sys/auxv.h>

static void
never_called (GObject *source G_GNUC_UNUSED, GAsyncResult *result G_GNUC_UNUSED, gpointer data G_GNUC_UNUSED)
{
}

static void
print (const char *domain G_GNUC_UNUSED, GLogLevelFlags level G_GNUC_UNUSED, const char *message,
       gpointer data G_GNUC_UNUSED)
{
  puts (message);
}

int
main (void)
{
  puts (getauxval (AT_SECURE) ? "secure" : "ordinary");
  g_log_set_default_handler (print, NULL);
  g_object_unref (g_task_new (NULL, NULL, never_called, NULL));
  puts (dlopen ("libgio-2.0.so.0", RTLD_LAZY | RTLD_NOLOAD) ? "libgio" : "no libgio");
  return 0;
}
