//! This one needs more of GIO: it does not link here, and the linker says what is missing.
fn main() {
    use gio::prelude::*;
    println!("{:?}", gio::File::for_path("/").path());
}
