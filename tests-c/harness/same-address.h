/* Contexts that die while somebody holds a source of theirs, and new ones at their addresses. */
#pragma once

#include "harness.h"

/* A reference to the source of `context` that was attached first; NULL if there is none. */
static inline GSource *
hold_source (GMainContext *context)
{
  for (guint id = 1; id < 100; id++)
    {
      GSource *source = g_main_context_find_source_by_id (context, id);

      if (source)
        return g_source_ref (source);
    }
  return NULL;
}

/* A context between two others: its memory stays by itself when it is freed. */
typedef struct
{
  GMainContext *before;
  GMainContext *context;
  GMainContext *after;
  gconstpointer address;
} Between;

static inline void
between_init (Between *self)
{
  self->before = g_main_context_new ();
  self->address = self->context = g_main_context_new ();
  self->after = g_main_context_new ();
}

/* The C library keeps some freed blocks of each size for malloc(), and GLib asks calloc(): these must be others. */
static inline void
between_free_context (Between *self)
{
  GMainContext *others[16];

  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    others[i] = g_main_context_new ();
  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    g_main_context_unref (others[i]);
  g_main_context_unref (self->context);
}

/* A new context where the old one was. FALSE, and the case is skipped, if the allocator does not play along. */
static inline gboolean
between_renew_context (Between *self)
{
  GMainContext *others[64], *context = NULL;
  guint n = 0;

  while (n < G_N_ELEMENTS (others) && context != self->address)
    others[n++] = context = g_main_context_new ();
  for (guint i = 0; i < n; i++)
    if (others[i] != self->address)
      g_main_context_unref (others[i]);
  self->context = context == self->address ? context : NULL;
  if (!self->context)
    harness_skip ("no context at the old address");
  return self->context != NULL;
}

static inline void
between_clear (Between *self)
{
  g_main_context_unref (self->before);
  g_main_context_unref (self->after);
  g_clear_pointer (&self->context, g_main_context_unref);
}
