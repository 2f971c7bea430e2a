/* Contract, section 8: the numbers of GIOErrorEnum and what errno and GFileError become, measured. */
#define _GNU_SOURCE /* all of errno.h */
#include "harness.h"

#include <errno.h>

/* Every errno that means something; whatever is not listed gives FAILED (0). */
static const struct
{
  int number;
  GIOErrorEnum code;
} from_errno[] = {
  { EPERM, G_IO_ERROR_PERMISSION_DENIED },
  { ENOENT, G_IO_ERROR_NOT_FOUND },
  { ENXIO, G_IO_ERROR_NOT_REGULAR_FILE },
  { EAGAIN, G_IO_ERROR_WOULD_BLOCK },
  { ENOMEM, G_IO_ERROR_NO_SPACE },
  { EACCES, G_IO_ERROR_PERMISSION_DENIED },
  { EBUSY, G_IO_ERROR_BUSY },
  { EEXIST, G_IO_ERROR_EXISTS },
  { ENODEV, G_IO_ERROR_NO_SUCH_DEVICE },
  { ENOTDIR, G_IO_ERROR_NOT_DIRECTORY },
  { EISDIR, G_IO_ERROR_IS_DIRECTORY },
  { EINVAL, G_IO_ERROR_INVALID_ARGUMENT },
  { ENFILE, G_IO_ERROR_TOO_MANY_OPEN_FILES },
  { EMFILE, G_IO_ERROR_TOO_MANY_OPEN_FILES },
  { ETXTBSY, G_IO_ERROR_BUSY },
  { ENOSPC, G_IO_ERROR_NO_SPACE },
  { EROFS, G_IO_ERROR_READ_ONLY },
  { EMLINK, G_IO_ERROR_TOO_MANY_LINKS },
  { EPIPE, G_IO_ERROR_BROKEN_PIPE },
  { ENAMETOOLONG, G_IO_ERROR_FILENAME_TOO_LONG },
  { ENOSYS, G_IO_ERROR_NOT_SUPPORTED },
  { ENOTEMPTY, G_IO_ERROR_NOT_EMPTY },
  { ELOOP, G_IO_ERROR_TOO_MANY_LINKS },
  { ENOMSG, G_IO_ERROR_INVALID_DATA },
  { ENODATA, G_IO_ERROR_INVALID_DATA },
  { EBADMSG, G_IO_ERROR_INVALID_DATA },
  { ENOTSOCK, G_IO_ERROR_INVALID_ARGUMENT },
  { EMSGSIZE, G_IO_ERROR_MESSAGE_TOO_LARGE },
  { EPROTONOSUPPORT, G_IO_ERROR_NOT_SUPPORTED },
  { ESOCKTNOSUPPORT, G_IO_ERROR_NOT_SUPPORTED },
  { EOPNOTSUPP, G_IO_ERROR_NOT_SUPPORTED },
  { EPFNOSUPPORT, G_IO_ERROR_NOT_SUPPORTED },
  { EAFNOSUPPORT, G_IO_ERROR_NOT_SUPPORTED },
  { EADDRINUSE, G_IO_ERROR_ADDRESS_IN_USE },
  { ENETDOWN, G_IO_ERROR_NETWORK_UNREACHABLE },
  { ENETUNREACH, G_IO_ERROR_NETWORK_UNREACHABLE },
  { ECONNRESET, G_IO_ERROR_BROKEN_PIPE },
  { ENOTCONN, G_IO_ERROR_NOT_CONNECTED },
  { ETIMEDOUT, G_IO_ERROR_TIMED_OUT },
  { ECONNREFUSED, G_IO_ERROR_CONNECTION_REFUSED },
  { EHOSTUNREACH, G_IO_ERROR_HOST_UNREACHABLE },
  { ECANCELED, G_IO_ERROR_CANCELLED },
};

/* Two that newer GLib knows, and 2.74.6 does not. */
#define NEWER_ERRNO(number) ((number) == EADDRNOTAVAIL || (number) == EDESTADDRREQ)

static GIOErrorEnum
expected_from_errno (int number)
{
  for (guint i = 0; i < G_N_ELEMENTS (from_errno); i++)
    if (from_errno[i].number == number)
      return from_errno[i].code;
  return G_IO_ERROR_FAILED;
}

/* #1728, #2325, !2717: every number that Linux has, those behind the last, and nonsense. */
static void
test_from_errno (void)
{
  for (int number = -300; number < 4200; number++)
    {
      GIOErrorEnum code;

      if (NEWER_ERRNO (number))
        continue;
      code = g_io_error_from_errno (number);
      if (code != expected_from_errno (number))
        g_test_fail_printf ("errno %d (%s) gives %d, not %d", number, g_strerror (number), code,
                            expected_from_errno (number));
    }
  g_assert_cmpint (g_io_error_from_errno (G_MAXINT), ==, G_IO_ERROR_FAILED);
  g_assert_cmpint (g_io_error_from_errno (G_MININT), ==, G_IO_ERROR_FAILED);
}

/* Where two names are one number on Linux. */
static void
test_synonyms (void)
{
  g_assert_cmpint (g_io_error_from_errno (EWOULDBLOCK), ==, G_IO_ERROR_WOULD_BLOCK);
  g_assert_cmpint (g_io_error_from_errno (ENOTSUP), ==, G_IO_ERROR_NOT_SUPPORTED);
  g_assert_cmpint (g_io_error_from_errno (ECONNRESET), ==, G_IO_ERROR_CONNECTION_CLOSED);
}

/* #3394: an address that cannot be had is a refused connection. */
static void
test_address_not_available (void)
{
  g_assert_cmpint (g_io_error_from_errno (EADDRNOTAVAIL), ==, 39);
}

/* !3668 */
static void
test_destination_unset (void)
{
  g_assert_cmpint (g_io_error_from_errno (EDESTADDRREQ), ==, 48);
}

/* errno stays as it was: the callers print it afterwards. */
static void
test_errno_untouched (void)
{
  for (int number = 0; number < 140; number++)
    {
      errno = EXDEV;
      g_io_error_from_errno (number);
      g_assert_cmpint (errno, ==, EXDEV);
    }
}

static const struct
{
  GFileError file_error;
  GIOErrorEnum code;
} from_file_error[] = {
  { G_FILE_ERROR_EXIST, G_IO_ERROR_EXISTS },
  { G_FILE_ERROR_ISDIR, G_IO_ERROR_IS_DIRECTORY },
  { G_FILE_ERROR_ACCES, G_IO_ERROR_PERMISSION_DENIED },
  { G_FILE_ERROR_NAMETOOLONG, G_IO_ERROR_FILENAME_TOO_LONG },
  { G_FILE_ERROR_NOENT, G_IO_ERROR_NOT_FOUND },
  { G_FILE_ERROR_NOTDIR, G_IO_ERROR_NOT_DIRECTORY },
  { G_FILE_ERROR_NXIO, G_IO_ERROR_NOT_REGULAR_FILE },
  { G_FILE_ERROR_NODEV, G_IO_ERROR_NO_SUCH_DEVICE },
  { G_FILE_ERROR_ROFS, G_IO_ERROR_READ_ONLY },
  { G_FILE_ERROR_TXTBSY, G_IO_ERROR_BUSY },
  { G_FILE_ERROR_FAULT, G_IO_ERROR_FAILED },
  { G_FILE_ERROR_LOOP, G_IO_ERROR_TOO_MANY_LINKS },
  { G_FILE_ERROR_NOSPC, G_IO_ERROR_NO_SPACE },
  { G_FILE_ERROR_NOMEM, G_IO_ERROR_NO_SPACE },
  { G_FILE_ERROR_MFILE, G_IO_ERROR_TOO_MANY_OPEN_FILES },
  { G_FILE_ERROR_NFILE, G_IO_ERROR_TOO_MANY_OPEN_FILES },
  { G_FILE_ERROR_BADF, G_IO_ERROR_FAILED },
  { G_FILE_ERROR_INVAL, G_IO_ERROR_INVALID_ARGUMENT },
  { G_FILE_ERROR_PIPE, G_IO_ERROR_BROKEN_PIPE },
  { G_FILE_ERROR_AGAIN, G_IO_ERROR_WOULD_BLOCK },
  { G_FILE_ERROR_INTR, G_IO_ERROR_FAILED },
  { G_FILE_ERROR_IO, G_IO_ERROR_FAILED },
  { G_FILE_ERROR_PERM, G_IO_ERROR_PERMISSION_DENIED },
  { G_FILE_ERROR_NOSYS, G_IO_ERROR_NOT_SUPPORTED },
  { G_FILE_ERROR_FAILED, G_IO_ERROR_FAILED },
};

/* !2717: every GFileError, in the order of the enum. */
static void
test_from_file_error (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (from_file_error); i++)
    {
      g_assert_cmpint (from_file_error[i].file_error, ==, i);
      g_assert_cmpint (g_io_error_from_file_error (from_file_error[i].file_error), ==, from_file_error[i].code);
    }
}

/* Outside the enum: a critical, and FAILED. */
static void
test_from_file_error_outside (void)
{
  const int outside[] = { G_FILE_ERROR_FAILED + 1, -1, 1000, G_MAXINT, G_MININT };

  for (guint i = 0; i < G_N_ELEMENTS (outside); i++)
    {
      g_test_expect_message ("GLib-GIO", G_LOG_LEVEL_CRITICAL, "*g_io_error_from_file_error*should not be reached");
      g_assert_cmpint (g_io_error_from_file_error ((GFileError) outside[i]), ==, G_IO_ERROR_FAILED);
      g_test_assert_expected_messages ();
    }
}

/* The string decides whether errors of two libraries match. */
static void
test_quark (void)
{
  g_assert_cmpstr (g_quark_to_string (g_io_error_quark ()), ==, "g-io-error-quark");
  g_assert_cmpuint (g_io_error_quark (), ==, g_quark_from_string ("g-io-error-quark"));
  g_assert_cmpuint (G_IO_ERROR, ==, g_io_error_quark ());
}

/* In the order of the header: the place is the number, up to the two that share 44. */
static const struct
{
  GIOErrorEnum value;
  const char *name;
  const char *nick;
} values[] = {
  { G_IO_ERROR_FAILED, "G_IO_ERROR_FAILED", "failed" },
  { G_IO_ERROR_NOT_FOUND, "G_IO_ERROR_NOT_FOUND", "not-found" },
  { G_IO_ERROR_EXISTS, "G_IO_ERROR_EXISTS", "exists" },
  { G_IO_ERROR_IS_DIRECTORY, "G_IO_ERROR_IS_DIRECTORY", "is-directory" },
  { G_IO_ERROR_NOT_DIRECTORY, "G_IO_ERROR_NOT_DIRECTORY", "not-directory" },
  { G_IO_ERROR_NOT_EMPTY, "G_IO_ERROR_NOT_EMPTY", "not-empty" },
  { G_IO_ERROR_NOT_REGULAR_FILE, "G_IO_ERROR_NOT_REGULAR_FILE", "not-regular-file" },
  { G_IO_ERROR_NOT_SYMBOLIC_LINK, "G_IO_ERROR_NOT_SYMBOLIC_LINK", "not-symbolic-link" },
  { G_IO_ERROR_NOT_MOUNTABLE_FILE, "G_IO_ERROR_NOT_MOUNTABLE_FILE", "not-mountable-file" },
  { G_IO_ERROR_FILENAME_TOO_LONG, "G_IO_ERROR_FILENAME_TOO_LONG", "filename-too-long" },
  { G_IO_ERROR_INVALID_FILENAME, "G_IO_ERROR_INVALID_FILENAME", "invalid-filename" },
  { G_IO_ERROR_TOO_MANY_LINKS, "G_IO_ERROR_TOO_MANY_LINKS", "too-many-links" },
  { G_IO_ERROR_NO_SPACE, "G_IO_ERROR_NO_SPACE", "no-space" },
  { G_IO_ERROR_INVALID_ARGUMENT, "G_IO_ERROR_INVALID_ARGUMENT", "invalid-argument" },
  { G_IO_ERROR_PERMISSION_DENIED, "G_IO_ERROR_PERMISSION_DENIED", "permission-denied" },
  { G_IO_ERROR_NOT_SUPPORTED, "G_IO_ERROR_NOT_SUPPORTED", "not-supported" },
  { G_IO_ERROR_NOT_MOUNTED, "G_IO_ERROR_NOT_MOUNTED", "not-mounted" },
  { G_IO_ERROR_ALREADY_MOUNTED, "G_IO_ERROR_ALREADY_MOUNTED", "already-mounted" },
  { G_IO_ERROR_CLOSED, "G_IO_ERROR_CLOSED", "closed" },
  { G_IO_ERROR_CANCELLED, "G_IO_ERROR_CANCELLED", "cancelled" },
  { G_IO_ERROR_PENDING, "G_IO_ERROR_PENDING", "pending" },
  { G_IO_ERROR_READ_ONLY, "G_IO_ERROR_READ_ONLY", "read-only" },
  { G_IO_ERROR_CANT_CREATE_BACKUP, "G_IO_ERROR_CANT_CREATE_BACKUP", "cant-create-backup" },
  { G_IO_ERROR_WRONG_ETAG, "G_IO_ERROR_WRONG_ETAG", "wrong-etag" },
  { G_IO_ERROR_TIMED_OUT, "G_IO_ERROR_TIMED_OUT", "timed-out" },
  { G_IO_ERROR_WOULD_RECURSE, "G_IO_ERROR_WOULD_RECURSE", "would-recurse" },
  { G_IO_ERROR_BUSY, "G_IO_ERROR_BUSY", "busy" },
  { G_IO_ERROR_WOULD_BLOCK, "G_IO_ERROR_WOULD_BLOCK", "would-block" },
  { G_IO_ERROR_HOST_NOT_FOUND, "G_IO_ERROR_HOST_NOT_FOUND", "host-not-found" },
  { G_IO_ERROR_WOULD_MERGE, "G_IO_ERROR_WOULD_MERGE", "would-merge" },
  { G_IO_ERROR_FAILED_HANDLED, "G_IO_ERROR_FAILED_HANDLED", "failed-handled" },
  { G_IO_ERROR_TOO_MANY_OPEN_FILES, "G_IO_ERROR_TOO_MANY_OPEN_FILES", "too-many-open-files" },
  { G_IO_ERROR_NOT_INITIALIZED, "G_IO_ERROR_NOT_INITIALIZED", "not-initialized" },
  { G_IO_ERROR_ADDRESS_IN_USE, "G_IO_ERROR_ADDRESS_IN_USE", "address-in-use" },
  { G_IO_ERROR_PARTIAL_INPUT, "G_IO_ERROR_PARTIAL_INPUT", "partial-input" },
  { G_IO_ERROR_INVALID_DATA, "G_IO_ERROR_INVALID_DATA", "invalid-data" },
  { G_IO_ERROR_DBUS_ERROR, "G_IO_ERROR_DBUS_ERROR", "dbus-error" },
  { G_IO_ERROR_HOST_UNREACHABLE, "G_IO_ERROR_HOST_UNREACHABLE", "host-unreachable" },
  { G_IO_ERROR_NETWORK_UNREACHABLE, "G_IO_ERROR_NETWORK_UNREACHABLE", "network-unreachable" },
  { G_IO_ERROR_CONNECTION_REFUSED, "G_IO_ERROR_CONNECTION_REFUSED", "connection-refused" },
  { G_IO_ERROR_PROXY_FAILED, "G_IO_ERROR_PROXY_FAILED", "proxy-failed" },
  { G_IO_ERROR_PROXY_AUTH_FAILED, "G_IO_ERROR_PROXY_AUTH_FAILED", "proxy-auth-failed" },
  { G_IO_ERROR_PROXY_NEED_AUTH, "G_IO_ERROR_PROXY_NEED_AUTH", "proxy-need-auth" },
  { G_IO_ERROR_PROXY_NOT_ALLOWED, "G_IO_ERROR_PROXY_NOT_ALLOWED", "proxy-not-allowed" },
  { G_IO_ERROR_BROKEN_PIPE, "G_IO_ERROR_BROKEN_PIPE", "broken-pipe" },
  { G_IO_ERROR_CONNECTION_CLOSED, "G_IO_ERROR_CONNECTION_CLOSED", "connection-closed" },
  { G_IO_ERROR_NOT_CONNECTED, "G_IO_ERROR_NOT_CONNECTED", "not-connected" },
  { G_IO_ERROR_MESSAGE_TOO_LARGE, "G_IO_ERROR_MESSAGE_TOO_LARGE", "message-too-large" },
  { G_IO_ERROR_NO_SUCH_DEVICE, "G_IO_ERROR_NO_SUCH_DEVICE", "no-such-device" },
};

static int
number_at (guint place)
{
  return place <= 44 ? (int) place : (int) place - 1;
}

static void
test_enum (void)
{
  GEnumClass *class = g_type_class_ref (g_io_error_enum_get_type ());

  g_assert_cmpstr (g_type_name (g_io_error_enum_get_type ()), ==, "GIOErrorEnum");
  g_assert_true (G_TYPE_IS_ENUM (G_TYPE_IO_ERROR_ENUM));
  g_assert_cmpuint (class->n_values, >=, G_N_ELEMENTS (values));
  g_assert_cmpint (class->minimum, ==, 0);
  for (guint i = 0; i < G_N_ELEMENTS (values); i++)
    {
      g_assert_cmpint (values[i].value, ==, number_at (i));
      g_assert_cmpint (class->values[i].value, ==, values[i].value);
      g_assert_cmpstr (class->values[i].value_name, ==, values[i].name);
      g_assert_cmpstr (class->values[i].value_nick, ==, values[i].nick);
      g_assert_true (g_enum_get_value_by_name (class, values[i].name) == &class->values[i]);
      g_assert_true (g_enum_get_value_by_nick (class, values[i].nick) == &class->values[i]);
    }
  g_type_class_unref (class);
}

/* The older of the two names of 44 is the one that is found by number. */
static void
test_enum_alias (void)
{
  GEnumClass *class = g_type_class_ref (G_TYPE_IO_ERROR_ENUM);

  g_assert_cmpint (G_IO_ERROR_CONNECTION_CLOSED, ==, 44);
  g_assert_cmpint (G_IO_ERROR_BROKEN_PIPE, ==, 44);
  g_assert_cmpstr (g_enum_get_value (class, 44)->value_nick, ==, "broken-pipe");
  g_type_class_unref (class);
}

/* !3668: one value more, the last. */
static void
test_enum_destination_unset (void)
{
  GEnumClass *class = g_type_class_ref (G_TYPE_IO_ERROR_ENUM);
  GEnumValue *value = g_enum_get_value (class, 48);

  g_assert_nonnull (value);
  g_assert_cmpstr (value->value_name, ==, "G_IO_ERROR_DESTINATION_UNSET");
  g_assert_cmpstr (value->value_nick, ==, "destination-unset");
  g_assert_cmpint (class->maximum, ==, 48);
  g_assert_cmpuint (class->n_values, ==, G_N_ELEMENTS (values) + 1);
  g_type_class_unref (class);
#ifndef ON_GIO
  g_assert_cmpint (G_IO_ERROR_DESTINATION_UNSET, ==, 48);
#endif
}

#ifndef ON_GIO
/* Somebody else has the name, and there is no libgio: that is said, and no call waits for a type that never comes. */
static void
test_enum_name_taken (void)
{
  GTypeInfo info = { .class_size = sizeof (GObjectClass), .instance_size = sizeof (GObject) };

  g_type_register_static (G_TYPE_OBJECT, "GIOErrorEnum", &info, 0);
  g_test_expect_message ("GLib-GIO", G_LOG_LEVEL_CRITICAL, "GIO's types are registered, but libgio*is not loaded*");
  g_test_expect_message ("GLib-GObject", glib_minor_version >= 84 ? G_LOG_LEVEL_CRITICAL : G_LOG_LEVEL_WARNING,
                         "cannot register existing type*GIOErrorEnum*");
  g_assert_cmpuint (g_io_error_enum_get_type (), ==, 0);
  g_assert_cmpuint (g_io_error_enum_get_type (), ==, 0);
  g_test_assert_expected_messages ();
}
#endif

static const Case cases[] = {
  { "/io-error/from-errno", test_from_errno, NULL, 0 },
  { "/io-error/from-errno/synonyms", test_synonyms, NULL, 0 },
  { "/io-error/from-errno/address-not-available", test_address_not_available,
    "until 2.84: 8.2 (new): EADDRNOTAVAIL", 0 },
  { "/io-error/from-errno/destination-unset", test_destination_unset,
    "until 2.84: 8.3 (new): EDESTADDRREQ", 0 },
  { "/io-error/from-errno/errno-untouched", test_errno_untouched, NULL, 0 },
  { "/io-error/from-file-error", test_from_file_error, NULL, 0 },
  { "/io-error/from-file-error/outside", test_from_file_error_outside, NULL, 0 },
  { "/io-error/quark", test_quark, NULL, 0 },
  { "/io-error/enum", test_enum, NULL, 0 },
  { "/io-error/enum/alias", test_enum_alias, NULL, 0 },
  { "/io-error/enum/destination-unset", test_enum_destination_unset,
    "until 2.84: 1.20 (new): G_IO_ERROR_DESTINATION_UNSET = 48", 0 },
#ifndef ON_GIO
  { "/io-error/enum/name-taken", test_enum_name_taken, NULL, 5 },
#endif
};

HARNESS_MAIN (cases)
