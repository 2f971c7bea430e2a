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
  /* ... where no loop runs, and where the context is gone. */
  { { AT_MAIN, "no-loops", ANY }, { AT_MAIN, "cancel", ANY }, { AT_MAIN, "task", ANY }, { AT_MAIN, "task-data", ANY },
    { AT_MAIN, "return-on-cancel", 1 }, { AT_MAIN, "run-in-thread-sync", ANY }, { AT_MAIN, "drop-task", ANY },
    { AT_FUNC, "return-pointer", ANY }, { AT_MAIN, "open", ANY } },
  { { AT_MAIN, "cancel", ANY }, { AT_MAIN, "task", ANY }, { AT_MAIN, "return-on-cancel", 1 },
    { AT_MAIN, "run-in-thread-sync", ANY }, { AT_MAIN, "drop-task", ANY }, { AT_MAIN, "drop-context", ANY },
    { AT_FUNC, "return-error", ANY }, { AT_MAIN, "open", ANY } },
  /* Cancellables. */
  { { AT_MAIN, "connect", ANY }, { AT_HANDLER, "disconnect", 1 }, { AT_MAIN, "cancel", ANY },
    { AT_MAIN, "reset", ANY }, { AT_MAIN, "cancel", ANY }, { AT_MAIN, "disconnect", 0 } },
  { { AT_MAIN, "get-fd", ANY }, { AT_MAIN, "cancel", ANY }, { AT_MAIN, "make-pollfd", ANY },
    { AT_MAIN, "reset", ANY }, { AT_MAIN, "release-fd", ANY }, { AT_MAIN, "release-fd", ANY } },
  { { AT_MAIN, "source", ANY }, { AT_MAIN, "cancel", ANY }, { AT_MAIN, "reset", ANY },
    { AT_MAIN, "iterate", ANY }, { AT_SOURCE, "cancel", ANY }, { AT_MAIN, "iterate", ANY },
    { AT_MAIN, "drop-source", ANY } },
  /* Loops of the program's own. */
  { { AT_MAIN, "task", 0 }, { AT_MAIN, "witness", ANY }, { AT_MAIN, "return-int", ANY }, { AT_MAIN, "prepare", ANY },
    { AT_MAIN, "query", ANY }, { AT_MAIN, "poll", ANY }, { AT_MAIN, "check-loop", ANY }, { AT_MAIN, "dispatch", ANY } },
  { { AT_MAIN, "task", 0 }, { AT_MAIN, "prepare", ANY }, { AT_MAIN, "query", ANY }, { AT_MAIN, "helper", ANY },
    { AT_HELPER, "return-error", ANY }, { AT_MAIN, "poll", ANY }, { AT_MAIN, "check-loop", ANY },
    { AT_MAIN, "pending", ANY }, { AT_MAIN, "round", ANY } },
  { { AT_MAIN, "task", 0 }, { AT_MAIN, "acquire", ANY }, { AT_MAIN, "run-in-thread", ANY }, { AT_MAIN, "query", ANY },
    { AT_MAIN, "open", ANY }, { AT_MAIN, "poll", ANY }, { AT_MAIN, "round", ANY }, { AT_CALL, "round", ANY },
    { AT_MAIN, "release", ANY } },
  { { AT_MAIN, "source", ANY }, { AT_MAIN, "round", ANY }, { AT_MAIN, "cancel", ANY }, { AT_MAIN, "query", ANY },
    { AT_MAIN, "poll", ANY }, { AT_MAIN, "round", ANY }, { AT_SOURCE, "step", ANY }, { AT_MAIN, "pending", ANY } },
  /* The source under way, and a pending one that is found. */
  { { AT_MAIN, "task", 0 }, { AT_MAIN, "return-int", ANY }, { AT_MAIN, "iterate", ANY }, { AT_CALL, "current", ANY },
    { AT_CALL, "current", ANY }, { AT_CALL, "iterate", ANY }, { AT_NOTIFY, "current", ANY }, { AT_MAIN, "kept", ANY } },
  { { AT_MAIN, "task", 0 }, { AT_MAIN, "run-in-thread", ANY }, { AT_MAIN, "open", ANY }, { AT_CALL, "current", ANY },
    { AT_CALL, "find", ANY }, { AT_MAIN, "find", 1 }, { AT_MAIN, "kept", ANY }, { AT_MAIN, "step", ANY },
    { AT_MAIN, "kept", ANY } },
  { { AT_MAIN, "task", 0 }, { AT_MAIN, "return-pointer", ANY }, { AT_MAIN, "drop-task", ANY },
    { AT_MAIN, "find", 1 }, { AT_MAIN, "remove-idle", ANY }, { AT_MAIN, "kept", ANY }, { AT_MAIN, "step", ANY } },
  { { AT_MAIN, "task", ANY }, { AT_MAIN, "return-boolean", ANY }, { AT_MAIN, "drop-context", ANY },
    { AT_MAIN, "find", 2 }, { AT_MAIN, "drop-task-elsewhere", ANY } },
  { { AT_MAIN, "simple", 0 }, { AT_MAIN, "simple-complete-in-idle", ANY }, { AT_MAIN, "find-simple", ANY },
    { AT_SIMPLE_CALL, "current", ANY }, { AT_MAIN, "step", ANY }, { AT_MAIN, "kept", ANY } },
  { { AT_MAIN, "source", ANY }, { AT_MAIN, "cancel", ANY }, { AT_MAIN, "step", ANY }, { AT_SOURCE, "current", ANY },
    { AT_SOURCE, "current", ANY }, { AT_MAIN, "reset", ANY }, { AT_MAIN, "cancel", ANY }, { AT_MAIN, "step", ANY } },
  /* Who waits for handlers of another thread. */
  { { AT_MAIN, "connect", ANY }, { AT_HANDLER, "elsewhere", ANY }, { AT_MAIN, "connect", ANY },
    { AT_MAIN, "cancel", ANY }, { AT_MAIN, "reset", ANY }, { AT_HANDLER, "elsewhere", ANY } },
  { { AT_MAIN, "connect", 0 }, { AT_MAIN, "cancel", ANY }, { AT_MAIN, "connect", 0 },
    { AT_HANDLER, "elsewhere", ANY }, { AT_MAIN, "elsewhere", ANY }, { AT_MAIN, "reset", ANY } },
  { { AT_MAIN, "helper", ANY }, { AT_MAIN, "connect", ANY }, { AT_HELPER, "cancel", ANY },
    { AT_HANDLER, "elsewhere", ANY }, { AT_HANDLER, "elsewhere", 2 }, { AT_HANDLER, "disconnect", ANY } },
  /* Simple results. */
  { { AT_MAIN, "simple", ANY }, { AT_MAIN, "simple-handle-cancellation", ANY }, { AT_MAIN, "run-simple", ANY },
    { AT_SIMPLE_FUNC, "simple-set-pointer", ANY }, { AT_SIMPLE_FUNC, "simple-set-error", ANY },
    { AT_MAIN, "cancel", ANY }, { AT_MAIN, "open-simple", ANY }, { AT_MAIN, "iterate", ANY },
    { AT_SIMPLE_CALL, "simple-propagate", ANY } },
  { { AT_MAIN, "simple", ANY }, { AT_MAIN, "idle", ANY }, { AT_IDLE, "simple-complete", ANY },
    { AT_MAIN, "iterate", ANY }, { AT_SIMPLE_CALL, "simple-propagate", ANY },
    { AT_SIMPLE_CALL, "drop-simple", ANY } },
};
