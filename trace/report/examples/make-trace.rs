//! make-trace small|large FILE [EVENTS]: writes a trace as tests know it.

#[path = "../tests/make/mod.rs"]
mod make;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let done = match words[..] {
        ["small", file] => make::scenarios::small(file.as_ref()),
        ["large", file, events] => {
            make::scenarios::large(file.as_ref(), events.parse().expect("a number"))
        }
        _ => panic!("make-trace small FILE, or large FILE EVENTS"),
    };
    done.expect("the file can be written");
}
