//! Other Rust code in the same program: its panics are its own.

/// Whether a panic was caught, and its destructors ran.
#[no_mangle]
pub extern "C" fn other_rust_panics() -> bool {
    struct Note<'a>(&'a std::cell::Cell<bool>);
    impl Drop for Note<'_> {
        fn drop(&mut self) {
            self.0.set(true);
        }
    }
    let dropped = std::cell::Cell::new(false);
    let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let _note = Note(&dropped);
        panic!("a number: {:>5}", std::hint::black_box(7));
    }));
    caught.is_err() && dropped.get()
}
