/* A GLib that is newer than those that were tried, as far as the library can see: this glib_check_version() is in front of
 * GLib's. */
#pragma once

#include <dlfcn.h>
#include <glib.h>

/* The function of GLib's that one here is in front of. */
#define REAL(function) \
  __typeof__ (&function) real; \
  *(void **) &real = dlsym (RTLD_NEXT, #function)

static gboolean is_newer;

/* NULL: it is that version, or newer. */
const gchar *
glib_check_version (guint major, guint minor, guint micro)
{
  REAL (glib_check_version);
  return is_newer ? NULL : real (major, minor, micro);
}
