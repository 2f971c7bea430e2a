/* What the recorder is to write down. The first argument names one of the functions of traced.h; cases_*.py have what is
 * expected of it. */
#include "traced.h"

#include <stdlib.h>
#include <string.h>

int amount;
const char *own_path;

void
ready (GObject *source G_GNUC_UNUSED, GAsyncResult *result, gpointer kind)
{
  GTask *task = G_TASK (result);
  g_autoptr (GError) error = NULL;
  GValue value = G_VALUE_INIT;

  switch (GPOINTER_TO_INT (kind))
    {
    case 'p':
      g_free (g_task_propagate_pointer (task, &error));
      break;
    case 'i':
      g_task_propagate_int (task, &error);
      break;
    case 'b':
      g_task_propagate_boolean (task, &error);
      break;
    case 'v':
      if (g_task_propagate_value (task, &value, &error))
        g_value_unset (&value);
      break;
    default:
      break;
    }
}

GTask *
new_task (GCancellable *cancellable, char kind, const char *name)
{
  GTask *task = g_task_new (NULL, cancellable, ready, GINT_TO_POINTER ((int) kind));

  g_task_set_name (task, name);
  return task;
}

void
iterate (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

gboolean
is_completed (gpointer task)
{
  return g_task_get_completed (task);
}

void
iterate_until (gboolean (*is_true) (gpointer), gpointer data)
{
  while (!is_true (data))
    g_main_context_iteration (NULL, TRUE);
}

void
return_kind (GTask *task, char kind)
{
  GValue value = G_VALUE_INIT;

  switch (kind)
    {
    case 'p':
      g_task_return_pointer (task, g_strdup ("text"), g_free);
      break;
    case 'i':
      g_task_return_int (task, 3);
      break;
    case 'b':
      g_task_return_boolean (task, TRUE);
      break;
    case 'v':
      g_value_init (&value, G_TYPE_INT);
      g_task_return_value (task, &value);
      g_value_unset (&value);
      break;
    default:
      g_assert_not_reached ();
    }
}

void
work (GTask *task, gpointer source G_GNUC_UNUSED, gpointer data G_GNUC_UNUSED, GCancellable *cancellable G_GNUC_UNUSED)
{
  return_kind (task, 'i');
}

static GMutex mutex;
static GCond condition;
static int step;

void
reach (int next)
{
  g_mutex_lock (&mutex);
  step = next;
  g_cond_broadcast (&condition);
  g_mutex_unlock (&mutex);
}

void
wait_for (int awaited)
{
  g_mutex_lock (&mutex);
  while (step < awaited)
    g_cond_wait (&condition, &mutex);
  g_mutex_unlock (&mutex);
}

static const struct
{
  const char *name;
  void (*function) (void);
} functions[] = {
#define FUNCTION(name) { #name, name },
  FUNCTIONS
#undef FUNCTION
};

int
main (int argc, char **argv)
{
  own_path = argv[0];
  amount = argc > 2 ? atoi (argv[2]) : 0;
  for (gsize i = 0; argc >= 2 && i < G_N_ELEMENTS (functions); i++)
    if (strcmp (argv[1], functions[i].name) == 0)
      {
        functions[i].function ();
        return 0;
      }
  return 2;
}
