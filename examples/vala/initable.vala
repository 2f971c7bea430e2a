/* Objects whose initialization may fail, or takes its time: Initable and AsyncInitable in Vala. */

class Shop : Object, Initable, AsyncInitable {
  public string town { get; construct; }
  public bool open { get; private set; }

  public Shop (string town) {
    Object (town: town);
  }

  /* May block: new Shop (town) alone does not call it. */
  public bool init (Cancellable? cancellable = null) throws Error {
    if (cancellable != null) {
      cancellable.set_error_if_cancelled ();
    }
    if (town == "nowhere") {
      throw new IOError.INVALID_ARGUMENT ("a shop needs a town");
    }
    open = true;
    return true;
  }

  /* Lets the main loop run. */
  public async bool init_async (int io_priority = Priority.DEFAULT, Cancellable? cancellable = null) throws Error {
    Idle.add (init_async.callback, io_priority);
    yield;
    return init (cancellable);
  }
}

/* This one has no init_async() of its own: so init() runs in a worker. */
class Stall : Object, Initable, AsyncInitable {
  public unowned Thread<void*> thread;

  public bool init (Cancellable? cancellable = null) throws Error {
    thread = Thread.self<void*> ();
    return true;
  }
}

async void visit () {
  try {
    var shop = new Shop ("Ghent");
    yield shop.init_async ();
    print ("%s: %s\n", shop.town, shop.open ? "open" : "closed");

    var main = Thread.self<void*> ();
    var stall = new Stall ();
    yield stall.init_async ();
    print ("initialized in %s\n", stall.thread == main ? "this thread" : "a worker");

    yield new Shop ("nowhere").init_async ();
    assert_not_reached ();
  } catch (IOError.INVALID_ARGUMENT e) {
    print ("IOError.INVALID_ARGUMENT: %s\n", e.message);
  } catch (Error e) {
    assert_not_reached ();
  }

  var cancellable = new Cancellable ();
  cancellable.cancel ();
  try {
    yield new Shop ("Ghent").init_async (Priority.DEFAULT, cancellable);
    assert_not_reached ();
  } catch (Error e) {
    print ("%s\n", (e is IOError.CANCELLED) ? "IOError.CANCELLED" : e.message);
  }
}

int main () {
  try {
    var shop = (Shop) Initable.new (typeof (Shop), null, "town", "Lier");
    print ("%s: %s\n", shop.town, shop.open ? "open" : "closed");
    Initable.new (typeof (Shop), null, "town", "nowhere");
  } catch (Error e) {
    print ("%s %d: %s\n", e.domain.to_string (), e.code, e.message);
  }

  var loop = new MainLoop ();
  visit.begin ((source, result) => {
    visit.end (result);
    loop.quit ();
  });
  loop.run ();
  return 0;
}
