/* Names all that vala/ declares: so valac and the C compiler see each declaration, and the check 48-vala which names of the
 * library are missing. There is no class in here: of each, the C of Debian 12's valac has something that gcc warns of. */

public void results (AsyncResult result) throws Error {
  void* data = result.get_user_data ();
  Object? source = result.get_source_object ();
  result.is_tagged (data);
  result.is_tagged (source);
  result.legacy_propagate_error ();
}

public void tasks (Object source, Cancellable cancellable, AsyncResult result) throws Error {
  var task = new Task (source, cancellable, (object, task) => print ("%s", task.get_name ()));
  Task.is_valid (result, source);
  Task.report_error (source, (object, task) => {}, null, new IOError.FAILED ("text"));
  Task.report_new_error (source, (object, task) => {}, null, IOError.quark (), IOError.BUSY, "%d", 1);
  task.set_task_data (null, null);
  task.set_priority (task.get_priority ());
  task.set_check_cancellable (task.get_check_cancellable ());
  task.set_return_on_cancel (task.get_return_on_cancel ());
  task.set_source_tag (task.get_source_tag ());
  task.set_name (task.get_name ());
  task.set_static_name ("name");
  print ("%p %p %p %p", task.get_task_data (), task.get_unowned_source_object (), task.get_context (),
    task.get_cancellable ());
  print ("%s", (task.get_completed () || task.had_error () || task.completed).to_string ());
  task.attach_source (new IdleSource (), (task) => { return task.get_completed (); });
  task.run_in_thread ((task, source, data, cancellable) => task.return_error_if_cancelled ());
  task.run_in_thread_sync ((task, source, data, cancellable) => {});
  task.return_pointer (null, null);
  task.return_boolean (true);
  task.return_int (1);
  task.return_value (1);
  task.return_error (new IOError.FAILED ("text"));
  task.return_new_error (IOError.quark (), IOError.BUSY, "%d", 1);
  task.return_new_error_literal (IOError.quark (), IOError.BUSY, "text");
  task.return_prefixed_error (new IOError.FAILED ("text"), "%d", 1);
  Value value;
  print ("%p", task.propagate_pointer ());
  print ("%s", (task.propagate_boolean () || task.propagate_int () == 1 || task.propagate_value (out value)).to_string ());
}

public void simple (Object source, Cancellable cancellable, AsyncResult result, va_list arguments) throws Error {
  var simple = new SimpleAsyncResult (source, (object, result) => {}, null);
  new SimpleAsyncResult.error (source, null, IOError.quark (), IOError.BUSY, "%d", 1).complete ();
  new SimpleAsyncResult.from_error (source, null, new IOError.FAILED ("text")).complete_in_idle ();
  SimpleAsyncResult.is_valid (result, source, null);
  SimpleAsyncResult.report_gerror_in_idle (source, null, new IOError.FAILED ("text"));
  simple.set_op_res_gpointer<Object> (source);
  print ("%p", simple.get_op_res_gpointer<Object> ());
  simple.set_op_res_gssize (simple.get_op_res_gssize ());
  simple.set_op_res_gboolean (simple.get_op_res_gboolean ());
  print ("%p", simple.get_source_tag ());
  simple.set_check_cancellable (cancellable);
  simple.set_handle_cancellation (true);
  simple.set_error (IOError.quark (), IOError.BUSY, "%d", 1);
  simple.set_error_va (IOError.quark (), IOError.BUSY, "%d", arguments);
  simple.set_from_error (new IOError.FAILED ("text"));
  simple.take_error (new IOError.FAILED ("text"));
  simple.propagate_error ();
  simple.run_in_thread ((result, object, cancellable) => {}, Priority.LOW, cancellable);
}

public void cancellables (Cancellable cancellable) throws IOError {
  var other = new Cancellable ();
  other.cancelled.connect (() => {});
  other.cancel ();
  other.reset ();
  if (other.is_cancelled () && cancellable.set_error_if_cancelled ()) {
    return;
  }
  other.disconnect (other.connect (() => cancellable.cancel ()));
  var descriptor = PollFD ();
  if (other.make_pollfd (descriptor) && other.get_fd () != -1) {
    other.release_fd ();
  }
  var source = new CancellableSource (other);
  source.set_callback ((cancellable) => { return cancellable.is_cancelled (); });
  source.attach (null);
  other.push_current ();
  print ("%p", Cancellable.get_current ());
  other.pop_current ();
}

public void initables (Cancellable cancellable, va_list arguments) throws Error {
  var object = Initable.new (typeof (Object), cancellable, "name", 1);
  object = Initable.new_valist (typeof (Object), "name", arguments, cancellable);
  object = Initable.newv (typeof (Object), new Parameter[1], cancellable);
  ((Initable) object).init (cancellable);
}

public async void async_initables (AsyncInitable object, Cancellable cancellable) throws Error {
  yield object.init_async (Priority.LOW, cancellable);
}

public void scheduler (Cancellable cancellable) {
  IOSchedulerJob.push ((job, cancellable) => {
    job.send_to_mainloop_async (() => { return cancellable.is_cancelled (); });
    return job.send_to_mainloop (() => { return cancellable.is_cancelled (); });
  }, Priority.LOW, cancellable);
  IOSchedulerJob.cancel_all ();
}

public void errors () throws IOError {
  foreach (var type in new Type[] { typeof (AsyncResult), typeof (Task), typeof (SimpleAsyncResult), typeof (Cancellable),
      typeof (Initable), typeof (AsyncInitable) }) {
    print ("%s", type.name ());
  }
  throw IOError.from_errno (Posix.ENOENT);
}

public void asr (Cancellable parent) throws IOError {
  Cancellable[] parents = { parent, Asr.cancellable_new_timeout (-1) };
  var child = Asr.cancellable_new_linked (parents);
  child = Asr.cancellable_new_child (Asr.cancellable_new_deadline (Asr.cancellable_get_deadline (parent)));
  Asr.cancellable_add_parent (child, parent);
  Asr.cancellable_remove_parent (child, parent);
  Asr.cancellable_set_deadline (child, -1);
  if (Asr.cancellable_get_reason (child) != Asr.CancelReason.NONE) {
    Asr.cancellable_set_error (child);
  }
  var wait = Asr.Wait.in_context (null) ?? new Asr.Wait ();
  wait.begin ().callback (parent, wait.run ());
  print ("%p", wait.run_until (-1, parent));
}
