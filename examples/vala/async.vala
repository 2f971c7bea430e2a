/* Asynchronous methods in Vala: some wait, some work in a thread; with errors, and a cancellable that ends them. Of GIO
 * it needs only what this library has: docs/installing.md says how it is compiled. */

errordomain KitchenError {
  BURNT
}

/* Waits, and lets the main loop run meanwhile. */
async void rest (uint milliseconds, Cancellable? cancellable = null) throws IOError {
  var time = new TimeoutSource (milliseconds);
  time.set_callback (() => {
    rest.callback ();
    return Source.REMOVE;
  });
  time.attach (MainContext.get_thread_default ());
  var cancelled = new CancellableSource (cancellable);
  cancelled.set_callback (() => {
    rest.callback ();
    return Source.REMOVE;
  });
  cancelled.attach (MainContext.get_thread_default ());
  yield;
  time.destroy ();
  cancelled.destroy ();
  if (cancellable != null) {
    cancellable.set_error_if_cancelled ();
  }
}

class Kitchen : Object {
  public int meals { get; private set; }

  /* An error in one yield ends the method, as in synchronous code. */
  public async string bake (string what, uint milliseconds,
      Cancellable? cancellable = null) throws KitchenError, IOError {
    yield rest (milliseconds, cancellable);
    if (what == "charcoal") {
      throw new KitchenError.BURNT ("%s is burnt", what);
    }
    meals++;
    return "baked " + what;
  }

  /* Computes in one of the library's workers. The task carries what it is to do, and the result back. */
  public async int64 sum (int64 to, Cancellable? cancellable = null) throws Error {
    int64 limit = to;
    Error? failure = null;
    int64 result = 0;
    var task = new Task (this, cancellable, (source, task) => {
      try {
        result = task.propagate_int ();
      } catch (Error e) {
        failure = e;
      }
      sum.callback ();
    });
    task.set_task_data (&limit, null);
    task.run_in_thread ((task, source, data, cancellable) => {
      int64 total = 0;
      for (int64 i = 1; i <= *(int64*) data; i++) {
        total += i;
      }
      if (!task.return_error_if_cancelled ()) {
        task.return_int ((ssize_t) total);
      }
    });
    yield;
    if (failure != null) {
      throw failure;
    }
    return result;
  }
}

/* A thread of one's own, and back into the context that the method was called in. */
async string in_thread (string text) {
  var context = MainContext.ref_thread_default ();
  string? shouted = null;
  var thread = new Thread<void> ("shout", () => {
    shouted = text.up ();
    context.invoke (() => {
      in_thread.callback ();
      return Source.REMOVE;
    });
  });
  yield;
  thread.join ();
  return shouted;
}

async void cook () {
  var kitchen = new Kitchen ();

  try {
    print ("%s\n", yield kitchen.bake ("bread", 1));
    print ("1 + ... + 10000 = %s\n", (yield kitchen.sum (10000)).to_string ());
    print ("%s\n", yield in_thread ("done"));
    print ("%s\n", yield kitchen.bake ("charcoal", 1));
  } catch (KitchenError.BURNT e) {
    print ("KitchenError.BURNT: %s\n", e.message);
  } catch (Error e) {
    assert_not_reached ();
  }

  /* Whoever has the cancellable ends what waits. */
  var cancellable = new Cancellable ();
  var id = cancellable.connect (() => print ("the guests have left\n"));
  Timeout.add (10, () => {
    cancellable.cancel ();
    return Source.REMOVE;
  });
  try {
    yield kitchen.bake ("cake", 3600 * 1000, cancellable);
    assert_not_reached ();
  } catch (IOError.CANCELLED e) {
    print ("IOError.CANCELLED, domain %s\n", e.domain.to_string ());
  } catch (Error e) {
    assert_not_reached ();
  }
  cancellable.disconnect (id);
  try {
    yield kitchen.sum (10, cancellable);
    assert_not_reached ();
  } catch (Error e) {
    print ("a cancelled sum: %s\n", (e is IOError.CANCELLED) ? "IOError.CANCELLED" : e.message);
  }

  /* Several at once: each begins, and the last to end wakes this method. */
  cancellable.reset ();
  int left = 5;
  for (int i = 0; i < 5; i++) {
    kitchen.bake.begin ("roll", 5 - i, cancellable, (source, result) => {
      try {
        kitchen.bake.end (result);
      } catch (Error e) {
        assert_not_reached ();
      }
      if (--left == 0) {
        cook.callback ();
      }
    });
  }
  yield;
  print ("%d meals\n", kitchen.meals);
}

int main () {
  var loop = new MainLoop ();
  cook.begin ((source, result) => {
    cook.end (result);
    loop.quit ();
  });
  loop.run ();
  return 0;
}
