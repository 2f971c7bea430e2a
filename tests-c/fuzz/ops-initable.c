/* GInitable, GAsyncInitable and GIOScheduler. What runs in a worker is let go at once, and is over before the next
 * line. */
#include "fuzz.h"

#include <string.h>

/* ---- a class that does what its number says ---- */

enum
{
  SUCCEEDS,
  FAILS,
  FAILS_SILENTLY,
  SUCCEEDS_WITH_ERROR,
  N_OUTCOMES,
};

typedef struct
{
  GObject parent_instance;
  int number; /* of the initialization */
  int outcome;
} FuzzInitable;

typedef GObjectClass FuzzInitableClass;
static void fuzz_initable_implement (GInitableIface *iface);
static GType fuzz_initable_get_type (void);
G_DEFINE_TYPE_WITH_CODE (FuzzInitable, fuzz_initable, G_TYPE_OBJECT,
                         G_IMPLEMENT_INTERFACE (G_TYPE_INITABLE, fuzz_initable_implement)
                         G_IMPLEMENT_INTERFACE (G_TYPE_ASYNC_INITABLE, NULL))

/* For workers: of those initializations that run in one. */
static Gate gates[MAX_SLOTS];
static gboolean is_workers[MAX_SLOTS];

static void
worker_begin (int number)
{
  turns_set_role ("worker");
  gate_wait (&gates[number]);
}

static gboolean
fuzz_initable_initialize (GInitable *initable, GCancellable *cancellable, GError **error)
{
  FuzzInitable *self = (FuzzInitable *) initable;
  gboolean in_worker = is_workers[self->number];
  gboolean succeeds = self->outcome == SUCCEEDS || self->outcome == SUCCEEDS_WITH_ERROR;

  if (in_worker)
    worker_begin (self->number);
  turn_take ();
  say ("init q%d cancellable=%s current=%s error=%d", self->number, name_of ('c', cancellable),
       name_of ('c', g_cancellable_get_current ()), error != NULL);
  fire (AT_INIT, self->number);
  fuzz_error_number (2600 + self->number);
  if (self->outcome == FAILS)
    g_set_error (error, FUZZ_ERROR, 20, "init %d fails", self->number);
  else if (self->outcome == SUCCEEDS_WITH_ERROR)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_BUSY, "init %d succeeds", self->number);
  say ("init q%d ends", self->number);
  if (in_worker)
    {
      workers_simple_result ();
      gate_leave (&gates[self->number]);
    }
  turn_give ();
  return succeeds;
}

static void
fuzz_initable_implement (GInitableIface *iface)
{
  iface->init = fuzz_initable_initialize;
}

static void
fuzz_initable_set_property (GObject *object, guint id, const GValue *value, GParamSpec *property G_GNUC_UNUSED)
{
  FuzzInitable *self = (FuzzInitable *) object;

  if (id == 1)
    self->number = g_value_get_int (value);
  else
    self->outcome = g_value_get_int (value);
}

static void
fuzz_initable_finalize (GObject *object)
{
  say_released ("free initable q%d", ((FuzzInitable *) object)->number);
  G_OBJECT_CLASS (fuzz_initable_parent_class)->finalize (object);
}

static void
fuzz_initable_class_init (FuzzInitableClass *class)
{
  GParamFlags flags = G_PARAM_WRITABLE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS;

  class->set_property = fuzz_initable_set_property;
  class->finalize = fuzz_initable_finalize;
  g_object_class_install_property (class, 1, g_param_spec_int ("number", NULL, NULL, 0, MAX_SLOTS, 0, flags));
  g_object_class_install_property (class, 2, g_param_spec_int ("outcome", NULL, NULL, 0, N_OUTCOMES, 0, flags));
}

static void
fuzz_initable_init (FuzzInitable *self G_GNUC_UNUSED)
{
}

/* ---- one that initializes itself in the loop ---- */

typedef FuzzInitable LoopInitable;
typedef FuzzInitableClass LoopInitableClass;
static void loop_initable_implement (GAsyncInitableIface *iface);
static GType loop_initable_get_type (void);
G_DEFINE_TYPE_WITH_CODE (LoopInitable, loop_initable, fuzz_initable_get_type (),
                         G_IMPLEMENT_INTERFACE (G_TYPE_ASYNC_INITABLE, loop_initable_implement))

static void
loop_initable_initialize_async (GAsyncInitable *initable, int priority, GCancellable *cancellable,
                                GAsyncReadyCallback callback, gpointer data)
{
  GTask *task = g_task_new (initable, cancellable, callback, data);
  GError *error = NULL;

  g_task_set_priority (task, priority);
  if (fuzz_initable_initialize (G_INITABLE (initable), cancellable, &error))
    {
      g_clear_error (&error);
      g_task_return_boolean (task, TRUE);
    }
  else if (error)
    g_task_return_error (task, error);
  else
    g_task_return_boolean (task, FALSE);
  g_object_unref (task);
}

static gboolean
loop_initable_initialize_finish (GAsyncInitable *initable, GAsyncResult *result, GError **error)
{
  say ("finish q%d valid=%d", ((FuzzInitable *) initable)->number, g_task_is_valid (result, initable));
  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
loop_initable_implement (GAsyncInitableIface *iface)
{
  iface->init_async = loop_initable_initialize_async;
  iface->init_finish = loop_initable_initialize_finish;
}

static void
loop_initable_class_init (LoopInitableClass *class G_GNUC_UNUSED)
{
}

static void
loop_initable_init (LoopInitable *self G_GNUC_UNUSED)
{
}

/* ---- one that does so with a GSimpleAsyncResult, and leaves the end to the interface ---- */

typedef FuzzInitable SimpleInitable;
typedef FuzzInitableClass SimpleInitableClass;
static void simple_initable_implement (GAsyncInitableIface *iface);
static GType simple_initable_get_type (void);
G_DEFINE_TYPE_WITH_CODE (SimpleInitable, simple_initable, fuzz_initable_get_type (),
                         G_IMPLEMENT_INTERFACE (G_TYPE_ASYNC_INITABLE, simple_initable_implement))

static void
simple_initable_initialize_async (GAsyncInitable *initable, int priority G_GNUC_UNUSED, GCancellable *cancellable,
                                  GAsyncReadyCallback callback, gpointer data)
{
  GSimpleAsyncResult *simple = g_simple_async_result_new (G_OBJECT (initable), callback, data, NULL);
  GError *error = NULL;

  if (fuzz_initable_initialize (G_INITABLE (initable), cancellable, &error))
    g_clear_error (&error);
  if (error)
    g_simple_async_result_take_error (simple, error);
  g_simple_async_result_set_check_cancellable (simple, cancellable);
  g_simple_async_result_complete_in_idle (simple);
  g_object_unref (simple);
}

static void
simple_initable_implement (GAsyncInitableIface *iface)
{
  iface->init_async = simple_initable_initialize_async;
}

static void
simple_initable_class_init (SimpleInitableClass *class G_GNUC_UNUSED)
{
}

static void
simple_initable_init (SimpleInitable *self G_GNUC_UNUSED)
{
}

/* ---- operations ---- */

static GObject *
new_from_list (GType type, GCancellable *cancellable, GError **error, const char *first, ...)
{
  va_list properties;
  GObject *object;

  va_start (properties, first);
  object = g_initable_new_valist (type, first, properties, cancellable, error);
  va_end (properties);
  return object;
}

/* Modes: the outcome, and by which function. */
static void
op_init (const int *args)
{
  int number = args[0], outcome = args[2] % N_OUTCOMES;
  GCancellable *cancellable = slot_get ('c', args[1]);
  GType type = fuzz_initable_get_type ();
  GParameter parameters[2] = { { "number", G_VALUE_INIT }, { "outcome", G_VALUE_INIT } };
  GObject *object;
  GError *error = NULL;

  if (cancellable)
    g_object_ref (cancellable); /* a line may drop another one */
  switch (args[2] / N_OUTCOMES)
    {
    case 0:
      object = g_initable_new (type, cancellable, &error, "number", number, "outcome", outcome, NULL);
      break;
    case 1:
      object = new_from_list (type, cancellable, &error, "number", number, "outcome", outcome, NULL);
      break;
    default:
      g_value_set_int (g_value_init (&parameters[0].value, G_TYPE_INT), number);
      g_value_set_int (g_value_init (&parameters[1].value, G_TYPE_INT), outcome);
      object = g_initable_newv (type, 2, parameters, cancellable, &error);
    }
  say ("= %d", object != NULL);
  say_error (error);
  g_clear_object (&object);
  if (cancellable)
    g_object_unref (cancellable);
}

static void
initialized (GObject *source, GAsyncResult *result, gpointer data)
{
  int number = GPOINTER_TO_INT (data);
  GError *error = NULL;
  GObject *object;

  turn_take ();
  say ("inited q%d own=%d dispatching=%d context=%s", number, ((FuzzInitable *) source)->number,
       g_main_current_source () != NULL, name_of ('x', g_main_context_get_thread_default ()));
  if (G_IS_TASK (result))
    say ("  priority=%d name=%s", g_task_get_priority (G_TASK (result)), g_task_get_name (G_TASK (result)));
  object = g_async_initable_new_finish (G_ASYNC_INITABLE (source), result, &error);
  say ("  same=%d", object == source);
  say_error (error);
  g_clear_object (&object);
  fire (AT_INITED, number);
  turn_give ();
}

/* A worker's result: see workers.c. */
static void
expect_worker (int priority, int cancellable)
{
  workers_note_priority (priority);
  workers_simple_result ();
  if (cancellable != NOTHING)
    slot_keep ('c', cancellable);
}

/* Modes: the outcome; in a worker, in the loop, so with a simple result, or in a worker without a callback. */
static void
op_init_async (const int *args)
{
  GType const types[] = { fuzz_initable_get_type (), loop_initable_get_type (), simple_initable_get_type (),
                          fuzz_initable_get_type () };
  int number = args[0], outcome = args[3] % N_OUTCOMES, way = args[3] / N_OUTCOMES;
  gboolean in_worker = types[way] == fuzz_initable_get_type ();
  GAsyncReadyCallback callback = way == 3 ? NULL : initialized;

  if (!loops_are_allowed ())
    {
      skip ("the result would wait for an iteration");
      return;
    }
  if (in_worker)
    expect_worker (args[2], args[1]);
  is_workers[number] = in_worker;
  g_async_initable_new_async (types[way], args[2], slot_get ('c', args[1]), callback, GINT_TO_POINTER (number),
                              "number", number, "outcome", outcome, NULL);
  if (in_worker)
    gate_open (&gates[number], TRUE);
}

/* ---- jobs ---- */

enum
{
  ONCE,
  TWICE,
  SENDS,
  WAITS, /* for what it sends */
  N_JOB_MODES,
};

static struct
{
  int mode;
  int runs;
  gboolean listed;
  int cancellable;
} jobs[MAX_SLOTS];
static int n_waiting;
static gboolean answered;

/* The cancellable of a job that was not released, else NOTHING. */
int
job_get_cancellable (int number)
{
  return jobs[number].listed ? jobs[number].cancellable : NOTHING;
}

/* A job that has its answer goes on when it gets the turn: before a line that could let another worker go on. */
void
jobs_before_line (void)
{
  if (answered && role_is ("main") && !sync_functions_run ())
    {
      answered = FALSE;
      settle ();
    }
}

static gboolean
sent (gpointer data)
{
  int number = GPOINTER_TO_INT (data);

  turn_take ();
  say ("sent q%d dispatching=%d context=%s", number, g_main_current_source () != NULL,
       name_of ('x', g_main_context_get_thread_default ()));
  fire (AT_INITED, number);
  answered |= jobs[number].mode == WAITS;
  turn_give ();
  return TRUE;
}

static void
sent_freed (gpointer data)
{
  say_released ("free sent q%d depth=%d", GPOINTER_TO_INT (data), g_main_depth ());
}

static gboolean
job_runs (GIOSchedulerJob *job, GCancellable *cancellable, gpointer data)
{
  int number = GPOINTER_TO_INT (data);
  gboolean again = jobs[number].mode == TWICE && jobs[number].runs++ == 0;

  worker_begin (number);
  turn_take ();
  say ("job q%d cancellable=%s current=%s", number, name_of ('c', cancellable),
       name_of ('c', g_cancellable_get_current ()));
  fire (AT_INIT, number);
  if (jobs[number].mode == SENDS)
    g_io_scheduler_job_send_to_mainloop_async (job, sent, data, sent_freed);
  workers_simple_result ();
  if (!again)
    gate_leave (&gates[number]);
  turn_give ();
  if (jobs[number].mode == WAITS)
    {
      gboolean answer = g_io_scheduler_job_send_to_mainloop (job, sent, data, sent_freed);

      turn_take ();
      say ("job q%d answer=%d", number, answer);
      n_waiting--;
      workers_simple_result ();
      turn_give ();
    }
  return again;
}

static void
job_freed (gpointer data)
{
  int number = GPOINTER_TO_INT (data);

  jobs[number].listed = FALSE;
  say_released ("free job q%d depth=%d", number, g_main_depth ());
}

static void
op_push_job (const int *args)
{
  int number = args[0];

  if (!loops_are_allowed ())
    {
      skip ("the job would wait for an iteration");
      return;
    }
  /* The pool's workers must suffice, and the context must stay: libgio's job would wait for ever. */
  if (args[3] == WAITS && (n_waiting > 0 || !role_is ("main") || g_main_context_get_thread_default ()))
    {
      skip ("one that waits, for the default context");
      return;
    }
  expect_worker (args[2], args[1]);
  jobs[number].mode = args[3];
  jobs[number].listed = TRUE;
  jobs[number].cancellable = args[1];
  n_waiting += args[3] == WAITS;
  g_io_scheduler_push_job (job_runs, GINT_TO_POINTER (number), job_freed, args[2], slot_get ('c', args[1]));
  gate_open (&gates[number], TRUE);
}

static const Op ops[] = {
  { "init", "qc?m", op_init, 10, 3 * N_OUTCOMES, ALONE, FALSE },
  { "init-async", "qc?pm", op_init_async, 14, 4 * N_OUTCOMES, BLOCKS, FALSE },
  { "push-job", "qc?pm", op_push_job, 8, N_JOB_MODES, BLOCKS, FALSE },
};

const OpTable initable_ops = { "initable", ops, G_N_ELEMENTS (ops) };
