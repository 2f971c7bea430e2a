//! include/asyncresult/asyncresult.h is what cbindgen makes of the Rust sources.
//!
//! `ASYNCRESULT_BLESS=1 cargo test --test header` writes it anew.

use std::fs;
use std::path::PathBuf;

use cbindgen::{Builder, Config, ItemType, Style};

const HEADER: &str = "include/asyncresult/asyncresult.h";

const BEGIN: &str = concat!(
    "\
/* The asynchronous core of GIO: GAsyncResult, GTask, GSimpleAsyncResult, GCancellable, GIOErrorEnum.
 * SPDX-License-Identifier: MIT OR Apache-2.0
 * Generated from the Rust sources: do not edit. `ASYNCRESULT_BLESS=1 cargo test --test header` writes it. */
#ifndef ASYNCRESULT_H
#define ASYNCRESULT_H

#include <glib-object.h>

/* The version of this header: the package's. */
#define ASYNCRESULT_MAJOR_VERSION ",
    env!("CARGO_PKG_VERSION_MAJOR"),
    "
#define ASYNCRESULT_MINOR_VERSION ",
    env!("CARGO_PKG_VERSION_MINOR"),
    "
#define ASYNCRESULT_MICRO_VERSION ",
    env!("CARGO_PKG_VERSION_PATCH"),
    "

G_BEGIN_DECLS

/* <gio/gio.h> has these types, too. */
#ifndef __G_IO_H__
"
);

const BETWEEN: &str = "
#endif /* __G_IO_H__ */

/* Functions that are also macros, at the end of this header and in <gio/gio.h>. */
#undef g_task_set_source_tag
#undef g_task_set_name
";

const END: &str = "
G_END_DECLS

#include \"macros.h\"

#endif /* ASYNCRESULT_H */
";

#[test]
fn the_header_is_up_to_date() {
    let path = root().join(HEADER);
    let generated = generate();
    if std::env::var_os("ASYNCRESULT_BLESS").is_some() {
        fs::write(&path, &generated).expect("the header can be written");
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    let line = committed
        .lines()
        .zip(generated.lines())
        .take_while(|(old, new)| old == new)
        .count()
        + 1;
    assert!(
        committed == generated,
        "{HEADER} is out of date from line {line} on; ASYNCRESULT_BLESS=1 cargo test --test header writes it"
    );
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn generate() -> String {
    let mut header = String::from(BEGIN);
    header.push_str(&print(
        &["src/classes/io_error.rs"],
        &[ItemType::Enums],
        &["GIOErrorEnum".to_owned()],
        // GIO's enumeration has no tag.
        Style::Type,
    ));
    header.push_str(&print(
        &[
            "src/exports/types.rs",
            "src/classes/async_result.rs",
            "src/classes/cancellable/mod.rs",
        ],
        &[ItemType::Typedefs, ItemType::Structs, ItemType::OpaqueItems],
        &types(),
        Style::Tag,
    ));
    header.push_str(BETWEEN);
    let map = read("src/exports/exports.map");
    for (class, names) in groups(&map) {
        header.push_str(&format!("\n/* {class} */\n"));
        for source in sources_of(&names) {
            header.push_str(&print(&[&source], &[ItemType::Functions], &[], Style::Tag));
        }
    }
    header.push_str(END);
    header
}

/// The names that types.rs gives to types, but for the enumeration, which is printed before them.
fn types() -> Vec<String> {
    let text = read("src/exports/types.rs");
    let words = text
        .lines()
        .filter(|line| line.starts_with("pub "))
        .flat_map(|line| line.split(|c: char| !c.is_alphanumeric()));
    words
        .filter(|word| word.starts_with('G') && *word != "GIOErrorEnum")
        .map(str::to_owned)
        .collect()
}

/// The classes of the linker's map, in its order, each with its functions.
fn groups(map: &str) -> Vec<(&str, Vec<&str>)> {
    let mut groups: Vec<(&str, Vec<&str>)> = Vec::new();
    for line in map.lines().map(str::trim) {
        if let Some(class) = line.strip_prefix("# G").map(|_| &line[2..]) {
            groups.push((class, Vec::new()));
        } else if let (Some((name, _)), Some(group)) = (line.split_once(';'), groups.last_mut()) {
            group.1.push(name);
        }
    }
    groups
}

/// The files that define any of these functions in Rust.
fn sources_of(names: &[&str]) -> Vec<String> {
    let mut files = Vec::new();
    let mut folders = vec![root().join("src/exports")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("the folder is there") {
            let path = entry.expect("it can be read").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let inside = path.strip_prefix(root()).expect("of this tree");
                files.push(inside.to_str().expect("a name in ASCII").to_owned());
            }
        }
    }
    // A file comes before those in the folder of its name.
    files.sort_by_key(|file| file.trim_end_matches(".rs").to_owned());
    files.retain(|file| {
        let text = read(file);
        names
            .iter()
            .any(|name| text.contains(&format!("fn {name}(")))
    });
    files
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// What cbindgen prints for items of those kinds (and, of types, those names) in those sources.
fn print(sources: &[&str], kinds: &[ItemType], names: &[String], style: Style) -> String {
    let mut config =
        Config::from_file(root().join("cbindgen.toml")).expect("cbindgen.toml is valid");
    config.style = style;
    config.export.item_types = kinds.to_vec();
    config.export.include = names.to_vec();
    let mut builder = Builder::new().with_config(config);
    for source in sources {
        builder = builder.with_src(root().join(source));
    }
    let mut text = Vec::new();
    builder
        .generate()
        .expect("cbindgen understands the sources")
        .write(&mut text);
    let text = String::from_utf8(text).expect("cbindgen prints UTF-8");
    format!("\n{}\n", tidy(text.trim_matches('\n')))
}

/// GIO's spelling of what cbindgen spells as Rust does, and comments of one line where they fit.
fn tidy(text: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    for line in text.lines() {
        let words = line.trim_start();
        match lines.last_mut() {
            Some(comment) if comment.ends_with("/**") => {
                comment.push_str(words.trim_start_matches('*'));
            }
            Some(comment) if comment.trim_start().starts_with("/** ") && words == "*/" => {
                comment.push_str(" */");
            }
            _ => {
                if let Some(deprecated) = deprecation(line) {
                    lines.push(deprecated.to_owned());
                }
                lines.push(line.to_owned());
            }
        }
    }
    SPELLINGS
        .iter()
        .fold(lines.join("\n"), |text, (rust, gio)| {
            text.replace(rust, gio)
        })
}

/// `priv` is no name in Rust, and five members of one type are an array there.
const SPELLINGS: [(&str, &str); 3] = [
    ("intptr_t", "gssize"),
    ("*private_;", "*priv;"),
    (
        "  void (*reserved[5])(void);",
        "  void (*_g_reserved1)(void);
  void (*_g_reserved2)(void);
  void (*_g_reserved3)(void);
  void (*_g_reserved4)(void);
  void (*_g_reserved5)(void);",
    ),
];

/// GLib's mark for a prototype's first line, if GIO's header has it there.
fn deprecation(line: &str) -> Option<&'static str> {
    let (before, name) = line.split_once("g_simple_async_")?;
    let is_prototype = !before.starts_with([' ', '/']);
    let is_current = ["result_get_type", "result_set_check_cancellable"]
        .iter()
        .any(|current| name.starts_with(current));
    if !is_prototype || is_current {
        None
    } else if name.starts_with("result_new") {
        Some("GLIB_DEPRECATED_IN_2_46_FOR (g_task_new)")
    } else if name.starts_with("report") {
        Some("GLIB_DEPRECATED_IN_2_46_FOR (g_task_report_error)")
    } else {
        Some("GLIB_DEPRECATED_IN_2_46")
    }
}
