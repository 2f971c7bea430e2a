/* What a program does with the library while calls fail around it. */
#pragma once

#include "task-helpers.h"

typedef struct
{
  const char *name;
  void (*run) (void);
  const char *conditions; /* under which it gets through, with blanks between: see scenarios.c */
} Scenario;

/* A gift that the library has to give back: data for a destroy notify, counted until then. */
gpointer lend (void);
void give_back (gpointer loan);

/* Keeps account of an object like of what was lent. */
void lend_object (gpointer object);

/* Whether no descriptor can be had because the process has used up its own. */
extern gboolean descriptors_used_up;

extern const Scenario cancellable_scenarios[], task_scenarios[], initable_scenarios[];
extern const gsize n_cancellable_scenarios, n_task_scenarios, n_initable_scenarios;
