/* libasyncresult-preload.so: at the start of a process, makes libgio's functions lead to libasyncresult. */
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

#include "options.h"
#include "redirect.h"

#define LIBGIO "libgio-2.0.so.0"

/* For libasyncresult to look up with dlsym: g_task_get_type of the copy of it that libgio's functions lead to,
 * NULL if they do not. That copy must not step back before libgio; any other must, as always. */
extern const void *asyncresult_instead_of_gio;
const void *asyncresult_instead_of_gio;

static unsigned options;
static bool gio_was_there;

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

static const char *
file_of (void *library)
{
  struct link_map *map = NULL;

  return dlinfo (library, RTLD_DI_LINKMAP, &map) == 0 ? map->l_name : "?";
}

static void *
open_gio (void)
{
  void *gio;

  if (!(options & OPTION_GIO))
    return dlopen (LIBGIO, RTLD_LAZY | RTLD_NOLOAD);
  gio = dlopen (LIBGIO, RTLD_LAZY);
  if (gio == NULL)
    give_up ("--gio: %s", dlerror ());
  return gio;
}

/* Our library: the one that is loaded, else the one that was installed with this file, one folder above it. */
static void *
open_ours (void)
{
  char path[PATH_MAX];
  Dl_info info;
  const char *slash;
  int length;
  void *ours = dlopen (ASYNCRESULT_SONAME, RTLD_NOW | RTLD_NOLOAD);

  if (ours != NULL)
    return ours;
  if (dladdr (&asyncresult_instead_of_gio, &info) == 0 || (slash = strrchr (info.dli_fname, '/')) == NULL)
    {
      give_up ("the preload library does not know where it is");
      return NULL;
    }
  length = snprintf (path, sizeof path, "%.*s/../%s", (int) (slash - info.dli_fname), info.dli_fname,
                     ASYNCRESULT_SONAME);
  if (length >= (int) sizeof path || (ours = dlopen (path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE)) == NULL)
    give_up ("%s", length >= (int) sizeof path ? "the path of our library is too long" : dlerror ());
  return ours;
}

/* A type of ours that GObject has already: some constructor was earlier than this one, and what it got stays. */
static const char *
registered_type (void *gio)
{
  static const char *const types[] = {
    "GAsyncResult", "GTask", "GSimpleAsyncResult", "GCancellable", "GIOErrorEnum",
  };
  unsigned long (*type_from_name) (const char *name);

  *(void **) &type_from_name = dlsym (gio, "g_type_from_name");
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

static void __attribute__ ((constructor))
take_the_place_of_gio (void)
{
  void *gio, *ours;
  const char *type;
  Report report = { 0 };

  read_options ();
  gio = open_gio ();
  if (gio == NULL)
    {
      if (options & OPTION_VERBOSE && !(options & OPTION_GIO))
        say ("no " LIBGIO " in this process, nothing to redirect");
      return;
    }
  gio_was_there = true;
  ours = open_ours ();
  if (ours == NULL)
    return;
  type = registered_type (gio);
  if (type != NULL)
    {
      give_up ("the type %s is registered already", type);
      return;
    }
  switch (redirect_all (gio, ours, &report))
    {
    case REDIRECTED:
      asyncresult_instead_of_gio = dlsym (ours, "g_task_get_type");
      if (options & OPTION_VERBOSE)
        say ("%zu functions of %s lead to %s%s%s", report.redirected, file_of (gio), file_of (ours),
             report.absent[0] != '\0' ? "; this libgio has no " : "", report.absent);
      break;
    case REFUSED:
      give_up ("%s", report.problem);
      break;
    case BROKEN:
      say ("the process cannot go on: %s", report.problem);
      _exit (STATUS_REFUSED);
    }
}

static void __attribute__ ((destructor))
look_for_a_late_gio (void)
{
  if (!gio_was_there && options & (OPTION_VERBOSE | OPTION_STRICT) && dlopen (LIBGIO, RTLD_LAZY | RTLD_NOLOAD) != NULL)
    say ("not redirected: " LIBGIO " was loaded later; --gio loads it first");
}
