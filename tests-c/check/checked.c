/* What the checker is to speak of. The first argument names one of the functions of the table below; `run` has what is
 * expected. */
#define _GNU_SOURCE /* MAP_ANONYMOUS */
#include <asyncresult/asyncresult.h>

#include <alloca.h>
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

static void
ready (GObject *source G_GNUC_UNUSED, GAsyncResult *result, gpointer data G_GNUC_UNUSED)
{
  g_task_propagate_boolean (G_TASK (result), NULL);
}

static GTask *
new_named (const char *name, GCancellable *cancellable)
{
  GTask *task = g_task_new (NULL, cancellable, ready, NULL);

  g_task_set_name (task, name);
  return task;
}

static void
iterate (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

/* One task that is made, returned, called back and freed. */
static void
nothing_wrong (void)
{
  GTask *task = new_named ("good", NULL);

  g_task_return_boolean (task, TRUE);
  iterate ();
  g_object_unref (task);
}

static void
never_unreffed (void)
{
  g_task_return_boolean (new_named ("kept", NULL), TRUE);
  iterate ();
}

static void
never_returned (void)
{
  for (int i = 0; i < 3; i++)
    new_named ("begun", NULL);
}

static void
wrong_context (void)
{
  GMainContext *context = g_main_context_new ();
  GTask *task;

  g_main_context_push_thread_default (context);
  task = new_named ("waiting", NULL);
  g_main_context_pop_thread_default (context);
  g_task_return_boolean (task, TRUE);
  g_object_unref (task);
  g_main_context_unref (context);
  iterate ();
}

/* From now on a thread that does not ask for a stack size is refused: there are not so many addresses. */
static void
refuse_threads (void)
{
  const gsize bytes = GLIB_SIZEOF_SIZE_T == 8 ? (gsize) 64 << 40 : (gsize) 3 << 30;
  pthread_attr_t attributes;

  g_assert_cmpint (pthread_attr_init (&attributes), ==, 0);
  g_assert_cmpint (pthread_attr_setstacksize (&attributes, bytes), ==, 0);
  g_assert_cmpint (pthread_setattr_default_np (&attributes), ==, 0);
  pthread_attr_destroy (&attributes);
}

static gint running;

static void
block (GTask *task G_GNUC_UNUSED, gpointer source G_GNUC_UNUSED, gpointer data G_GNUC_UNUSED,
       GCancellable *cancellable G_GNUC_UNUSED)
{
  g_atomic_int_inc (&running);
  g_usleep (G_MAXINT);
}

static void
start_blocked (const char *name, GCancellable *cancellable)
{
  GTask *task = new_named (name, cancellable);

  g_task_run_in_thread (task, block);
  g_object_unref (task);
}

/* The pool has ten workers, and is given no other thread, however long this takes. */
static void
queued (void)
{
  for (int i = 0; i < 10; i++)
    start_blocked ("blocker", NULL);
  while (g_atomic_int_get (&running) < 10)
    g_thread_yield ();
  refuse_threads ();
  start_blocked ("queued", NULL);
}

static void
cancelled (void)
{
  GCancellable *cancellable = g_cancellable_new ();

  start_blocked ("stubborn", cancellable);
  while (g_atomic_int_get (&running) < 1)
    g_thread_yield ();
  g_cancellable_cancel (cancellable);
}

static void
ignore (void)
{
}

static void
handlers (void)
{
  GCancellable *cancellable = g_cancellable_new ();

  for (int i = 0; i < 1001; i++)
    g_cancellable_connect (cancellable, ignore, NULL, NULL);
}

/* As many are connected, but none is left. */
static void
handlers_gone (void)
{
  GCancellable *cancellable = g_cancellable_new ();

  for (int i = 0; i < 1001; i++)
    g_cancellable_disconnect (cancellable, g_cancellable_connect (cancellable, ignore, NULL, NULL));
}

static gint stopped;

static gpointer
make_tasks (gpointer data)
{
  GMainContext *context = g_main_context_new ();

  g_main_context_push_thread_default (context);
  while (!g_atomic_int_get (&stopped))
    {
      GTask *task = g_task_new (NULL, NULL, NULL, NULL);

      g_task_return_boolean (task, TRUE);
      g_object_unref (task);
      g_main_context_iteration (context, FALSE);
    }
  return data;
}

/* The child begins while other threads are in the checker. None of them takes a lock of GLib's that the child needs: the
 * type is there before. */
static void
forked (void)
{
  nothing_wrong ();
  for (int i = 0; i < 4; i++)
    g_thread_unref (g_thread_new ("maker", make_tasks, NULL));
  for (int i = 0; i < 50; i++)
    {
      pid_t child = fork ();
      int status;

      if (child == 0)
        {
          alarm (5);
          GTask *task = g_task_new (NULL, NULL, NULL, NULL);

          /* A mistake has places looked up. */
          if (i == 0)
            g_task_propagate_boolean (task, NULL);
          _exit (0);
        }
      g_assert_cmpint (waitpid (child, &status, 0), ==, child);
      g_assert_cmpint (status, ==, 0);
    }
  _exit (0);
}

/* The child has neither the workers nor what waited for them. */
static void
listed_in_child (void)
{
  pid_t child;
  int status;

  queued ();
  child = fork ();
  if (child == 0)
    exit (0);
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  _exit (0);
}

static void
fork_and_leave (GTask *task G_GNUC_UNUSED, gpointer source G_GNUC_UNUSED, gpointer data G_GNUC_UNUSED,
                GCancellable *cancellable G_GNUC_UNUSED)
{
  pid_t child = fork ();
  int status;

  if (child == 0)
    exit (0);
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  _exit (0);
}

/* The thread that forks is the one that the child has. */
static void
forked_in_function (void)
{
  g_task_run_in_thread (new_named ("forking", NULL), fork_and_leave);
  g_usleep (G_MAXINT);
}

/* Nobody sees the debug message. */
static void
drop_tasks (int count)
{
  for (int i = 0; i < count; i++)
    g_object_unref (g_task_new (NULL, NULL, NULL, NULL));
}

static void
few_dropped (void)
{
  drop_tasks (10);
}

static void
many_dropped (void)
{
  drop_tasks (1010);
}

static gpointer
leave (gpointer data G_GNUC_UNUSED)
{
  exit (0);
}

static void
exit_elsewhere (void)
{
  new_named ("begun", NULL);
  for (int i = 0; i < 2; i++)
    g_thread_unref (g_thread_new ("maker", make_tasks, NULL));
  g_thread_join (g_thread_new ("leaver", leave, NULL));
}

/* The callback drops a reference that it does not have. */
static void
drop (GObject *source G_GNUC_UNUSED, GAsyncResult *result, gpointer data G_GNUC_UNUSED)
{
  g_object_unref (result);
}

/* "4.37 (better): where the task was made" */
static void
dropped_in_callback (void)
{
  GTask *task = g_task_new (NULL, NULL, drop, NULL);

  g_task_set_name (task, "dropped");
  g_task_return_boolean (task, TRUE);
  g_object_unref (task);
  iterate ();
}

static void
dropped_while_waiting (void)
{
  GTask *task = new_named ("dropped", NULL);

  g_task_return_boolean (task, TRUE);
  g_object_unref (task);
  g_object_unref (task);
}

/* Two references, dropped twice by the same function: that is right. */
static void
shared_object (void)
{
  GObject *object = g_object_new (G_TYPE_OBJECT, NULL);
  GTask *task = new_named ("shared", NULL);

  g_task_set_task_data (task, g_object_ref (object), g_object_unref);
  g_task_return_pointer (task, object, g_object_unref);
  g_object_unref (task);
}

/* Called again from elsewhere, each return is named. */
static void
returned_again (GTask *task)
{
  g_task_return_boolean (task, TRUE);
}

static gboolean
return_in_source (gpointer task)
{
  returned_again (task);
  g_task_return_boolean (task, FALSE);
  return G_SOURCE_CONTINUE;
}

static void
several_returns (void)
{
  GTask *task = new_named ("several", NULL);

  returned_again (task);
  returned_again (task);
  g_idle_add (return_in_source, task);
  for (int i = 0; i < 3; i++)
    g_main_context_iteration (NULL, FALSE);
}

static gboolean
return_in_other_source (gpointer task)
{
  g_task_return_boolean (task, TRUE);
  return G_SOURCE_CONTINUE;
}

/* Both go on, and each is to be named once. */
static void
two_sources (void)
{
  GTask *task = new_named ("shared", NULL);

  g_idle_add (return_in_source, task);
  g_idle_add (return_in_other_source, task);
  for (int i = 0; i < 5; i++)
    g_main_context_iteration (NULL, FALSE);
}

/* A GValue of what is none, and numbers that are taken for truth values. */
static void
other_kinds (void)
{
  GValue value = G_VALUE_INIT;
  GTask *task = g_task_new (NULL, NULL, NULL, NULL);

  g_task_return_int (task, 1);
  g_task_propagate_value (task, &value, NULL);
  g_task_propagate_boolean (task, NULL);
}

static void
return_twice (GTask *task, gpointer source G_GNUC_UNUSED, gpointer data G_GNUC_UNUSED,
              GCancellable *cancellable G_GNUC_UNUSED)
{
  g_task_return_boolean (task, TRUE);
  g_task_return_boolean (task, FALSE);
}

/* A function that returns twice, and one during which another thread returns. */
static void
returned_while_running (void)
{
  GTask *task = new_named ("hasty", NULL);

  g_task_run_in_thread (task, return_twice);
  while (!g_task_get_completed (task))
    g_main_context_iteration (NULL, TRUE);
  g_object_unref (task);
}

#define LARGE_STACK 0x100000
#define SMALL_STACK 0x20000
#define ARRAY 64000

static ucontext_t outside, inside;
static size_t array_size;

/* Its frame is as large as it has to be. */
static void
make_behind_array (void)
{
  volatile char *array = alloca (array_size);

  array[0] = 1;
  g_object_unref (g_task_new (NULL, NULL, NULL, NULL));
  array[0] = 2;
}

static void
make_on_stack (char *stack, size_t size, size_t array)
{
  g_assert_true (mmap (stack, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == stack);
  array_size = array;
  getcontext (&inside);
  inside.uc_stack.ss_sp = stack;
  inside.uc_stack.ss_size = size;
  inside.uc_link = &outside;
  makecontext (&inside, make_behind_array, 0);
  swapcontext (&outside, &inside);
  munmap (stack, size);
}

/* Tasks are made on stacks of the program's own: the second begins where the first did, and ends before. */
static void
coroutines (void)
{
  char *place = mmap (NULL, LARGE_STACK, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

  make_on_stack (place, LARGE_STACK, ARRAY + LARGE_STACK - SMALL_STACK);
  make_on_stack (place, SMALL_STACK, ARRAY);
}

G_GNUC_BEGIN_IGNORE_DEPRECATIONS

static void
simple_ready (GObject *source G_GNUC_UNUSED, GAsyncResult *result G_GNUC_UNUSED, gpointer data)
{
  *(gboolean *) data = TRUE;
}

/* They are smaller than tasks: what is looked at in a task is not there. */
static void
simple_results (void)
{
  gboolean called = FALSE;
  GSimpleAsyncResult *simple = g_simple_async_result_new (NULL, simple_ready, &called, NULL);

  nothing_wrong ();
  g_simple_async_result_complete_in_idle (simple);
  g_object_unref (simple);
  iterate ();
  g_assert_true (called);
}

G_GNUC_END_IGNORE_DEPRECATIONS

/* The frame of this function is of another size each time. */
static G_GNUC_NO_INLINE GTask *
new_behind_array (size_t size)
{
  volatile char *array = alloca (size);
  GTask *task;

  array[0] = 1;
  task = g_task_new (NULL, NULL, NULL, NULL);
  array[size - 1] = 2;
  return task;
}

static G_GNUC_NO_INLINE GTask *
new_behind_small_array (void)
{
  GTask *task = new_behind_array (16);

  g_task_set_name (task, "small");
  return task;
}

static G_GNUC_NO_INLINE GTask *
new_behind_large_array (size_t size)
{
  GTask *task = new_behind_array (size);

  g_task_set_name (task, "large");
  return task;
}

static void
frames_that_vary (void)
{
  for (size_t i = 0; i < 50; i++)
    {
      GTask *small = new_behind_small_array (), *large = new_behind_large_array (32 + 16 * i);

      g_task_propagate_int (small, NULL);
      g_task_propagate_int (large, NULL);
      g_object_unref (small);
      g_object_unref (large);
    }
}

/* Tasks of fifty kinds: each is made, returned, called back and freed by functions of its own. */
#define KIND(number) \
  static void \
  finish_##number (GObject *source G_GNUC_UNUSED, GAsyncResult *result, gpointer data G_GNUC_UNUSED) \
  { \
    g_task_propagate_boolean (G_TASK (result), NULL); \
  } \
  static void \
  start_##number (void) \
  { \
    volatile char frame[16 + number]; \
    GTask *task = g_task_new (NULL, NULL, finish_##number, NULL); \
    frame[0] = (char) number; \
    g_task_return_boolean (task, TRUE); \
    g_object_unref (task); \
    (void) frame[0]; \
  }
#define TEN(what, tens) \
  what (tens##0) what (tens##1) what (tens##2) what (tens##3) what (tens##4) \
  what (tens##5) what (tens##6) what (tens##7) what (tens##8) what (tens##9)
TEN (KIND, 1) TEN (KIND, 2) TEN (KIND, 3) TEN (KIND, 4) TEN (KIND, 5)

static void
make_kinds (int rounds)
{
#define START(number) start_##number,
  void (*const starts[]) (void) = { TEN (START, 1) TEN (START, 2) TEN (START, 3) TEN (START, 4) TEN (START, 5) };

  for (int round = 0; round < rounds; round++)
    for (gsize i = 0; i < G_N_ELEMENTS (starts); i++)
      {
        starts[i] ();
        iterate ();
      }
}

static void
few_of_each_kind (void)
{
  make_kinds (2);
}

static void
many_of_each_kind (void)
{
  make_kinds (42);
}

/* Each of an argument that has to be an instance, and is none, or another. */
static void
no_instances (void)
{
  GObject *object = g_object_new (G_TYPE_OBJECT, NULL);
  GParamSpec *no_object = g_param_spec_boolean ("name", NULL, NULL, FALSE, 0);

  g_initable_init (NULL, NULL, NULL);
  g_async_initable_init_async ((gpointer) object, 0, NULL, NULL, NULL);
  G_GNUC_BEGIN_IGNORE_DEPRECATIONS
  g_simple_async_result_new ((gpointer) no_object, NULL, NULL, NULL);
  G_GNUC_END_IGNORE_DEPRECATIONS
  g_param_spec_unref (no_object);
  g_object_unref (object);
}

static const struct
{
  const char *name;
  void (*function) (void);
} functions[] = {
#define FUNCTION(name) { #name, name }
  FUNCTION (nothing_wrong), FUNCTION (never_unreffed), FUNCTION (never_returned), FUNCTION (wrong_context),
  FUNCTION (queued), FUNCTION (cancelled), FUNCTION (handlers), FUNCTION (handlers_gone), FUNCTION (forked),
  FUNCTION (exit_elsewhere), FUNCTION (dropped_in_callback), FUNCTION (dropped_while_waiting),
  FUNCTION (returned_while_running), FUNCTION (coroutines), FUNCTION (shared_object),
  FUNCTION (several_returns), FUNCTION (other_kinds), FUNCTION (no_instances),
  FUNCTION (two_sources), FUNCTION (simple_results), FUNCTION (listed_in_child), FUNCTION (forked_in_function),
  FUNCTION (few_dropped), FUNCTION (many_dropped),
  FUNCTION (frames_that_vary), FUNCTION (few_of_each_kind), FUNCTION (many_of_each_kind),
};

int
main (int argc, char **argv)
{
  for (gsize i = 0; argc == 2 && i < G_N_ELEMENTS (functions); i++)
    if (strcmp (argv[1], functions[i].name) == 0)
      {
        functions[i].function ();
        return 0;
      }
  return 2;
}
