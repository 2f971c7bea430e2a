//! The command, as cargo builds it: for who works on it.

fn main() {
    std::process::exit(asyncresult_trace_report::run(std::env::args_os().skip(1)));
}
