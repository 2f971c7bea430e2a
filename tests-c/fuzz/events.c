/* What the library calls. */
#include "fuzz.h"

#include <poll.h>

#define FIRST_DATA 0x1000

Gate task_gates[MAX_SLOTS], simple_gates[MAX_SLOTS];

/* ---- errors that say when they are freed ---- */

typedef struct
{
  int number;
} FuzzErrorPrivate;

static int error_number;
static int errors_alive;

void
fuzz_error_number (int number)
{
  error_number = number;
}

static void
fuzz_error_private_init (FuzzErrorPrivate *private)
{
  g_atomic_int_inc (&errors_alive);
  private->number = error_number;
}

static void
fuzz_error_private_copy (const FuzzErrorPrivate *from, FuzzErrorPrivate *to)
{
  to->number = from->number;
}

static void
fuzz_error_private_clear (FuzzErrorPrivate *private)
{
  say_released ("free error %d", private->number);
  g_atomic_int_add (&errors_alive, -1);
}

gboolean
errors_are_left (void)
{
  return g_atomic_int_get (&errors_alive) > 0;
}

G_DEFINE_EXTENDED_ERROR (FuzzError, fuzz_error)

/* ---- data with destroy notifies ---- */

static struct
{
  const Slot *owner;
  gboolean refused, late;
  int made, freed;
} data_slots[MAX_SLOTS];
static gboolean data_events_stopped;

/* The pointer is a number, so that it is the same when it comes out as an integer. */
gpointer
data_new (int number, const Slot *owner)
{
  if (number == NOTHING)
    return NULL;
  data_slots[number].owner = owner;
  data_slots[number].made++;
  return GINT_TO_POINTER (FIRST_DATA + number);
}

const char *
data_name (gpointer data)
{
  static char name[32];
  gsize number = GPOINTER_TO_SIZE (data);

  if (!data)
    return "NULL";
  if (number >= FIRST_DATA && number < FIRST_DATA + MAX_SLOTS)
    g_snprintf (name, sizeof name, "d%d", (int) (number - FIRST_DATA));
  else
    g_snprintf (name, sizeof name, number < FIRST_DATA ? "%d" : "address", (int) number);
  return name;
}

/* The call that it was given to did not take it. */
void
data_refused (int number)
{
  if (number != NOTHING)
    data_slots[number].refused = TRUE;
}

void
data_late (int number)
{
  if (number != NOTHING)
    data_slots[number].late = TRUE;
}

/* From here on it may differ by contract when data is freed. */
void
data_stop_events (void)
{
  data_events_stopped = TRUE;
}

void
data_freed (gpointer data)
{
  int number = GPOINTER_TO_INT (data) - FIRST_DATA;

  if (!data)
    {
      say_released ("free NULL");
      return;
    }
  turn_take ();
  data_slots[number].freed++;
  say_released ("free %sd%d",
                data_slots[number].refused ? "refused "
                : data_slots[number].late  ? "late "
                                           : "",
                number);
  if (!data_slots[number].refused && !data_slots[number].late && !data_slots[number].owner->threaded &&
      !data_events_stopped)
    fire (AT_FREE, number);
  turn_give ();
}

gboolean
data_are_left (void)
{
  for (int i = 0; i < MAX_SLOTS; i++)
    if (data_slots[i].made != data_slots[i].freed)
      return TRUE;
  return FALSE;
}

void
data_say_leftovers (void)
{
  for (int i = 0; i < MAX_SLOTS; i++)
    if (data_slots[i].made != data_slots[i].freed)
      say_released ("alive %sd%d made %d freed %d", data_slots[i].refused ? "refused " : "", i, data_slots[i].made,
                    data_slots[i].freed);
}

/* ---- tasks and simple results ---- */

static const char *
name_of_default_context (void)
{
  return name_of ('x', g_main_context_get_thread_default ());
}

void
say_task_state (int number)
{
  GTask *task = slot_get ('t', number);

  say ("  t%d completed=%d %s=%d roc=%d", number, g_task_get_completed (task),
       slot ('t', number)->dismissed ? "dismissed had_error" : "had_error", g_task_had_error (task),
       g_task_get_return_on_cancel (task));
}

void
say_simple_state (int number)
{
  GSimpleAsyncResult *simple = slot_get ('s', number);

  say ("  s%d pointer=%s size=%d boolean=%d", number, data_name (g_simple_async_result_get_op_res_gpointer (simple)),
       (int) g_simple_async_result_get_op_res_gssize (simple) & 0xffff,
       g_simple_async_result_get_op_res_gboolean (simple));
}

static void
say_call (char kind, int number, GObject *source, GAsyncResult *result)
{
  GObject *own_source = g_async_result_get_source_object (result);

  say ("call %c%d source=%s own=%s context=%s dispatching=%d same=%d", kind, number, name_of ('o', source),
       name_of ('o', own_source), name_of_default_context (), g_main_current_source () != NULL,
       slot_get (kind, number) == result);
  if (own_source)
    g_object_unref (own_source);
}

static void
fire_with (EventKind event, char kind, int number)
{
  Slot *s = slot (kind, number);

  gboolean delivers = event == AT_CALL || event == AT_SIMPLE_CALL || event == AT_NOTIFY;

  s->present++;
  s->delivering += delivers;
  fire (event, number);
  s->delivering -= delivers;
  s->present--;
}

void
task_called (GObject *source, GAsyncResult *result, gpointer data)
{
  int number = GPOINTER_TO_INT (data);

  turn_take ();
  if (!slot ('t', number)->object)
    slot_put_object ('t', number, result, 0);
  workers_called (number);
  say_call ('t', number, source, result);
  say_task_state (number);
  fire_with (AT_CALL, 't', number);
  turn_give ();
}

void
simple_called (GObject *source, GAsyncResult *result, gpointer data)
{
  int number = GPOINTER_TO_INT (data);

  turn_take ();
  if (!slot ('s', number)->object)
    slot_put_object ('s', number, result, 0);
  say_call ('s', number, source, result);
  fire_with (AT_SIMPLE_CALL, 's', number);
  turn_give ();
}

void
task_notified (GObject *task, GParamSpec *pspec, gpointer number)
{
  gboolean value;

  turn_take ();
  if (slot ('t', GPOINTER_TO_INT (number))->sync)
    settle (); /* the worker may just be leaving */
  g_object_get (task, "completed", &value, NULL);
  say ("notify t%d %s=%d context=%s dispatching=%d", GPOINTER_TO_INT (number), pspec->name, value,
       name_of_default_context (), g_main_current_source () != NULL);
  fire_with (AT_NOTIFY, 't', GPOINTER_TO_INT (number));
  turn_give ();
}

static int
number_of (char kind, gpointer object)
{
  int number;

  turn_take ();
  for (number = 0; slot (kind, number)->object != object;)
    number++;
  turn_give ();
  return number;
}

void
task_function (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  int number = number_of ('t', task);
  gboolean hurries = slot ('t', number)->sync && cancellable;

  turns_set_role ("worker");
  gate_wait (&task_gates[number]);
  turn_take ();
  say ("func t%d source=%s data=%s cancellable=%s current=%s", number, name_of ('o', source), data_name (data),
       name_of ('c', cancellable), name_of ('c', g_cancellable_get_current ()));
  if (hurries)
    sync_function_begin ();
  fire_with (AT_FUNC, 't', number);
  if (hurries)
    sync_function_end ();
  say ("func t%d ends", number);
  workers_function_ends (number);
  gate_leave (&task_gates[number]);
  turn_give ();
}

void
simple_function (GSimpleAsyncResult *simple, GObject *source, GCancellable *cancellable)
{
  int number = number_of ('s', simple);

  turns_set_role ("worker");
  gate_wait (&simple_gates[number]);
  turn_take ();
  say ("func s%d source=%s cancellable=%s current=%s", number, name_of ('o', source), name_of ('c', cancellable),
       name_of ('c', g_cancellable_get_current ()));
  fire_with (AT_SIMPLE_FUNC, 's', number);
  say ("func s%d ends", number);
  workers_simple_result ();
  gate_leave (&simple_gates[number]);
  turn_give ();
}

/* ---- cancellables and sources ---- */

void
say_cancellable_state (int number)
{
  GCancellable *cancellable = slot_get ('c', number);
  struct pollfd pollfd = { .fd = -1, .events = POLLIN };

  if (slot ('c', number)->users > 0)
    {
      pollfd.fd = g_cancellable_get_fd (cancellable);
      poll (&pollfd, 1, 0);
      g_cancellable_release_fd (cancellable);
    }
  say ("  c%d cancelled=%d users=%d readable=%d", number, g_cancellable_is_cancelled (cancellable),
       slot ('c', number)->users, (pollfd.revents & POLLIN) != 0);
}

void
handler_called (GCancellable *cancellable, gpointer data)
{
  int number = GPOINTER_TO_INT (data);
  Slot *own = slot ('c', slot ('h', number)->cancellable);
  Behind behind;

  turn_take ();
  behind = behind_begin (number);
  say ("handler h%d %s cancelled=%d", number, name_of ('c', cancellable), g_cancellable_is_cancelled (cancellable));
  own->present++;
  slot ('h', number)->present++;
  fire (AT_HANDLER, number);
  slot ('h', number)->present--;
  own->present--;
  behind_end (behind);
  turn_give ();
}

/* Nothing happens here: libgio holds its lock. */
void
handler_freed (gpointer number)
{
  int h = GPOINTER_TO_INT (number);

  say_released ("free %sh%d", slot ('h', h)->mode ? "running " : "", h);
}

void
handler_closure_freed (gpointer number, GClosure *closure G_GNUC_UNUSED)
{
  handler_freed (number);
}

gboolean
cancellable_source_called (GCancellable *cancellable, gpointer number)
{
  int k = GPOINTER_TO_INT (number);

  turn_take ();
  say ("source k%d %s cancelled=%d context=%s", k, name_of ('c', cancellable),
       g_cancellable_is_cancelled (cancellable), name_of_default_context ());
  slot ('k', k)->present++;
  fire (AT_SOURCE, k);
  slot ('k', k)->present--;
  turn_give ();
  return slot ('k', k)->mode & 1;
}

/* The user data of a source that a task attached is the task; whose source it is, the source knows. */
gboolean
task_source_called (gpointer task)
{
  int k = number_of ('k', g_main_current_source ());

  turn_take ();
  say ("source k%d %s context=%s", k, name_of ('t', task), name_of_default_context ());
  fire (AT_SOURCE, k);
  turn_give ();
  return G_SOURCE_REMOVE;
}

static gboolean
plain_source_dispatch (GSource *source G_GNUC_UNUSED, GSourceFunc callback, gpointer data)
{
  return callback ? callback (data) : G_SOURCE_REMOVE;
}

/* A source without a name, which is ready. */
GSource *
plain_source_new (void)
{
  static GSourceFuncs functions = { NULL, NULL, plain_source_dispatch, NULL, NULL, NULL };
  GSource *source = g_source_new (&functions, sizeof *source);

  g_source_set_ready_time (source, 0);
  return source;
}

void
source_freed (gpointer number)
{
  say_released ("free k%d", GPOINTER_TO_INT (number));
}

gboolean
idle_called (gpointer number)
{
  turn_take ();
  say ("idle i%d context=%s", GPOINTER_TO_INT (number), name_of_default_context ());
  fire (AT_IDLE, GPOINTER_TO_INT (number));
  turn_give ();
  return G_SOURCE_REMOVE;
}
