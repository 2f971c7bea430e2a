//! gio's tasks, cancellables and futures. Of GIO the program needs what is in this library, so it runs
//! without libgio.

use std::future::{pending, Future};
use std::pin::Pin;
use std::thread;
use std::time::Duration;

use futures_channel::oneshot;
use gio::prelude::*;
use gio::{glib, Cancellable, CancellableFuture, GioFuture, IOErrorEnum, LocalTask, Task};

/// An operation with a callback, in a worker: what `g_task_new()` and `g_task_run_in_thread()` are for.
fn sum_async(
    to: i64,
    cancellable: Option<&Cancellable>,
    callback: impl FnOnce(Result<i64, glib::Error>) + Send + 'static,
) {
    // SAFETY: The task is used on its own thread and in the worker, and its result is fetched once.
    let task = unsafe {
        Task::<i64>::new(None::<&Cancellable>, cancellable, move |task, _| {
            callback(task.propagate())
        })
    };
    task.run_in_thread(move |task, _: Option<&Cancellable>, _| {
        let sum = match to {
            0 => Err(glib::Error::new(
                IOErrorEnum::InvalidArgument,
                "nothing to sum up",
            )),
            _ => Ok((1..=to).sum()),
        };
        // SAFETY: This is the one result, and propagate() fetches it.
        unsafe { task.return_result(sum) };
    });
}

/// The same as a future. One that is dropped cancels its operation.
fn sum(to: i64) -> impl Future<Output = Result<i64, glib::Error>> {
    GioFuture::new(&(), move |_, cancellable, promise| {
        sum_async(to, Some(cancellable), move |result| promise.resolve(result));
    })
}

async fn tasks() -> Result<(), glib::Error> {
    println!("1 + ... + 10000 = {}", sum(10_000).await?);
    let nothing = sum(0).await.unwrap_err();
    println!("{:?}: {}", nothing.kind::<IOErrorEnum>(), nothing.message());

    // What a cancelled task says, whatever its function returned.
    let (sender, receiver) = oneshot::channel();
    let cancellable = Cancellable::new();
    cancellable.cancel();
    sum_async(1, Some(&cancellable), move |result| _ = sender.send(result));
    let cancelled = receiver.await.unwrap().unwrap_err();
    println!("{:?}", cancelled.kind::<IOErrorEnum>());

    // Without a thread, and without an unsafe block to return.
    let (sender, receiver) = oneshot::channel();
    // SAFETY: The result is fetched once.
    let local = unsafe {
        LocalTask::<i64>::new(
            None::<&Cancellable>,
            None::<&Cancellable>,
            move |task, _| _ = sender.send(task.propagate()),
        )
    };
    local.return_result(Ok(42));
    println!("{}", receiver.await.unwrap()?);
    Ok(())
}

async fn blocking() {
    let here = thread::current().id();
    let (answer, there) = gio::spawn_blocking(|| (6 * 7, thread::current().id()))
        .await
        .unwrap();
    println!(
        "{answer}, {}",
        if here == there { "here" } else { "in a worker" }
    );

    // More than there are workers, all at once.
    let many: Vec<_> = (0..100).map(|i| gio::spawn_blocking(move || i)).collect();
    let mut total = 0;
    for one in many {
        total += one.await.unwrap();
    }
    println!("{total}");
}

async fn cancelling() {
    let cancellable = Cancellable::new();
    let id = cancellable.connect_cancelled(|_| println!("never called"));
    cancellable.disconnect_cancelled(id.unwrap());
    cancellable
        .connect_cancelled(|cancellable| println!("cancelled: {}", cancellable.is_cancelled()));
    println!("{:?}", cancellable.set_error_if_cancelled());

    let waiting = CancellableFuture::new(pending::<()>(), cancellable.clone());
    let other = cancellable.clone();
    let canceller = thread::spawn(move || {
        thread::sleep(Duration::from_millis(10));
        other.cancel();
    });
    println!("{}", waiting.await.unwrap_err());
    canceller.join().unwrap();
    println!(
        "{:?}",
        cancellable
            .set_error_if_cancelled()
            .unwrap_err()
            .kind::<IOErrorEnum>()
    );
    // At once.
    cancellable.future().await;
}

glib::wrapper! {
    pub struct Shop(ObjectSubclass<imp::Shop>) @implements gio::Initable, gio::AsyncInitable;
}

/// A class whose initialization may fail, or take its time.
mod imp {
    use super::*;
    use gio::subclass::prelude::*;
    use std::cell::Cell;

    #[derive(Default)]
    pub struct Shop(pub Cell<bool>);

    #[glib::object_subclass]
    impl ObjectSubclass for Shop {
        const NAME: &'static str = "Shop";
        type Type = super::Shop;
        type Interfaces = (gio::Initable, gio::AsyncInitable);
    }

    impl ObjectImpl for Shop {}

    impl InitableImpl for Shop {
        fn init(&self, cancellable: Option<&Cancellable>) -> Result<(), glib::Error> {
            cancellable.map_or(Ok(()), |cancellable| cancellable.set_error_if_cancelled())?;
            self.0.set(true);
            Ok(())
        }
    }

    impl AsyncInitableImpl for Shop {
        fn init_future(
            &self,
            _: glib::Priority,
        ) -> Pin<Box<dyn Future<Output = Result<(), glib::Error>>>> {
            let shop = self.obj().clone();
            Box::pin(async move {
                gio::spawn_blocking(|| thread::sleep(Duration::from_millis(1)))
                    .await
                    .unwrap();
                shop.imp().0.set(true);
                Ok(())
            })
        }
    }

    impl super::Shop {
        pub fn is_open(&self) -> bool {
            self.imp().0.get()
        }
    }
}

async fn initables() -> Result<(), glib::Error> {
    let shop: Shop = gio::Initable::builder().build(Cancellable::NONE)?;
    println!("open: {}", shop.is_open());
    let shop: Shop = gio::AsyncInitable::builder()
        .build_future(glib::Priority::DEFAULT)
        .await?;
    println!("open: {}", shop.is_open());
    let cancelled = Cancellable::new();
    cancelled.cancel();
    let error = gio::Initable::builder::<Shop>()
        .build(Some(&cancelled))
        .unwrap_err();
    println!("{:?}", error.kind::<IOErrorEnum>());
    Ok(())
}

fn main() -> Result<(), glib::Error> {
    glib::MainContext::default().block_on(async {
        tasks().await?;
        blocking().await;
        cancelling().await;
        initables().await
    })
}
