/* Run by ../unload.c: loads the library it is told, runs a task in a thread, and unloads it. Not linked to it. */
#include <glib-object.h>

#include <dlfcn.h>
#include <string.h>

typedef void (*Function) (void);

static Function
look_up (void *library, const char *name)
{
  void *address = dlsym (library, name);
  Function function;

  g_assert_nonnull (address);
  /* ISO C has no cast from an object pointer to a function pointer. */
  memcpy (&function, &address, sizeof function);
  return function;
}

static void (*return_int) (gpointer task, gssize result);

static void
return_seven (gpointer task, gpointer source G_GNUC_UNUSED, gpointer data G_GNUC_UNUSED,
              gpointer cancellable G_GNUC_UNUSED)
{
  return_int (task, 7);
}

/* Returns the type of the task. */
static GType
run_task (void *library)
{
  GObject *(*new_task) (gpointer, gpointer, gpointer, gpointer);
  void (*run_in_thread_sync) (GObject *, void (*) (gpointer, gpointer, gpointer, gpointer));
  gssize (*propagate_int) (GObject *, GError **);
  GObject *task;
  GType type;

  new_task = (GObject *(*) (gpointer, gpointer, gpointer, gpointer)) look_up (library, "g_task_new");
  run_in_thread_sync = (void (*) (GObject *, void (*) (gpointer, gpointer, gpointer, gpointer)))
    look_up (library, "g_task_run_in_thread_sync");
  propagate_int = (gssize (*) (GObject *, GError **)) look_up (library, "g_task_propagate_int");
  return_int = (void (*) (gpointer, gssize)) look_up (library, "g_task_return_int");
  task = new_task (NULL, NULL, NULL, NULL);
  type = G_OBJECT_TYPE (task);
  run_in_thread_sync (task, return_seven);
  g_assert_cmpint (propagate_int (task, NULL), ==, 7);
  g_object_unref (task);
  return type;
}

static void *
load (const char *path)
{
  void *library = dlopen (path, RTLD_NOW | RTLD_LOCAL);

  g_assert_nonnull (library);
  return library;
}

int
main (int argc, char **argv)
{
  GType type;
  void *library;

  g_assert_cmpint (argc, ==, 2);
  g_assert_null (dlopen (argv[1], RTLD_NOW | RTLD_NOLOAD));
  library = load (argv[1]);
  type = run_task (library);
  g_assert_cmpint (dlclose (library), ==, 0);
  /* Its code must still be there: a worker is in it, and GObject knows the types. */
  g_assert_nonnull (dlopen (argv[1], RTLD_NOW | RTLD_NOLOAD));
  library = load (argv[1]);
  g_assert_true (run_task (library) == type);
  return 0;
}
