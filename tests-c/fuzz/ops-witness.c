/* Witnesses: sources that say when a loop asks them. */
#include "fuzz.h"

typedef struct
{
  GSource source;
  int number, mode;
} Witness;

static gboolean
witness_asked (GSource *source, const char *when, int ready_mode)
{
  Witness *witness = (Witness *) source;

  if (loops_are_exact ())
    say ("witness k%d %s", witness->number, when);
  return witness->mode == ready_mode;
}

static gboolean
witness_prepare (GSource *source, gint *timeout)
{
  *timeout = -1;
  return witness_asked (source, "prepare", 2);
}

static gboolean
witness_check (GSource *source)
{
  return witness_asked (source, "check", 1);
}

static gboolean
witness_dispatch (GSource *source, GSourceFunc callback G_GNUC_UNUSED, gpointer data G_GNUC_UNUSED)
{
  Witness *witness = (Witness *) source;

  witness->mode = 0;
  g_source_set_ready_time (source, -1);
  say ("source k%d", witness->number);
  fire (AT_SOURCE, witness->number);
  return G_SOURCE_CONTINUE;
}

static void
op_witness (const int *args)
{
  static GSourceFuncs functions = { witness_prepare, witness_check, witness_dispatch, NULL, NULL, NULL };
  GSource *source = g_source_new (&functions, sizeof (Witness));
  Slot *k = slot ('k', args[0]);

  ((Witness *) source)->number = args[0];
  ((Witness *) source)->mode = args[3];
  k->used = TRUE;
  k->object = source;
  k->refs = 1;
  k->cancellable = NOTHING;
  g_source_set_priority (source, args[2]);
  g_source_attach (source, slot_get ('x', args[1]));
}

static const Op ops[] = {
  { "witness", "Kx?pm", op_witness, 8, 3, ALONE, FALSE },
};

const OpTable witness_ops = { "witness", ops, G_N_ELEMENTS (ops) };
