/* What ThreadSanitizer cannot see of Rust's std, told to it. Part of the stress program only when it is built with it.
 *
 * std is not compiled for it. What of its locks is inline was compiled with our library and is seen: taking and giving
 * up a free lock, and finding a Once done. What is not are four functions: waiting for a lock that is taken, the two
 * that wait on a condition and give the lock up meanwhile, and doing a Once or waiting until it is done. Their names
 * are found in the archive when the program is linked. */
#include "tsan-model.h"

#ifdef TSAN_MODEL


/* fn lock_contended (&self): the lock is ours when it returns. */
RECEIVE (void, STD_LOCK_CONTENDED, (gpointer mutex))
{
  REAL (STD_LOCK_CONTENDED) (mutex);
  __tsan_acquire (mutex);
}

/* fn wait (&self, &Mutex) */
RECEIVE (void, STD_CONDVAR_WAIT, (gpointer condition, gpointer mutex))
{
  __tsan_release (mutex);
  REAL (STD_CONDVAR_WAIT) (condition, mutex);
  __tsan_acquire (mutex);
}

/* fn wait_timeout (&self, &Mutex, Duration) -> bool: a Duration is passed as seconds and nanoseconds. */
RECEIVE (gboolean, STD_CONDVAR_WAIT_TIMEOUT, (gpointer condition, gpointer mutex, guint64 seconds, guint32 nanoseconds))
{
  guint8 in_time;

  __tsan_release (mutex);
  in_time = (guint8) REAL (STD_CONDVAR_WAIT_TIMEOUT) (condition, mutex, seconds, nanoseconds);
  __tsan_acquire (mutex);
  return in_time;
}

/* A `&mut dyn FnMut (&OnceState)`: the closure, and its table: drop, size, alignment, call_once, call_mut. */
typedef void (*OnceCall) (gpointer closure, gpointer state);
typedef struct
{
  gpointer drop;
  gsize size, alignment;
  OnceCall call_once, call_mut;
} OnceTable;

typedef struct
{
  gpointer once;
  gpointer closure;
  const OnceTable *table;
} ToldOnce;

static void
call_told_once (gpointer data, gpointer state)
{
  ToldOnce *told = data;

  told->table->call_mut (told->closure, state);
  __tsan_release (told->once);
}

static const OnceTable told_once = { NULL, sizeof (ToldOnce), sizeof (gpointer), call_told_once, call_told_once };

/* fn call (&self, ignore_poisoning: bool, f: &mut dyn FnMut (&OnceState)), which is told where it is called from. What
 * f did comes before all that find it done. */
RECEIVE (void, STD_ONCE_CALL,
         (gpointer once, gboolean ignore_poisoning, gpointer closure, const OnceTable *table, gpointer place))
{
  ToldOnce told = { once, closure, table };

  REAL (STD_ONCE_CALL) (once, ignore_poisoning, &told, &told_once, place);
  __tsan_acquire (once);
}

#endif
