//! USDT probes: places where bpftrace, perf, SystemTap or gdb may look into the process. A probe is one
//! `nop`, and a note in the file that says where it stands and which registers hold its arguments.
//! docs/debugging.md lists all.

/// `probe!(provider, name, argument…)`: an argument is a number, a truth or a pointer.
///
/// The machines are those of Cargo.toml: on these the oldest version of Rust that is enough has an assembler.
/// On others there is no probe, and none where it is measured what they cost: see `hooks::are_watched`.
macro_rules! probe {
    ($provider:ident, $name:ident $(, $argument:expr)* $(,)?) => {{
        #[cfg(all(
            not(asyncresult_without_points),
            any(
                target_arch = "aarch64",
                target_arch = "arm",
                target_arch = "loongarch64",
                target_arch = "riscv64",
                target_arch = "s390x",
                target_arch = "x86",
                target_arch = "x86_64"
            )
        ))]
        ::probe::probe!($provider, $name $(, $argument)*);
        // The arguments are used, and not evaluated.
        if false {
            $(let _ = $argument;)*
        }
    }};
}
pub(crate) use probe;
