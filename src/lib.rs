//! GIO's asynchronous core as a library of its own. This file is the map, and holds no code.
//!
//! Six floors; a file uses only its own floor and those below. One above them uses only what is public:
//!
//! | floor | what it is |
//! |---|---|
//! | [`asr`] | what GIO has not: `<asyncresult/asr.h>` |
//! | [`exports`] | the C ABI: one function per symbol, a file per class |
//! | `classes` | what the objects are: GAsyncResult, GTask, GCancellable and the others |
//! | `scheduling` | when and where things run: workers, deliveries, completion races, observers |
//! | `gobject` | what classes are built with: registration, private data, interfaces, checks of arguments |
//! | `libgio` | coexistence: what becomes of us in a process that has libgio, too |
//! | `glib` | thin wrappers of C functions. Only this floor and the two above it call C |
//!
//! `g_task_foo` is in `exports/task.rs`; what returns and fetches results, in `exports/task/result.rs`.
//!
//! *When does a callback run?* `scheduling/delivery.rs`. *On which thread does a task function run, and
//! when?* `scheduling/pool.rs`. *Who completes a cancelled task?* `scheduling/completion_race.rs`.

// A panic must not unwind into C. Debug builds, which only tests use, may.
#[cfg(not(any(panic = "abort", debug_assertions, test)))]
compile_error!("build with panic = \"abort\": unwinding into C callers is undefined");

#[cfg(not(all(test, feature = "loom")))]
pub mod asr;
#[cfg(not(all(test, feature = "loom")))]
mod classes;
#[cfg(not(all(test, feature = "loom")))]
pub mod exports;
#[cfg(not(all(test, feature = "loom")))]
mod glib;
// The models of the scheduling floor stand on a ground of their own, and use only what they are about.
#[cfg(all(test, feature = "loom"))]
#[path = "../tests/models/world/glib.rs"]
#[allow(dead_code)]
mod glib;
#[cfg(not(all(test, feature = "loom")))]
mod gobject;
#[cfg(not(all(test, feature = "loom")))]
mod libgio;
#[cfg_attr(all(test, feature = "loom"), allow(dead_code))]
mod scheduling;
#[cfg(all(test, feature = "loom"))]
#[path = "../tests/models/world/mod.rs"]
#[allow(dead_code)]
mod world;
