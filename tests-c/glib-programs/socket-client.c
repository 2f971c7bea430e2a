/* Preloaded into GLib's own test programs. It offers the one function that they take from libgio beyond
 * our surface, and at the end it writes down which files the process had mapped. */
#include <glib-object.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

gpointer g_socket_client_new (void);

/* The task program only wants some object that is not a task. */
gpointer
g_socket_client_new (void)
{
  return g_object_new (G_TYPE_OBJECT, NULL);
}

__attribute__ ((destructor)) static void
write_down_the_maps (void)
{
  const char *folder = getenv ("MAPS_FOLDER");
  char path[4096], block[4096];
  FILE *maps, *copy;
  size_t n;

  if (folder == NULL)
    return;
  snprintf (path, sizeof path, "%s/maps.%ld", folder, (long) getpid ());
  maps = fopen ("/proc/self/maps", "r");
  copy = fopen (path, "w");
  if (maps == NULL || copy == NULL)
    abort ();
  while ((n = fread (block, 1, sizeof block, maps)) > 0)
    fwrite (block, 1, n, copy);
  fclose (maps);
  fclose (copy);
}
