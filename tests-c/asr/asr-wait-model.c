/* Random programs of waits, and a model of what must come of each step. `--seed` repeats one. */
#include "asr-wait-helpers.h"

#define DEPTH 5
#define LENGTH 60

typedef enum
{
  IN_SOURCE,      /* It will return when its context is iterated. */
  RETURNS,        /* It returns now. */
  CALLS_BACK,     /* It calls back at once, */
  CALLS_FROM_FAR, /* or on another thread. */
  N_WAYS
} Way;

/* One operation: the program says when it ends. */
typedef struct
{
  Way way;
  gpointer result; /* a task, where the way needs one; NULL once it has ended */
  gpointer data;
  int value;
} Operation;

/* What the model knows of a wait that has not been freed. */
typedef struct
{
  AsrWait *wait;
  GMainContext *context; /* what the thread's default one must be */
  Operation *operation;  /* that has begun, and whose result has not been fetched */
} Model;

static Model waits[DEPTH];
static guint n_waits;
static GPtrArray *all_operations, *operations; /* the latter: on their way */
static GMainContext *shared;
static gint n_contexts, n_contexts_gone;

static Model *
innermost (void)
{
  return n_waits == 0 ? NULL : &waits[n_waits - 1];
}

static void
check_default_context (void)
{
  g_assert_true (g_main_context_get_thread_default () == (n_waits == 0 ? NULL : innermost ()->context));
}

static void
refused_if (gboolean is_refused)
{
  if (is_refused)
    expect_refusal ("asr_wait_*: *");
}

static void
make (void)
{
  Model *model;

  if (n_waits == DEPTH)
    return;
  model = &waits[n_waits++];
  model->operation = NULL;
  if (g_test_rand_int_range (0, 4) == 0)
    {
      model->wait = asr_wait_new_in_context (shared);
      model->context = shared;
    }
  else
    {
      model->wait = asr_wait_new ();
      model->context = g_main_context_get_thread_default ();
      count_end_of_context (&n_contexts_gone);
      n_contexts++;
    }
}

static void
free_one (guint which)
{
  gboolean is_innermost = which == n_waits - 1;

  if (n_waits == 0)
    return;
  refused_if (!is_innermost);
  asr_wait_free (waits[which].wait);
  n_waits -= is_innermost;
}

static void
begin (void)
{
  Model *model = innermost ();
  Operation *operation;

  if (n_waits == 0)
    return;
  refused_if (model->operation != NULL);
  operation = g_new0 (Operation, 1);
  g_ptr_array_add (all_operations, operation);
  operation->data = asr_wait_begin (model->wait);
  g_assert_true ((operation->data == NULL) == (model->operation != NULL));
  if (model->operation)
    return;
  operation->way = (Way) g_test_rand_int_range (0, N_WAYS);
  operation->value = (int) all_operations->len;
  if (operation->way >= CALLS_BACK)
    {
      operation->result = g_object_new (carrier_get_type (), NULL);
      ((Carrier *) operation->result)->value = operation->value;
    }
  else
    operation->result = g_task_new (NULL, NULL, asr_wait_callback, operation->data);
  g_atomic_int_inc (&n_begun);
  g_object_weak_ref (operation->result, operation_ended, NULL);
  g_ptr_array_add (operations, operation);
  model->operation = operation;
}

static gpointer
call_back (gpointer data)
{
  Operation *operation = data;

  asr_wait_callback (NULL, operation->result, operation->data);
  g_clear_object (&operation->result);
  return NULL;
}

static gboolean
return_result (gpointer data)
{
  Operation *operation = data;

  g_task_return_int (operation->result, operation->value);
  g_clear_object (&operation->result);
  return G_SOURCE_REMOVE;
}

static void
end (guint which)
{
  Operation *operation;
  GSource *source;

  if (operations->len == 0)
    return;
  operation = g_ptr_array_steal_index_fast (operations, which % operations->len);
  switch (operation->way)
    {
    case IN_SOURCE:
      source = g_idle_source_new ();
      g_source_set_callback (source, return_result, operation, NULL);
      g_source_attach (source, g_task_get_context (operation->result));
      g_source_unref (source);
      break;
    case RETURNS:
      return_result (operation);
      break;
    case CALLS_BACK:
      call_back (operation);
      break;
    default:
      g_thread_join (g_thread_new ("call back", call_back, operation));
    }
}

static gboolean
is_on_its_way (Operation *operation)
{
  return g_ptr_array_find (operations, operation, NULL);
}

static void
run (guint which, gboolean is_timed)
{
  Model *model = &waits[which];
  gboolean is_refused, is_coming;
  GCancellable *cancellable = NULL;
  gint64 deadline = -1;
  GError *error = NULL;
  GAsyncResult *result;

  if (n_waits == 0)
    return;
  is_refused = which != n_waits - 1 || model->operation == NULL;
  is_coming = !is_refused && !is_on_its_way (model->operation);
  if (!is_refused && !is_coming)
    is_timed = TRUE;
  refused_if (is_refused);
  if (is_timed)
    {
      if (g_test_rand_int_range (0, 2) == 0)
        {
          cancellable = g_cancellable_new ();
          if (!is_coming)
            g_cancellable_cancel (cancellable);
        }
      if (is_coming)
        deadline = g_test_rand_int_range (0, 2) == 0 ? -1 : G_MAXINT64;
      else if (!cancellable)
        deadline = g_get_monotonic_time () - g_test_rand_int_range (0, 1000);
      result = asr_wait_run_until (model->wait, deadline, cancellable, &error);
    }
  else
    result = asr_wait_run (model->wait);
  if (is_coming)
    {
      g_assert_no_error (error);
      g_assert_cmpint (operation_finish (result, NULL), ==, model->operation->value);
      model->operation = NULL;
    }
  else
    {
      g_assert_null (result);
      if (is_refused)
        g_assert_no_error (error);
      else
        g_assert_true (g_error_matches (error, G_IO_ERROR, cancellable ? G_IO_ERROR_CANCELLED : G_IO_ERROR_TIMED_OUT));
    }
  g_clear_error (&error);
  g_clear_object (&cancellable);
}

static void
step (void)
{
  guint which = (guint) g_test_rand_int_range (0, (gint) MAX (n_waits, 1));

  if (g_test_rand_int_range (0, 3) > 0 && n_waits > 0)
    which = n_waits - 1;
  switch (g_test_rand_int_range (0, 10))
    {
    case 0:
    case 1:
      make ();
      break;
    case 2:
      free_one (which);
      break;
    case 3:
    case 4:
      begin ();
      break;
    case 5:
    case 6:
      end ((guint) g_test_rand_int_range (0, 100));
      break;
    case 7:
      if (n_waits == 0)
        g_main_context_iteration (NULL, FALSE);
      break;
    default:
      run (which, g_test_rand_int_range (0, 2) == 0);
    }
  g_test_assert_expected_messages ();
  check_default_context ();
}

static void
test_model (void)
{
  guint n_rounds = harness_rounds (1000);

  shared = g_main_context_new ();
  operations = g_ptr_array_new ();
  all_operations = g_ptr_array_new_with_free_func (g_free);
  for (guint round = 0; round < n_rounds; round++)
    {
      for (guint i = 0; i < LENGTH; i++)
        step ();
      while (operations->len > 0 && g_test_rand_int_range (0, 2) > 0)
        end (0);
      while (n_waits > 0)
        free_one (n_waits - 1);
      while (operations->len > 0)
        end (0);
      drain (shared);
    }
  /* All that was left behind ends, too, wherever. */
  g_main_context_unref (shared);
  wait_until_all_ended ();
  wait_for_count (NULL, &n_contexts_gone, n_contexts);
  g_assert_cmpint (n_contexts_gone, ==, n_contexts);
  g_test_message ("%u programs, %d operations, %d private contexts", n_rounds, n_ended, n_contexts);
  g_ptr_array_unref (operations);
  g_ptr_array_unref (all_operations);
}

static const Case cases[] = {
  { "/asr-wait-model/model", test_model, NULL, 60 },
};

HARNESS_MAIN (cases)
