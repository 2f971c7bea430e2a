/* What GIO has not, in Vala: cancellables that follow others and end at a time, and waiting in synchronous code. */

async int slow_answer (Cancellable? cancellable = null) throws IOError {
  var never = new CancellableSource (cancellable);
  never.set_callback (() => {
    slow_answer.callback ();
    return Source.REMOVE;
  });
  never.attach (MainContext.get_thread_default ());
  yield;
  cancellable.set_error_if_cancelled ();
  return 42;
}

async int quick_answer (Cancellable? cancellable = null) throws IOError {
  var idle = new IdleSource ();
  idle.set_callback (quick_answer.callback);
  idle.attach (MainContext.get_thread_default ());
  yield;
  return 42;
}

int main () {
  /* No main loop runs: the wait has a context of its own. */
  {
    var wait = new Asr.Wait ();
    quick_answer.begin (null, wait.begin ().callback);
    try {
      print ("%d\n", quick_answer.end (wait.run ()));
    } catch (IOError e) {
      assert_not_reached ();
    }
  }

  var parent = new Cancellable ();
  {
    var wait = new Asr.Wait ();
    var child = Asr.cancellable_new_child (parent);
    Asr.cancellable_set_deadline (child, get_monotonic_time () + 10 * 1000);
    slow_answer.begin (child, wait.begin ().callback);
    try {
      slow_answer.end (wait.run ());
    } catch (IOError.CANCELLED e) {
      /* So says an async method of Vala's, whatever the cause. This tells a deadline from someone who cancels: */
      try {
        Asr.cancellable_set_error (child);
      } catch (IOError timeout) {
        print ("%s\n", timeout.message);
      }
      print ("reason DEADLINE: %s\n", (Asr.cancellable_get_reason (child) == Asr.CancelReason.DEADLINE).to_string ());
    } catch (IOError e) {
      assert_not_reached ();
    }
  }

  var other = new Cancellable ();
  var linked = Asr.cancellable_new_linked ({ parent, null, other });
  parent.cancel ();
  print ("linked: %s, reason PARENT: %s\n", linked.is_cancelled ().to_string (),
    (Asr.cancellable_get_reason (linked) == Asr.CancelReason.PARENT).to_string ());
  return 0;
}
