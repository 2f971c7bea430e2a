/* An error domain that counts its errors: what is made or copied must be freed. One program, one copy. */
#pragma once

#include "harness.h"

typedef struct
{
  int unused;
} CountedErrorPrivate;

static gint n_errors_made, n_errors_freed;

static void
counted_error_private_init (CountedErrorPrivate *private G_GNUC_UNUSED)
{
  g_atomic_int_inc (&n_errors_made);
}

static void
counted_error_private_copy (const CountedErrorPrivate *from G_GNUC_UNUSED, CountedErrorPrivate *to G_GNUC_UNUSED)
{
}

static void
counted_error_private_clear (CountedErrorPrivate *private G_GNUC_UNUSED)
{
  g_atomic_int_inc (&n_errors_freed);
}

GQuark counted_error_quark (void);
G_DEFINE_EXTENDED_ERROR (CountedError, counted_error)

static GError *
counted_error_new (int code)
{
  return g_error_new (counted_error_quark (), code, "counted %d", code);
}

/* How many are alive. */
static gint
count_errors (void)
{
  return g_atomic_int_get (&n_errors_made) - g_atomic_int_get (&n_errors_freed);
}
