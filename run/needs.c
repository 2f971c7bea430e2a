#include "needs.h"

#include <elf.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "libraries.h"
#include "names.h"
#include "options.h"
#include "program.h"
#include "trace.h"

/* What is printed of a file that has been looked at. */
static struct
{
  unsigned files;
  unsigned use_gio;
  unsigned need_more;
  unsigned not_read;
} total;

static void *
grown (void *items, size_t count, size_t size)
{
  /* At each power of two. */
  if ((count & (count - 1)) != 0)
    return items;
  items = realloc (items, (count == 0 ? 1 : 2 * count) * size);
  if (items == NULL)
    {
      say ("not enough memory");
      exit (STATUS_REFUSED);
    }
  return items;
}

/* A name that stands in a file, as it is printed: whatever it is, it does nothing to a terminal. Until the
 * next call. */
static const char *
printable (const char *text)
{
  static char shown[PATH_MAX];

  snprintf (shown, sizeof shown, "%s", text != NULL ? text : "");
  for (char *c = shown; *c != '\0'; c++)
    if (*c < ' ' || *c > '~')
      *c = '?';
  return shown;
}

static void
not_read (const char *name, const char *reason)
{
  say ("%s: %s", name, reason);
  total.not_read++;
}

/* Libraries, each once. */
typedef struct
{
  Library **items;
  size_t count;
} List;

static void
list_add (List *list, Library *library)
{
  for (size_t i = 0; i < list->count; i++)
    if (list->items[i] == library)
      return;
  list->items = grown (list->items, list->count, sizeof *list->items);
  list->items[list->count++] = library;
}

static bool
is_gio (const Library *library)
{
  const char *soname = binary_text (&library->binary, DT_SONAME, 0);

  return soname != NULL && strcmp (soname, LIBGIO) == 0;
}

static bool
needs_gio (const Library *library)
{
  const char *name;

  for (size_t i = 0; (name = binary_text (&library->binary, DT_NEEDED, i)) != NULL; i++)
    if (strcmp (name, LIBGIO) == 0)
      return true;
  return false;
}

static bool
is_ours (const char *name)
{
  for (size_t i = 0; i < N_NAMES; i++)
    if (strcmp (names[i], name) == 0)
      return true;
  return false;
}

/* What a file needs, and what that needs, as far as it is here. It is followed as far as is asked. */
typedef struct
{
  List list;
  size_t n_followed;
  /* One that is not here. */
  const char *missing;
} Others;

/* Whether one of them, but libgio, defines the name. */
static bool
others_define (Others *others, const char *name)
{
  /* The first is the file itself. */
  for (size_t i = 0; i < others->list.count; i++)
    {
      Library *library = others->list.items[i];
      const char *need;

      if (i > 0 && !is_gio (library) && library_defines (library, name))
        return true;
      for (size_t j = 0; i == others->n_followed && (need = binary_text (&library->binary, DT_NEEDED, j)) != NULL; j++)
        {
          Library *found = library_find_alike (need, library);

          if (found != NULL)
            list_add (&others->list, found);
          else if (strcmp (need, LIBGIO) != 0)
            others->missing = need;
        }
      if (i == others->n_followed)
        others->n_followed++;
    }
  return false;
}

static size_t
first_two_words (const char *name)
{
  const char *end = strchr (name, '_');

  end = end != NULL ? strchr (end + 1, '_') : NULL;
  return end != NULL ? (size_t) (end - name) + 1 : strlen (name);
}

/* Of a name that no library here has: whether it is likely to be of a newer one of the others, since one of them has names
 * that are more like it than libgio's are. So it is with g_string_free_and_steal. */
static bool
others_have_names_like (Others *others, const char *name, Library *gio)
{
  size_t likeness = first_two_words (name);

  if (gio != NULL && library_likeness (gio, name) > likeness)
    likeness = library_likeness (gio, name);
  for (size_t i = 1; i < others->list.count; i++)
    if (!is_gio (others->list.items[i]) && library_likeness (others->list.items[i], name) > likeness)
      return true;
  return false;
}

typedef struct
{
  const char *name;
  /* The class is so many characters of it. */
  size_t class_length;
  /* Not of the libgio that is here. */
  bool unknown;
} Lack;

/* A class is the longest prefix of the name for which libgio has a type, as g_file_info_ for the sake of
 * g_file_info_get_type. Without that it is the name's first two words. */
static size_t
class_length (const char *name, Library *gio)
{
  char type[256];

  for (size_t length = strlen (name); gio != NULL && length > 0; length--)
    if (name[length - 1] == '_' &&
        snprintf (type, sizeof type, "%.*sget_type", (int) length, name) < (int) sizeof type && library_defines (gio, type))
      return length;
  return first_two_words (name);
}

static int
compare (const void *left, const void *right)
{
  const Lack *first = left, *second = right;
  size_t shorter = first->class_length < second->class_length ? first->class_length : second->class_length;
  int difference = strncmp (first->name, second->name, shorter);

  if (difference == 0 && first->class_length != second->class_length)
    return first->class_length < second->class_length ? -1 : 1;
  return difference != 0 ? difference : strcmp (first->name, second->name);
}

static bool
same_class (const Lack *left, const Lack *right)
{
  return left->class_length == right->class_length && strncmp (left->name, right->name, left->class_length) == 0;
}

static void
print_lacks (const char *title, Lack *lacks, size_t count, const Library *gio, const char *missing)
{
  size_t n_classes = 0, n_unknown = 0;

  qsort (lacks, count, sizeof *lacks, compare);
  for (size_t i = 0; i < count; i++)
    {
      n_classes += i == 0 || !same_class (&lacks[i - 1], &lacks[i]);
      n_unknown += lacks[i].unknown;
    }
  printf ("%s: %zu symbol%s of %zu class%s\n", title, count, count == 1 ? "" : "s", n_classes,
          n_classes == 1 ? "" : "es");
  for (size_t i = 0; i < count; i++)
    {
      if (i == 0 || !same_class (&lacks[i - 1], &lacks[i]))
        printf ("  %.*s\n", (int) lacks[i].class_length, lacks[i].name);
      printf ("    %s%s\n", lacks[i].name, lacks[i].unknown && gio != NULL ? " ?" : "");
    }
  if (n_unknown > 0)
    printf ("  %s%s%s\n",
            gio != NULL ? "? no library that is here has it, and so it is taken for a newer libgio's"
                        : "no " LIBGIO " is here: what no other library has is taken for its",
            missing != NULL ? "; not here: " : "", printable (missing));
}

/* A library that is looked at for the sake of another one is worth a line if it uses GIO. */
static void
look_at (Library *library, const char *title, bool always)
{
  Library *gio = library_find_alike (LIBGIO, library);
  bool may_be_newer = needs_gio (library);
  Others others = { { NULL, 0 }, 0, NULL };
  Lack *lacks = NULL;
  size_t n_ours = 0, n_lacks = 0;
  Symbol symbol;

  list_add (&others.list, library);
  for (size_t i = 0; i < binary_n_symbols (&library->binary); i++)
    {
      bool known;

      /* A file starts without what is weak. */
      if (!binary_symbol (&library->binary, i, &symbol) || symbol.defined || symbol.weak)
        continue;
      if (is_ours (symbol.name))
        {
          n_ours++;
          continue;
        }
      known = gio != NULL && library_defines (gio, symbol.name);
      if (!known && (!may_be_newer || strncmp (symbol.name, "g_", 2) != 0 || others_define (&others, symbol.name) ||
                     others_have_names_like (&others, symbol.name, gio)))
        continue;
      lacks = grown (lacks, n_lacks, sizeof *lacks);
      lacks[n_lacks++] = (Lack) { symbol.name, class_length (symbol.name, gio), !known };
    }
  total.files++;
  total.use_gio += n_ours + n_lacks > 0;
  total.need_more += n_lacks > 0;
  if (n_lacks > 0)
    print_lacks (title, lacks, n_lacks, gio, others.missing);
  else if (n_ours > 0)
    printf ("%s: nothing: links with asyncresult alone, for %zu symbol%s\n", title, n_ours, n_ours == 1 ? "" : "s");
  else if (always)
    printf ("%s: nothing: uses nothing of libgio\n", title);
  free (lacks);
  free (others.list.items);
}

/* All that the list's libraries from there on need, and what these need; but neither libgio nor what only that needs. */
static void
follow (List *list, size_t first)
{
  for (size_t i = first; i < list->count; i++)
    {
      const char *need;

      for (size_t j = 0; (need = binary_text (&list->items[i]->binary, DT_NEEDED, j)) != NULL; j++)
        {
          Library *library = strcmp (need, LIBGIO) != 0 ? library_find (need, list->items[i]) : NULL;
          char reason[PATH_MAX + 64];

          if (library != NULL)
            list_add (list, library);
          else if (strcmp (need, LIBGIO) != 0)
            {
              snprintf (reason, sizeof reason, "not found; %s needs it", printable (list->items[i]->path));
              not_read (printable (need), reason);
            }
        }
    }
}

/* As it stands; or else a program of that name on PATH. */
static void
look_at_name (const char *name, bool deep, List *seen)
{
  char path[PATH_MAX], interpreter[PATH_MAX], title[2 * PATH_MAX];
  const char *problem = NULL;
  Library *library = NULL;

  if (realpath (name, path) == NULL)
    {
      int error = errno;

      if (strchr (name, '/') != NULL || program_find (name, path) != 0)
        {
          not_read (name, strerror (error));
          return;
        }
    }
  snprintf (title, sizeof title, "%s", name);
  for (int i = 0; i <= MAX_INTERPRETERS; i++)
    {
      library = library_open (path, NULL, &problem);
      if (library != NULL || problem != binary_is_no_elf || !program_interpreter (path, interpreter))
        break;
      strcpy (path, interpreter);
      snprintf (title, sizeof title, "%s, which %s runs", name, printable (path));
    }
  if (library == NULL)
    not_read (title, problem);
  else if (is_gio (library))
    not_read (title, "this is libgio");
  else
    {
      size_t first = seen->count;

      look_at (library, title, true);
      list_add (seen, library);
      if (!deep || seen->count == first)
        return;
      follow (seen, first);
      for (size_t i = first + 1; i < seen->count; i++)
        look_at (seen->items[i], printable (seen->items[i]->path), false);
    }
}

int
needs_list (char **files, bool deep)
{
  List seen = { NULL, 0 };

  for (char **file = files; *file != NULL; file++)
    deep |= strcmp (*file, "--deep") == 0;
  for (; *files != NULL; files++)
    if (strcmp (*files, "--deep") != 0)
      look_at_name (*files, deep, &seen);
  if (total.files > 1)
    printf ("%u files, %u use GIO, %u of these need more than asyncresult\n", total.files, total.use_gio,
            total.need_more);
  free (seen.items);
  if (fflush (stdout) != 0 || total.not_read > 0)
    return STATUS_REFUSED;
  return total.need_more > 0;
}
