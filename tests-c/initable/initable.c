/* Contract, section 10: GInitable. */
#include <string.h>

#include "task-helpers.h"
#include "thing.h"

static void
test_types (void)
{
  guint n;
  GType *wanted = g_type_interface_prerequisites (G_TYPE_INITABLE, &n);

  g_assert_cmpuint (n, ==, 1);
  g_assert_true (wanted[0] == G_TYPE_OBJECT);
  g_free (wanted);
  g_assert_cmpstr (g_type_name (G_TYPE_INITABLE), ==, "GInitable");
  g_assert_true (G_TYPE_IS_INITABLE (thing_get_type ()));
  g_assert_false (G_TYPE_IS_INITABLE (G_TYPE_CANCELLABLE));
  g_assert_false (G_IS_INITABLE (NULL));
}

static void
test_init (void)
{
  GInitable *thing = g_object_ref_sink (g_object_new (thing_get_type (), "mode", ANSWERS_SEVENTEEN, NULL));
  GCancellable *cancellable = g_cancellable_new ();
  GError *error = NULL;

  forget_what_was_seen ();
  g_assert_cmpint (g_initable_init (thing, cancellable, &error), ==, 17);
  g_assert_no_error (error);
  g_assert_cmpint (seen.calls, ==, 1);
  g_assert_true (seen.initable == (gpointer) thing);
  g_assert_true (seen.cancellable == cancellable);
  g_assert_true (seen.wants_error);
  g_assert_true (seen.thread == g_thread_self ());
  g_assert_cmpuint (seen.references, ==, 1);

  g_cancellable_cancel (cancellable);
  g_assert_cmpint (g_initable_init (thing, cancellable, NULL), ==, 17);
  g_assert_cmpint (seen.calls, ==, 2);
  g_assert_false (seen.wants_error);
  g_assert_cmpint (g_initable_init (thing, NULL, NULL), ==, 17);
  g_assert_null (seen.cancellable);
  g_assert_finalize_object (thing);
  g_object_unref (cancellable);
}

/* Each of the functions that make an object, in one form. */
typedef gpointer Make (Mode mode, GCancellable *cancellable, GError **error);

static gpointer
make_plainly (Mode mode, GCancellable *cancellable, GError **error)
{
  return g_initable_new (thing_get_type (), cancellable, error, "mode", mode, NULL);
}

static gpointer
make_by_array (Mode mode, GCancellable *cancellable, GError **error)
{
  GParameter parameters[] = PARAMETER (mode);

  return g_initable_newv (thing_get_type (), 1, parameters, cancellable, error);
}

static gpointer
make_by_list (GCancellable *cancellable, GError **error, const char *first, ...)
{
  va_list properties;
  GObject *object;

  va_start (properties, first);
  object = g_initable_new_valist (thing_get_type (), first, properties, cancellable, error);
  va_end (properties);
  return object;
}

static gpointer
make_listed (Mode mode, GCancellable *cancellable, GError **error)
{
  return make_by_list (cancellable, error, "mode", mode, NULL);
}

static void
check_making (Make *make)
{
  GCancellable *cancellable = g_cancellable_new ();
  GError *error = NULL;
  gpointer thing;

  forget_what_was_seen ();
  thing = make (SUCCEEDS, cancellable, &error);
  g_assert_no_error (error);
  g_assert_true (seen.initable == thing);
  g_assert_true (seen.cancellable == cancellable);
  g_assert_true (g_object_is_floating (thing));
  g_assert_finalize_object (g_object_ref_sink (thing));

  g_assert_null (make (FAILS, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_BUSY);
  g_clear_error (&error);
  g_assert_cmpint (seen.finalized, ==, 2);
  g_assert_null (make (FAILS, cancellable, NULL));
  g_assert_false (seen.wants_error);

  g_assert_null (make (FAILS_SILENTLY, cancellable, &error));
  g_assert_no_error (error);
  g_assert_cmpint (seen.finalized, ==, 4);

  thing = make (SUCCEEDS_WITH_ERROR, cancellable, &error);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_BUSY);
  g_clear_error (&error);
  g_assert_finalize_object (g_object_ref_sink (thing));

  g_assert_finalize_object (g_object_ref_sink (make (ANSWERS_SEVENTEEN, cancellable, NULL)));
  g_cancellable_cancel (cancellable);
  g_assert_finalize_object (g_object_ref_sink (make (SUCCEEDS, cancellable, NULL)));
  g_assert_cmpint (seen.calls, ==, 7);
  g_object_unref (cancellable);
}

static void
test_new (void)
{
  check_making (make_plainly);
}

static void
test_newv (void)
{
  check_making (make_by_array);
  g_assert_finalize_object (g_object_ref_sink (g_initable_newv (thing_get_type (), 0, NULL, NULL, NULL)));
}

static void
test_new_valist (void)
{
  check_making (make_listed);
}

/* A class that inherits the method, and calls its parent's in its own. */
typedef Thing Derived;
typedef ThingClass DerivedClass;

static GType derived_get_type (void);
static GInitableIface *parents_table;
static void derived_initable_init (GInitableIface *iface);
G_DEFINE_TYPE_WITH_CODE (Derived, derived, thing_get_type (),
                         G_IMPLEMENT_INTERFACE (G_TYPE_INITABLE, derived_initable_init))

static gboolean
derived_init_with_errors (GInitable *initable, GCancellable *cancellable, GError **error)
{
  return parents_table->init (initable, cancellable, error) ? 2 : FALSE;
}

static void
derived_initable_init (GInitableIface *iface)
{
  parents_table = g_type_interface_peek_parent (iface);
  iface->init = derived_init_with_errors;
}

static void
derived_class_init (DerivedClass *class G_GNUC_UNUSED)
{
}

static void
derived_init (Derived *self G_GNUC_UNUSED)
{
}

static void
test_chain_up (void)
{
  GInitable *derived = g_object_ref_sink (g_object_new (derived_get_type (), NULL));

  forget_what_was_seen ();
  g_assert_cmpint (g_initable_init (derived, NULL, NULL), ==, 2);
  g_assert_cmpint (seen.calls, ==, 1);
  g_assert_finalize_object (derived);
}

/* A class that writes nothing into its table. */
typedef GObject Hollow;
typedef GObjectClass HollowClass;

static GType hollow_get_type (void);
G_DEFINE_TYPE_WITH_CODE (Hollow, hollow, G_TYPE_OBJECT, G_IMPLEMENT_INTERFACE (G_TYPE_INITABLE, NULL))

static void
hollow_class_init (HollowClass *class G_GNUC_UNUSED)
{
}

static void
hollow_init (Hollow *self G_GNUC_UNUSED)
{
}

static void
test_no_method (void)
{
  GError *error = NULL;

  expect_critical ("g_initable_init", "iface->init != NULL");
  g_assert_null (g_initable_new (hollow_get_type (), NULL, &error, NULL));
  SEEN ();
  g_assert_no_error (error);
}

static void
test_no_array (void)
{
  GError *error = NULL;

  expect_no_array ();
  g_assert_null (g_initable_newv (thing_get_type (), 1, NULL, NULL, &error));
  g_test_assert_expected_messages ();
  g_assert_no_error (error);
}

/* The functions that take properties are ours beside libgio, too. */
#ifdef BESIDE_GIO
#define ONE_CRITICAL NULL
#else
#define ONE_CRITICAL "10.8 (better): a missing array is one critical"
#endif

static const Case cases[] = {
  { "/initable/types", test_types, NULL, 0 },
  { "/initable/init", test_init, NULL, 0 },
  { "/initable/new", test_new, NULL, 0 },
  { "/initable/newv", test_newv, NULL, 0 },
  { "/initable/no-array", test_no_array, ONE_CRITICAL, 20 },
  { "/initable/new-valist", test_new_valist, NULL, 0 },
  { "/initable/chain-up", test_chain_up, NULL, 0 },
  { "/initable/no-method", test_no_method, "10.7 (better): a class without a method is refused", 20 },
};

HARNESS_MAIN (cases)
