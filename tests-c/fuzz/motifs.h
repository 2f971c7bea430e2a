/* Rows of operations that chance alone would seldom line up. Other lines come between theirs. A row has one thing of
 * each kind for its own: its operations speak of that. */
#pragma once

#include "fuzz.h"

#define MAX_MOTIF 10 /* an empty line is the end */

typedef struct
{
  EventKind event; /* of the row's thing */
  const char *op;
  int last; /* the last argument, if it is a number and this is not ANY */
} MotifLine;

#define ANY (-99)

static const MotifLine motifs[][MAX_MOTIF] = {
  /* A result from each place. */
  { { AT_MAIN, "task", 0 }, { AT_MAIN, "idle", ANY }, { AT_IDLE, "return-pointer", ANY },
    { AT_MAIN, "iterate", ANY }, { AT_CALL, "propagate", 0 }, { AT_CALL, "drop-task", ANY } },
  { { AT_MAIN, "idle", ANY }, { AT_IDLE, "task", 0 }, { AT_IDLE, "return-int", ANY },
    { AT_MAIN, "iterate", ANY }, { AT_CALL, "propagate", 2 }, { AT_CALL, "propagate", ANY } },
  { { AT_MAIN, "helper", ANY }, { AT_HELPER, "task", ANY }, { AT_MAIN, "return-value", ANY },
    { AT_CALL, "propagate", 3 }, { AT_HELPER, "drain", ANY } },
  { { AT_MAIN, "task", 0 }, { AT_MAIN, "helper", ANY }, { AT_HELPER, "return-error", ANY },
    { AT_CALL, "propagate", ANY }, { AT_MAIN, "iterate", ANY } },
  { { AT_MAIN, "task", 0 }, { AT_MAIN, "connect", ANY }, { AT_HANDLER, "return-error-if-cancelled", ANY },
    { AT_MAIN, "idle", ANY }, { AT_IDLE, "cancel", ANY }, { AT_CALL, "propagate", ANY },
    { AT_CALL, "reset", ANY }, { AT_CALL, "propagate", ANY } },
  /* Workers: plain, return-on-cancel from before, from inside, too late, taken back. */
  { { AT_MAIN, "task", 0 }, { AT_MAIN, "run-in-thread", ANY }, { AT_FUNC, "return-pointer", ANY },
    { AT_MAIN, "cancel", ANY }, { AT_MAIN, "open", ANY }, { AT_MAIN, "iterate", ANY },
    { AT_CALL, "propagate", ANY }, { AT_MAIN, "drop-task", ANY } },
  { { AT_MAIN, "task", 0 }, { AT_MAIN, "return-on-cancel", 1 }, { AT_MAIN, "run-in-thread", ANY },
    { AT_MAIN, "drop-task", ANY }, { AT_MAIN, "cancel", ANY }, { AT_MAIN, "iterate", ANY },
    { AT_FUNC, "return-pointer", ANY }, { AT_MAIN, "open", ANY } },
  { { AT_MAIN, "task", 0 }, { AT_MAIN, "cancel", ANY }, { AT_MAIN, "return-on-cancel", 1 },
    { AT_MAIN, "run-in-thread", ANY }, { AT_MAIN, "iterate", ANY }, { AT_CALL, "propagate", ANY },
    { AT_FUNC, "return-error", ANY }, { AT_MAIN, "open", ANY } },
  { { AT_MAIN, "task", 0 }, { AT_MAIN, "return-on-cancel", 1 }, { AT_MAIN, "run-in-thread", ANY },
    { AT_FUNC, "return-on-cancel", ANY }, { AT_FUNC, "cancel", ANY }, { AT_FUNC, "return-on-cancel", ANY },
    { AT_FUNC, "return-int", ANY }, { AT_MAIN, "open", ANY }, { AT_CALL, "propagate", ANY } },
  { { AT_MAIN, "task", 0 }, { AT_MAIN, "return-on-cancel", ANY }, { AT_FUNC, "cancel", ANY },
    { AT_FUNC, "return-pointer", ANY }, { AT_FUNC, "reset", ANY }, { AT_MAIN, "run-in-thread-sync", ANY },
    { AT_MAIN, "propagate", ANY }, { AT_MAIN, "open", ANY } },
  { { AT_MAIN, "task", 0 }, { AT_MAIN, "run-in-thread", ANY }, { AT_MAIN, "cancel", ANY },
    { AT_MAIN, "return-on-cancel", 1 }, { AT_MAIN, "reset", ANY }, { AT_CALL, "propagate", ANY },
    { AT_FUNC, "return-boolean", ANY }, { AT_MAIN, "open", ANY }, { AT_MAIN, "propagate", ANY } },
  /* The last reference goes on a worker. */
  { { AT_MAIN, "task", ANY }, { AT_MAIN, "task-data", ANY }, { AT_MAIN, "return-pointer", ANY },
    { AT_MAIN, "drain", ANY }, { AT_FUNC, "drop-task", ANY }, { AT_MAIN, "run-in-thread", ANY },
    { AT_MAIN, "open", ANY } },
  /* Cancellables. */
  { { AT_MAIN, "connect", ANY }, { AT_HANDLER, "disconnect", 1 }, { AT_MAIN, "cancel", ANY },
    { AT_MAIN, "reset", ANY }, { AT_MAIN, "cancel", ANY }, { AT_MAIN, "disconnect", 0 } },
  { { AT_MAIN, "get-fd", ANY }, { AT_MAIN, "cancel", ANY }, { AT_MAIN, "make-pollfd", ANY },
    { AT_MAIN, "reset", ANY }, { AT_MAIN, "release-fd", ANY }, { AT_MAIN, "release-fd", ANY } },
  { { AT_MAIN, "source", ANY }, { AT_MAIN, "cancel", ANY }, { AT_MAIN, "reset", ANY },
    { AT_MAIN, "iterate", ANY }, { AT_SOURCE, "cancel", ANY }, { AT_MAIN, "iterate", ANY },
    { AT_MAIN, "drop-source", ANY } },
  /* Simple results. */
  { { AT_MAIN, "simple", ANY }, { AT_MAIN, "simple-handle-cancellation", ANY }, { AT_MAIN, "run-simple", ANY },
    { AT_SIMPLE_FUNC, "simple-set-pointer", ANY }, { AT_SIMPLE_FUNC, "simple-set-error", ANY },
    { AT_MAIN, "cancel", ANY }, { AT_MAIN, "open-simple", ANY }, { AT_MAIN, "iterate", ANY },
    { AT_SIMPLE_CALL, "simple-propagate", ANY } },
  { { AT_MAIN, "simple", ANY }, { AT_MAIN, "idle", ANY }, { AT_IDLE, "simple-complete", ANY },
    { AT_MAIN, "iterate", ANY }, { AT_SIMPLE_CALL, "simple-propagate", ANY },
    { AT_SIMPLE_CALL, "drop-simple", ANY } },
};
