/* How the program built with ThreadSanitizer wraps calls, and tells what they do to the order of threads. */
#pragma once

#include "stress.h"

extern void __tsan_acquire (void *address);
extern void __tsan_release (void *address);
extern void __tsan_write_range (void *address, gulong size);
extern void AnnotateIgnoreWritesBegin (const char *file, int line);
extern void AnnotateIgnoreWritesEnd (const char *file, int line);
extern void __sanitizer_symbolize_pc (void *place, const char *format, char *text, gsize size);

/* Reserved names are what --wrap asks for. */
#define REAL(name) REAL_ (name)
#define REAL_(name) __real_##name
#define WRAP(name) WRAP_ (name)
#define WRAP_(name) __wrap_##name

#define RECEIVE(type, name, parameters) \
  type REAL (name) parameters;          \
  type WRAP (name) parameters;          \
  type WRAP (name) parameters
