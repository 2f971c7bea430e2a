/* What a callback does to g_main_current_source() harms no other result, and no loop spins for it. */
#include "delivery-helpers.h"

#include <unistd.h>

enum { SPIN = 50, AROUND = 2 };

typedef enum
{
  NOTHING,
  PRIORITY_LOW, PRIORITY_HIGH, READY_NOW, READY_SOON, READY_NEVER, NAME,
  CALLBACK, NO_CALLBACK, CLOSURE, DISPOSE_FUNCTION,
  CHILD_IDLE, CHILD_TIMEOUT, CHILD_KEPT, FD_READY, FD_NOT_READY, POLL_ADDED,
  DESTROY, REMOVE_ID, REMOVE_DATA, DESTROY_IN_THREAD,
  KEEP, KEEP_AND_CHANGE, CAN_RECURSE,
  NESTED_LOOP, NESTED_ITERATION, NESTED_AND_PRIORITY, NESTED_AND_READY, NESTED_AND_DESTROY,
  NESTED_AND_DESTROYED_IN_THREAD,
} Deed;

/* When and where a source that the callback kept is destroyed. */
typedef enum { NEVER, BY_OWNER, BY_CALLBACK, BY_THREAD, BEFORE_OTHERS, AFTER_CONTEXT } End;

typedef struct
{
  GMainContext *context;
  GString *log;
  Deed deed;
  End end;
  GSource *kept;
  GSource *child;
  gint ends[2];
  gint finalized;
  gint stray; /* calls of callbacks that nobody may call */
} Scene;

typedef struct
{
  Scene *scene;
  char word;
} Line;

static gboolean
stray (gpointer scene)
{
  ((Scene *) scene)->stray++;
  return G_SOURCE_REMOVE;
}

static gpointer
destroy_source (gpointer source)
{
  g_source_destroy (source);
  return NULL;
}

static void
dispose_nothing (GSource *source G_GNUC_UNUSED)
{
}

static void
add_child (Scene *scene, GSource *parent, GSource *child)
{
  g_source_set_callback (child, stray, scene, NULL);
  g_source_add_child_source (parent, child);
  if (scene->deed == CHILD_KEPT)
    scene->child = child;
  else
    g_source_unref (child);
}

static gboolean
iterate (Scene *scene)
{
  return g_main_context_iteration (scene->context, FALSE);
}

static void
change (Scene *scene, GSource *source)
{
  g_source_set_priority (source, G_PRIORITY_HIGH);
  g_source_set_ready_time (source, 0);
  g_source_set_callback (source, stray, scene, NULL);
}

static void
do_deed (Scene *scene, GAsyncResult *result)
{
  static GPollFD poll_fd;
  GSource *source = g_main_current_source ();

  switch (scene->deed)
    {
    case NOTHING: break;
    case PRIORITY_LOW: g_source_set_priority (source, G_PRIORITY_LOW); break;
    case PRIORITY_HIGH: g_source_set_priority (source, G_PRIORITY_HIGH); break;
    case READY_NOW: g_source_set_ready_time (source, 0); break;
    case READY_SOON: g_source_set_ready_time (source, g_get_monotonic_time () + 500); break;
    case READY_NEVER: g_source_set_ready_time (source, -1); break;
    case NAME: g_source_set_name (source, "mine"); break;
    case CALLBACK: g_source_set_callback (source, stray, scene, NULL); break;
    case NO_CALLBACK: g_source_set_callback (source, NULL, NULL, NULL); break;
    case CLOSURE: g_source_set_closure (source, g_cclosure_new (G_CALLBACK (stray), scene, NULL)); break;
    case DISPOSE_FUNCTION: g_source_set_dispose_function (source, dispose_nothing); break;
    case CHILD_KEPT:
    case CHILD_IDLE: add_child (scene, source, g_idle_source_new ()); break;
    case CHILD_TIMEOUT: add_child (scene, source, g_timeout_source_new (0)); break;
    case FD_READY: g_source_add_unix_fd (source, scene->ends[1], G_IO_OUT); break;
    case FD_NOT_READY: g_source_add_unix_fd (source, scene->ends[0], G_IO_IN); break;
    case POLL_ADDED:
      poll_fd = (GPollFD) { scene->ends[1], G_IO_OUT, 0 };
      g_source_add_poll (source, &poll_fd);
      break;
    case DESTROY: g_source_destroy (source); break;
    case REMOVE_ID:
      g_source_destroy (g_main_context_find_source_by_id (scene->context, g_source_get_id (source)));
      break;
    case REMOVE_DATA: g_source_destroy (g_main_context_find_source_by_user_data (scene->context, result)); break;
    case DESTROY_IN_THREAD: g_thread_join (g_thread_new ("destroying", destroy_source, source)); break;
    case KEEP_AND_CHANGE: change (scene, source); scene->kept = g_source_ref (source); break;
    case KEEP: scene->kept = g_source_ref (source); break;
    case CAN_RECURSE: g_source_set_can_recurse (source, TRUE); break;
    case NESTED_AND_PRIORITY: g_source_set_priority (source, G_PRIORITY_LOW); drain (scene->context); break;
    case NESTED_AND_READY: g_source_set_ready_time (source, 0); drain (scene->context); break;
    case NESTED_AND_DESTROY: g_source_destroy (source); drain (scene->context); break;
    case NESTED_AND_DESTROYED_IN_THREAD:
      g_thread_join (g_thread_new ("destroying", destroy_source, source));
      drain (scene->context);
      break;
    case NESTED_LOOP: drain (scene->context); break;
    case NESTED_ITERATION: iterate (scene); break;
    }
}

static void
speak (GObject *source G_GNUC_UNUSED, GAsyncResult *result, gpointer data)
{
  Line *line = data;
  Scene *scene = line->scene;

  g_string_append_c (scene->log, line->word);
  if (line->word == '0')
    do_deed (scene, result);
  if (line->word == 'd' && scene->end == BY_CALLBACK)
    g_source_destroy (scene->kept);
  g_free (line);
}

static gboolean
speak_from_source (gpointer data)
{
  Line *line = data;

  g_string_append_c (line->scene->log, line->word);
  g_free (line);
  return G_SOURCE_REMOVE;
}

static Line *
new_line (Scene *scene, char word)
{
  Line *line = g_new (Line, 1);

  *line = (Line) { scene, word };
  return line;
}

static void
say (Scene *scene, Kind kind, gint priority, char word)
{
  GObject *result = make_pending (kind, priority, NULL, speak, new_line (scene, word));

  watch (result, &scene->finalized);
  g_object_unref (result);
}

static void
say_from_source (Scene *scene, gint priority, char word)
{
  GSource *source = g_idle_source_new ();

  g_source_set_priority (source, priority);
  g_source_set_callback (source, speak_from_source, new_line (scene, word), NULL);
  g_source_attach (source, scene->context);
  g_source_unref (source);
}

/* Iterates until nothing happens; how often something did. */
static gint
iterate_all (Scene *scene)
{
  gint iterations = 0;

  while (iterate (scene))
    g_assert_cmpint (++iterations, <, SPIN);
  return iterations;
}

static void
assert_log (Scene *scene, const char *expected)
{
  g_assert_cmpstr (scene->log->str, ==, expected);
  g_string_truncate (scene->log, 0);
  g_assert_cmpint (scene->stray, ==, 0);
}

static void
end_kept (Scene *scene, End now)
{
  if (scene->kept == NULL || scene->end != now)
    return;
  if (now == BY_THREAD)
    g_thread_join (g_thread_new ("destroying", destroy_source, scene->kept));
  else
    g_source_destroy (scene->kept);
}

static void
play (Kind kind, Deed deed, End end, gint before, gint after)
{
  Scene scene = { .log = g_string_new (NULL), .deed = deed, .end = end };
  const char *expected = before ? after ? "haa0bbsl" : "haa0sl" : after ? "h0bbsl" : "h0sl";
  gint iterations;

  scene.context = push_new_context ();
  g_assert_cmpint (pipe (scene.ends), ==, 0);
  say_from_source (&scene, 50, 's');
  say (&scene, kind, 100, 'l');
  for (gint i = 0; i < before; i++)
    say (&scene, kind, 0, 'a');
  say (&scene, kind, 0, '0');
  for (gint i = 0; i < after; i++)
    say (&scene, kind, 0, 'b');
  say (&scene, kind, -50, 'h');
  iterations = iterate_all (&scene);
  if (deed < NESTED_LOOP)
    g_assert_cmpint (iterations, ==, 4);
  else
    g_assert_cmpint (iterations, <=, 4);
  assert_log (&scene, expected);
  g_assert_cmpuint (count_sources (scene.context), ==, 0);

  /* What comes afterwards is no worse off. */
  g_usleep (deed == READY_SOON ? 1000 : 0);
  say (&scene, kind, 0, 'c');
  end_kept (&scene, BEFORE_OTHERS);
  say (&scene, kind, 0, 'd');
  end_kept (&scene, BY_OWNER);
  end_kept (&scene, BY_THREAD);
  say (&scene, PLAIN, 0, 'e');
  g_assert_cmpint (iterate_all (&scene), ==, 1);
  assert_log (&scene, "cde");
  assert_empty (scene.context);
  if (scene.child)
    {
      g_source_destroy (scene.child);
      g_source_unref (scene.child);
    }
  /* On libgio a worker may be the last to let go of a task. */
  wait_for_count (scene.context, &scene.finalized, before + after + 6);
  pop_context (scene.context);
  end_kept (&scene, AFTER_CONTEXT);
  g_clear_pointer (&scene.kept, g_source_unref);
  g_assert_cmpint (scene.stray, ==, 0);
  g_string_free (scene.log, TRUE);
  close (scene.ends[0]);
  close (scene.ends[1]);
}

static void
play_all (Deed deed, End end)
{
  g_test_message ("deed %d, end %d", deed, end);
  for (gint around = 0; around < 4; around++)
    {
      play (PLAIN, deed, end, around & 1 ? AROUND : 0, around & 2 ? AROUND : 0);
      play (WORKER, deed, end, around & 1 ? AROUND : 0, around & 2 ? AROUND : 0);
    }
}

#define TEST_DEEDS(name, first, last) \
  static void test_##name (void) { for (Deed deed = first; deed <= last; deed++) play_all (deed, NEVER); }

TEST_DEEDS (nothing, NOTHING, NOTHING)
TEST_DEEDS (priority, PRIORITY_LOW, PRIORITY_HIGH)
TEST_DEEDS (ready_time, READY_NOW, READY_NEVER)
TEST_DEEDS (name, NAME, NAME)
TEST_DEEDS (callback, CALLBACK, CLOSURE)
TEST_DEEDS (dispose_function, DISPOSE_FUNCTION, DISPOSE_FUNCTION)
TEST_DEEDS (children, CHILD_IDLE, CHILD_KEPT)
TEST_DEEDS (descriptors, FD_READY, POLL_ADDED)
TEST_DEEDS (destroyed, DESTROY, DESTROY)
TEST_DEEDS (removed, REMOVE_ID, REMOVE_DATA)
TEST_DEEDS (destroyed_in_thread, DESTROY_IN_THREAD, DESTROY_IN_THREAD)
TEST_DEEDS (can_recurse, CAN_RECURSE, CAN_RECURSE)
TEST_DEEDS (nested, NESTED_LOOP, NESTED_ITERATION)
TEST_DEEDS (nested_and_changed, NESTED_AND_PRIORITY, NESTED_AND_READY)
TEST_DEEDS (nested_and_destroyed, NESTED_AND_DESTROY, NESTED_AND_DESTROYED_IN_THREAD)

static void
test_kept (void)
{
  for (End end = NEVER; end <= AFTER_CONTEXT; end++)
    play_all (KEEP, end);
}

static void
test_kept_and_changed (void)
{
  for (End end = NEVER; end <= AFTER_CONTEXT; end++)
    play_all (KEEP_AND_CHANGE, end);
}

#define PATH "/task-current-source/"

static const Case cases[] = {
  { PATH "nothing", test_nothing, NULL, 0 },
  { PATH "priority", test_priority, NULL, 0 },
  { PATH "ready-time", test_ready_time, NULL, 0 },
  { PATH "name", test_name, NULL, 0 },
  { PATH "callback", test_callback, NULL, 0 },
  { PATH "dispose-function", test_dispose_function, NULL, 0 },
  { PATH "children", test_children, NULL, 0 },
  { PATH "descriptors", test_descriptors, NULL, 0 },
  { PATH "destroyed", test_destroyed, NULL, 0 },
  { PATH "removed", test_removed, NULL, 0 },
  { PATH "destroyed-in-thread", test_destroyed_in_thread, NULL, 0 },
  { PATH "kept", test_kept, NULL, 0 },
  { PATH "kept-and-changed", test_kept_and_changed, NULL, 0 },
  { PATH "can-recurse", test_can_recurse, NULL, 0 },
  { PATH "nested", test_nested, NULL, 0 },
  { PATH "nested-and-changed", test_nested_and_changed, NULL, 0 },
  { PATH "nested-and-destroyed", test_nested_and_destroyed, NULL, 0 },
};

HARNESS_MAIN (cases)
