/* GAsyncResult implemented by a class that answers nothing. */
#include "harness.h"

/* One that answers nothing at all. */
typedef GObject SilentResult;
typedef GObjectClass SilentResultClass;

static GType silent_result_get_type (void);
static void silent_result_iface_init (GAsyncResultIface *iface);
G_DEFINE_TYPE_WITH_CODE (SilentResult, silent_result, G_TYPE_OBJECT,
                         G_IMPLEMENT_INTERFACE (G_TYPE_ASYNC_RESULT, silent_result_iface_init))

static void
silent_result_iface_init (GAsyncResultIface *iface)
{
  g_assert_null (iface->get_user_data);
  g_assert_null (iface->get_source_object);
}

static void
silent_result_class_init (SilentResultClass *class G_GNUC_UNUSED)
{
}

static void
silent_result_init (SilentResult *self G_GNUC_UNUSED)
{
}

/* Without the methods the answers are none: no user data… */
static void
test_silent_user_data (void)
{
  GAsyncResult *result = g_object_new (silent_result_get_type (), NULL);

  g_assert_null (g_async_result_get_user_data (result));
  g_object_unref (result);
}

/* …and no source object. */
static void
test_silent_source_object (void)
{
  GAsyncResult *result = g_object_new (silent_result_get_type (), NULL);

  g_assert_null (g_async_result_get_source_object (result));
  g_object_unref (result);
}

#define GIVEN "3.4 (better): what an implementation does not have answers NULL"

static const Case cases[] = {
  { "/async-result-silent/user-data", test_silent_user_data, GIVEN, 0 },
  { "/async-result-silent/source-object", test_silent_source_object, GIVEN, 0 },
};

HARNESS_MAIN (cases)
