/* libasyncresult-instead.so: makes libgio's functions lead to libasyncresult. libgio depends on it (audit.c), so that
 * its constructor runs before libgio's, and before those of all that use libgio: nothing has been called there yet,
 * however many threads there are. */
#include <dlfcn.h>
#include <errno.h>
#include <link.h>
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dynamic.h"
#include "options.h"
#include "redirect.h"

/* For libasyncresult to look up with dlsym: g_task_get_type of the copy of it that libgio's functions lead to,
 * NULL if they do not. That copy must not step back before libgio; any other must, as always. */
extern const void *asyncresult_instead_of_gio;
const void *asyncresult_instead_of_gio;

static unsigned options;

static void __attribute__ ((format (printf, 1, 2)))
say (const char *format, ...)
{
  char text[PIPE_BUF];
  int length, room;
  va_list arguments;

  length = snprintf (text, sizeof text, "asyncresult-run: %s: ", program_invocation_short_name);
  room = (int) sizeof text - 1;
  if (length < room)
    {
      va_start (arguments, format);
      length += vsnprintf (text + length, sizeof text - 1 - (size_t) length, format, arguments);
      va_end (arguments);
    }
  length = length < room ? length : room - 1;
  text[length] = '\n';
  /* One write, so that the lines of several processes do not mix. */
  if (write (STDERR_FILENO, text, (size_t) length + 1) < 0)
    return;
}

/* The program runs on libgio as it is, or not at all. */
static void __attribute__ ((format (printf, 1, 2)))
give_up (const char *format, ...)
{
  char reason[1024];
  va_list arguments;

  va_start (arguments, format);
  vsnprintf (reason, sizeof reason, format, arguments);
  va_end (arguments);
  say ("not redirected: %s", reason);
  if (options & OPTION_STRICT)
    _exit (STATUS_REFUSED);
}

/* The library of this name in this process, or in this namespace of it. dlopen would run its constructors. */
static const struct link_map *
find_library (const char *soname)
{
  void *map = NULL;
  const struct link_map *library;
  Dl_info info;

  if (dladdr1 (&asyncresult_instead_of_gio, &info, &map, RTLD_DL_LINKMAP) == 0)
    return NULL;
  library = map;
  while (library->l_prev != NULL)
    library = library->l_prev;
  while (library != NULL && !dynamic_has_soname (library, soname))
    library = library->l_next;
  return library;
}

/* Our library as it was installed with this file: one folder above it. */
static void *
load_ours (void)
{
  char path[PATH_MAX], *slash = NULL;
  Dl_info info;
  void *ours;

  if (dladdr (&asyncresult_instead_of_gio, &info) != 0 && realpath (info.dli_fname, path) != NULL)
    slash = strrchr (path, '/');
  if (slash != NULL)
    {
      *slash = '\0';
      slash = strrchr (path, '/');
    }
  if (slash == NULL || (size_t) (slash + 1 - path) + sizeof ASYNCRESULT_SONAME > sizeof path)
    {
      give_up (INSTEAD_FILE " does not know where it is; install libasyncresult again");
      return NULL;
    }
  strcpy (slash + 1, ASYNCRESULT_SONAME);
  ours = dlopen (path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (ours == NULL)
    give_up ("%s; install libasyncresult again", dlerror ());
  return ours;
}

/* A type of ours that GObject has already. */
static const char *
registered_type (void *ours)
{
  static const char *const types[] = {
#define NAME(name)
#define TYPE(name) #name,
#include "names.inc"
#undef NAME
  };
  unsigned long (*type_from_name) (const char *name);

  *(void **) &type_from_name = dlsym (ours, "g_type_from_name");
  for (size_t i = 0; type_from_name != NULL && i < sizeof types / sizeof types[0]; i++)
    if (type_from_name (types[i]) != 0)
      return types[i];
  return NULL;
}

static void
read_options (void)
{
  const char *text = secure_getenv (OPTIONS_VARIABLE);
  const char *unknown;
  size_t length;

  if (text == NULL)
    return;
  options = options_parse (text, &unknown, &length);
  if (unknown != NULL)
    say ("a word without meaning in " OPTIONS_VARIABLE ": %.*s", (int) length, unknown);
}

static const void *
address_of (const struct link_map *library, const char *name)
{
  return (const void *) (uintptr_t) (library->l_addr + dynamic_symbol (library, name)->st_value);
}

static void __attribute__ ((constructor))
take_the_place_of_gio (void)
{
  const struct link_map *gio = find_library (LIBGIO);
  const struct link_map *ours = find_library (ASYNCRESULT_SONAME);
  const char *type = NULL;
  Report report = { 0 };

  read_options ();
  if (gio == NULL)
    {
      give_up (LIBGIO " is not in this process; start it with asyncresult-run");
      return;
    }
  if (ours == NULL)
    {
      void *handle = load_ours ();

      if (handle == NULL)
        return;
      ours = find_library (ASYNCRESULT_SONAME);
      if (ours == NULL)
        {
          give_up ("what was loaded is not " ASYNCRESULT_SONAME "; install libasyncresult again");
          return;
        }
      /* Not by ours, which has only just come. */
      type = registered_type (handle);
    }
  if (type != NULL)
    {
      give_up ("the type %s is registered already, by a copy of libasyncresult that is part of a program or library; "
               "link that to libgio as well", type);
      return;
    }
  switch (redirect_all (gio, ours, &report))
    {
    case REDIRECTED:
      asyncresult_instead_of_gio = address_of (ours, "g_task_get_type");
      if (options & (OPTION_VERBOSE | OPTION_ALL))
        say ("%zu functions of %s lead to %s", report.redirected, gio->l_name, ours->l_name);
      break;
    case REFUSED:
      give_up ("%s", report.problem);
      break;
    case BROKEN:
      say ("the process cannot go on: %s", report.problem);
      _exit (STATUS_REFUSED);
    }
}
