/* What every program here does with the core, whoever provides it. */
#pragma once

#include <glib-object.h>

/* Runs a task in a thread, cancels a cancellable, uses what newer GLib has; prints a line for each, and for whose the
 * functions and the objects are. */
void exercise (void);

/* The file name of the library that contains the function to whose pointer `function` points. */
const char *library_of (gconstpointer function);
