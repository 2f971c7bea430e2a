/* What ThreadSanitizer cannot see of Rust's std, told to it. Part of the stress program only when it is built with it.
 *
 * std is not compiled for it. What of its locks is inline was compiled with our library and is seen: taking and giving
 * up a free lock. What is not are three functions: waiting for a lock that is taken, and the two that wait on a condition
 * and give the lock up meanwhile. Their names are found in the archive when the program is linked. */
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

#endif
