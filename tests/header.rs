//! include/asyncresult/asyncresult.h is what cbindgen makes of the Rust sources, and for each type of the
//! linker's map the usual macros. include/asyncresult/asr.h is what it makes of src/asr/.
//!
//! `ASYNCRESULT_BLESS=1 cargo test --test header` writes both anew.

use std::fs;
use std::path::PathBuf;

use cbindgen::{Builder, Config, ItemType, Style};

const HEADER: &str = "include/asyncresult/asyncresult.h";

const BEGIN: &str = concat!(
    "\
/* The asynchronous core of GIO:
 * CLASSES.
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

/* For all functions: an instance must not be NULL, where nothing is said of NULL. That, and an instance of
 * another class, is a critical in the domain GLib-GIO; the function then answers NULL, FALSE, 0 or -1 (the
 * priority of no task is G_PRIORITY_DEFAULT). What a refused call was to take over (\"transfer full\") is
 * freed, if nobody else can reach it. */
";

const END: &str = "
G_END_DECLS

#include \"macros.h\"

#endif /* ASYNCRESULT_H */
";

/// What GIO has not.
const ASR: &str = "include/asyncresult/asr.h";

const ASR_BEGIN: &str = "\
/* What GIO has not: see each function.
 * SPDX-License-Identifier: MIT OR Apache-2.0
 * Generated from the Rust sources: do not edit. `ASYNCRESULT_BLESS=1 cargo test --test header` writes it.
 *
 * For all functions: what is not as it has to be is one critical in the domain asyncresult; the function then
 * answers NULL, FALSE or 0, and does nothing. Where nothing is said of NULL, it is refused, too. */
#ifndef ASYNCRESULT_ASR_H
#define ASYNCRESULT_ASR_H

/* GIO's types: those of <gio/gio.h>, which a program that uses both includes first. */
#include <asyncresult/asyncresult.h>

G_BEGIN_DECLS
";

const ASR_END: &str = "
G_END_DECLS

#endif /* ASYNCRESULT_ASR_H */
";

#[test]
fn the_header_is_up_to_date() {
    up_to_date(HEADER, &generate());
}

#[test]
fn the_header_of_what_gio_has_not_is_up_to_date() {
    up_to_date(ASR, &generate_asr());
}

fn up_to_date(header: &str, generated: &str) {
    let path = root().join(header);
    if std::env::var_os("ASYNCRESULT_BLESS").is_some() {
        fs::write(&path, generated).expect("the header can be written");
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
        "{header} is out of date from line {line} on; ASYNCRESULT_BLESS=1 cargo test --test header writes it"
    );
}

/// The first line of a comment says what the function does, and is not cut off in the middle.
#[test]
fn each_summary_is_a_sentence() {
    let header = read(HEADER);
    let summaries: Vec<&str> = header
        .lines()
        .filter(|line| line.contains("/** "))
        .collect();
    assert!(summaries.len() > 80);
    for summary in summaries {
        assert!(summary.trim_end_matches(" */").ends_with('.'), "{summary}");
    }
}

/// Which arguments may be NULL, who owns what, and on which thread: each comment says so, or says which function it is
/// like.
#[test]
fn each_comment_says_what_a_caller_has_to_know() {
    let (mut functions, mut wanting) = (0, Vec::new());
    for header in [read(HEADER), read("include/asyncresult/macros.h")] {
        for (comment, declaration) in documented(&header) {
            functions += 1;
            let missing = missing(&comment, &declaration);
            if !missing.is_empty() {
                wanting.push(format!("{declaration}: {}", missing.join(", ")));
            }
        }
    }
    assert!(functions > 80, "only {functions} were found");
    assert!(wanting.is_empty(), "{}", wanting.join("\n"));
}

#[test]
fn a_comment_that_says_too_little_is_found() {
    let declaration = "char *g_f (GTask *task, gpointer data, int number)";
    let nothing = [
        "the thread",
        "`data`",
        "whether the answer may be NULL",
        "whose the answer is",
    ];
    assert_eq!(missing("Does something.", declaration), nothing);
    let enough = "`data` may be NULL. The caller owns the answer. Any thread.";
    assert_eq!(missing(enough, declaration), [""; 0]);
    assert_eq!(missing("Otherwise like g_g().", declaration), [""; 0]);
    assert_eq!(missing("Any thread.", "void g_f (GTask *task)"), [""; 0]);
}

/// The other header's comments are in the form of GTK-doc, which tools read: of each argument and each answer that
/// is a pointer they say whether it may be NULL, and of an answer whose it is; and all of them name the thread.
#[test]
fn each_comment_is_one_for_introspection() {
    let header = read(ASR);
    let (mut functions, mut wanting) = (0, Vec::new());
    for part in header.split("/**\n").skip(1) {
        let (comment, rest) = part.split_once("*/").expect("a comment has an end");
        let declaration = rest.split(';').next().unwrap_or_default().trim();
        let is_function = declaration.contains('(')
            && !declaration.contains("typedef")
            && !declaration.starts_with('#');
        if !is_function {
            continue;
        }
        functions += 1;
        let missing = missing_for_introspection(comment, declaration);
        if !missing.is_empty() {
            wanting.push(format!("{declaration}: {}", missing.join(", ")));
        }
    }
    assert_eq!(
        functions,
        groups(&read(ASR_MAP))
            .iter()
            .map(|group| group.1.len())
            .sum::<usize>()
    );
    assert!(wanting.is_empty(), "{}", wanting.join("\n"));
}

#[test]
fn a_comment_that_tools_cannot_read_is_found() {
    let declaration = "GError *asr_f (GTask *task, int number, void *data)";
    let nothing = [
        "its name",
        "@task",
        "@number",
        "@data",
        "Returns",
        "the thread",
    ];
    assert_eq!(missing_for_introspection("Does.", declaration), nothing);
    let little = " * asr_f:\n * @task: a task\n * @number: it\n * @data: (nullable): it\n *\n * Any thread.\n \
                  * Returns: (nullable): it";
    let unsaid = ["NULL for @task", "whose the answer is"];
    assert_eq!(missing_for_introspection(little, declaration), unsaid);
    let enough = little
        .replace("@task:", "@task: (not nullable):")
        .replace("Returns:", "Returns: (transfer full)");
    assert_eq!(missing_for_introspection(&enough, declaration), [""; 0]);
}

fn missing_for_introspection(comment: &str, declaration: &str) -> Vec<String> {
    let lines: Vec<&str> = comment
        .lines()
        .map(|line| line.trim_start_matches([' ', '*']))
        .collect();
    let line_of = |start: String| lines.iter().find(|line| line.starts_with(&start));
    let says_null = |line: &str| line.contains("nullable)") || line.contains("(optional)");
    let (head, arguments) = declaration.split_once('(').unwrap_or_default();
    let name = head
        .trim_end()
        .rsplit([' ', '*'])
        .next()
        .unwrap_or_default();
    let mut missing = Vec::new();
    let first = lines.first().map(|line| line.trim_end_matches(" (skip)"));
    if first != Some(&*format!("{name}:")) {
        missing.push("its name".to_owned());
    }
    for argument in arguments.split(')').next().unwrap_or_default().split(',') {
        let argument = argument.trim();
        if argument == "void" {
            continue;
        }
        let name = argument.rsplit([' ', '*']).next().unwrap_or_default();
        match line_of(format!("@{name}:")) {
            None => missing.push(format!("@{name}")),
            Some(line) if argument.contains('*') && !says_null(line) => {
                missing.push(format!("NULL for @{name}"));
            }
            Some(_) => {}
        }
    }
    if !head.starts_with("void ") || head.contains('*') {
        match line_of("Returns:".to_owned()) {
            None => missing.push("Returns".to_owned()),
            Some(line) if head.contains('*') => {
                if !says_null(line) {
                    missing.push("whether the answer may be NULL".to_owned());
                }
                if !line.contains("(transfer ") {
                    missing.push("whose the answer is".to_owned());
                }
            }
            Some(_) => {}
        }
    }
    if !comment.contains("thread") {
        missing.push("the thread".to_owned());
    }
    missing
}

/// The functions of a header that have comments, in one line each.
fn documented(header: &str) -> impl Iterator<Item = (String, String)> + '_ {
    let in_one_line = |text: &str| {
        let words = text.split_whitespace().filter(|word| *word != "*");
        words.collect::<Vec<_>>().join(" ")
    };
    header.split("/**").skip(1).filter_map(move |part| {
        let (comment, rest) = part.split_once("*/")?;
        let declaration = in_one_line(rest.split([';', '{']).next()?);
        // Behind the marks of deprecated ones.
        let start = declaration.rfind("GLIB_DEPRECATED").map_or(0, |mark| {
            let behind = &declaration[mark..];
            let end = behind.find(") ").filter(|_| behind.contains("_FOR"));
            mark + end.map_or_else(|| behind.find(' ').unwrap_or(0), |end| end + 1)
        });
        let declaration = declaration[start..].trim().to_owned();
        (declaration.contains(" g_") || declaration.contains("*g_"))
            .then(|| (in_one_line(comment), declaration))
    })
}

/// What a comment does not say. Of the first argument enough is said for all functions.
fn missing(comment: &str, declaration: &str) -> Vec<String> {
    let refers = ["Like g_", "like g_", "Like `g_", "like `g_"];
    if refers.iter().any(|words| comment.contains(words)) {
        return Vec::new();
    }
    let (name, arguments) = declaration.split_once('(').unwrap_or_default();
    let is_pointer = |text: &str| {
        let kinds = ["*", "gpointer", "Callback", "Func", "Notify"];
        kinds.iter().any(|kind| text.contains(kind))
    };
    let mut missing = Vec::new();
    if !comment.contains("thread") {
        missing.push("the thread".to_owned());
    }
    let arguments = arguments.split(')').next().unwrap_or_default().split(',');
    for argument in arguments.skip(1).filter(|argument| is_pointer(argument)) {
        let name = argument.rsplit([' ', '*']).next().unwrap_or_default();
        if !comment.contains(&format!("`{name}`")) {
            missing.push(format!("`{name}`"));
        }
    }
    // What stands before the function's name.
    if name.split("g_").next().is_some_and(is_pointer) {
        let owners = ["transfer", "caller", "cop", "belongs", "keeps"];
        if !comment.contains("NULL") {
            missing.push("whether the answer may be NULL".to_owned());
        }
        if !owners.iter().any(|word| comment.contains(word)) {
            missing.push("whose the answer is".to_owned());
        }
    }
    missing
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn generate() -> String {
    let aliases = aliases();
    let map = read("src/exports/exports.map");
    let groups = groups(&map);
    let mut classes: Vec<&str> = groups.iter().map(|group| group.0).collect();
    classes.retain(|class| class.starts_with('G'));
    let mut header = BEGIN.replace("CLASSES", &classes.join(", "));
    header.push_str(&print(
        &["src/classes/io_error.rs".to_owned()],
        &[ItemType::Enums],
        &["GIOErrorEnum".to_owned()],
        // GIO's enumeration has no tag.
        Style::Type,
    ));
    let mut files: Vec<String> = aliases.iter().map(|alias| alias.file.clone()).collect();
    files.dedup();
    let names: Vec<String> = aliases.iter().map(|alias| alias.name.clone()).collect();
    header.push_str(&print(
        &files,
        &[ItemType::Typedefs, ItemType::Structs, ItemType::OpaqueItems],
        &names,
        Style::Tag,
    ));
    for (class, functions) in &groups {
        header.push_str(&type_macros(class, functions, &names));
    }
    header.push_str(BETWEEN);
    for (class, functions) in &groups {
        header.push_str(&format!("\n/* {class} */\n"));
        header.push_str(&prototypes("src/exports", functions));
    }
    header.push_str(END);
    header
}

const ASR_MAP: &str = "src/asr/asr.map";

/// What each group of the map needs in front of its functions.
fn generate_asr() -> String {
    let mut header = ASR_BEGIN.to_owned();
    for (group, functions) in groups(&read(ASR_MAP)) {
        header.push_str(&format!("\n/* {group} */\n"));
        header.push_str(asr_note(group));
        header.push_str(&asr_types(group));
        header.push_str(&prototypes("src/asr", &functions));
        header.push_str(asr_macros(group));
    }
    header.push_str(ASR_END);
    header
}

/// What is said of a group as a whole.
fn asr_note(group: &str) -> &'static str {
    match group {
        "Cancellables" => CANCELLABLES_NOTE,
        _ => "",
    }
}

const CANCELLABLES_NOTE: &str = "
/* A parent is any GCancellable. Children and deadlines are of those alone that the functions called
 * asr_cancellable_new_*() made; asr_cancellable_new_child (NULL) makes one without either. */
";

/// The types that the functions of a group of asr.map need.
fn asr_types(group: &str) -> String {
    match group {
        "Cancellables" => print(
            &["src/asr/cancellable.rs".to_owned()],
            &[ItemType::Enums],
            &["AsrCancelReason".to_owned()],
            Style::Type,
        ),
        "Waiting" => WAIT_TYPE.to_owned(),
        _ => panic!("{group} of {ASR_MAP} is unknown"),
    }
}

/// What belongs behind the functions of a group.
fn asr_macros(group: &str) -> &'static str {
    match group {
        "Waiting" => WAIT_MACROS,
        _ => "",
    }
}

const WAIT_TYPE: &str = "
/**
 * AsrWait: (skip)
 *
 * Waits, in synchronous code, for the end of an asynchronous operation.
 *
 * For C, and not for bindings: a wait is freed by the thread that made it, before the wait around it. A language
 * that frees objects when it likes cannot promise that, and has an await or a main loop of its own.
 */
typedef struct AsrWait AsrWait;
";

const WAIT_MACROS: &str = "
/**
 * ASR_WAIT:
 * @wait: (not nullable): the innermost wait of this thread
 *
 * Both of the last arguments of an asynchronous function, so that asr_wait_run() waits for its result. Where the
 * function is a macro, write them out: asr_wait_callback, asr_wait_begin (wait).
 */
#define ASR_WAIT(wait) asr_wait_callback, asr_wait_begin (wait)

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AsrWait, asr_wait_free)
";

/// The name that C has for a type: `pub type GTask = Task;`.
struct Alias {
    name: String,
    /// Its name in Rust. Not of a type of functions.
    renamed: Option<String>,
    file: String,
}

impl Alias {
    /// Whether C sees the members of the structure: the first of them is public.
    fn is_visible(&self) -> bool {
        let text = read(&self.file);
        let renamed = self.renamed.as_deref().unwrap_or_default();
        let members = text.split_once(&format!("pub struct {renamed} {{"));
        let mut lines = members.map_or("", |(_, rest)| rest).lines();
        let first = lines.find(|line| !line.is_empty() && !line.trim_start().starts_with("//"));
        first.is_some_and(|line| line.trim_start().starts_with("pub "))
    }
}

fn aliases() -> Vec<Alias> {
    let mut aliases = Vec::new();
    for file in rust_files("src/classes") {
        for line in read(&file).lines() {
            let definition = line.strip_prefix("pub type G").map(|_| &line[9..]);
            let Some((name, right)) = definition.and_then(|it| it.split_once(" =")) else {
                continue;
            };
            let right = right.trim_start().trim_end_matches(';');
            aliases.push(Alias {
                name: name.to_owned(),
                renamed: (!right.is_empty() && !right.starts_with("Option<"))
                    .then(|| right.to_owned()),
                file: file.clone(),
            });
        }
    }
    aliases
}

/// The casts and checks of a class or an interface, and its cleanup: what GObject's manual tells its author to
/// write.
fn type_macros(class: &str, functions: &[&str], names: &[String]) -> String {
    let Some(get_type) = functions.iter().find(|name| name.ends_with("_get_type")) else {
        assert!(
            !class.starts_with('G'),
            "{class} has no function that gets its type"
        );
        return String::new();
    };
    let stem = get_type["g_".len()..].trim_end_matches("_get_type");
    let stem = stem.to_ascii_uppercase();
    let has = |suffix: &str| names.contains(&format!("{class}{suffix}"));

    let mut text = String::from("\n");
    let mut define = |name: String, expansion: String| {
        let line = format!("#define {name} {expansion}");
        if line.len() <= 110 {
            text.push_str(&format!("{line}\n"));
        } else {
            text.push_str(&format!("#define {name} \\\n  {expansion}\n"));
        }
    };
    define(format!("G_TYPE_{stem}"), format!("({get_type} ())"));
    if !has("") {
        return text;
    }
    define(
        format!("G_{stem}(object)"),
        format!("(G_TYPE_CHECK_INSTANCE_CAST ((object), G_TYPE_{stem}, {class}))"),
    );
    define(
        format!("G_IS_{stem}(object)"),
        format!("(G_TYPE_CHECK_INSTANCE_TYPE ((object), G_TYPE_{stem}))"),
    );
    if has("Iface") {
        define(
            format!("G_{stem}_GET_IFACE(object)"),
            format!("(G_TYPE_INSTANCE_GET_INTERFACE ((object), G_TYPE_{stem}, {class}Iface))"),
        );
    } else {
        define(
            format!("G_{stem}_CLASS(klass)"),
            format!("(G_TYPE_CHECK_CLASS_CAST ((klass), G_TYPE_{stem}, {class}Class))"),
        );
        define(
            format!("G_IS_{stem}_CLASS(klass)"),
            format!("(G_TYPE_CHECK_CLASS_TYPE ((klass), G_TYPE_{stem}))"),
        );
        define(
            format!("G_{stem}_GET_CLASS(object)"),
            format!("(G_TYPE_INSTANCE_GET_CLASS ((object), G_TYPE_{stem}, {class}Class))"),
        );
        if !has("Class") {
            text.push_str(&format!("typedef struct _{class}Class {class}Class;\n"));
        }
    }
    text.push_str(&format!(
        "G_DEFINE_AUTOPTR_CLEANUP_FUNC ({class}, g_object_unref)\n"
    ));
    text
}

/// The classes of the linker's map, in its order, each with its functions.
fn groups(map: &str) -> Vec<(&str, Vec<&str>)> {
    let mut groups: Vec<(&str, Vec<&str>)> = Vec::new();
    // What the map hides are patterns, and no names.
    let names = map.split("local:").next().unwrap_or_default();
    for line in names.lines() {
        let is_inside = line.starts_with(' ');
        let line = line.trim();
        // The comments above the names are not among them.
        if let (Some(class), true) = (line.strip_prefix("# "), is_inside) {
            groups.push((class, Vec::new()));
        } else if let (Some((name, _)), Some(group)) = (line.split_once(';'), groups.last_mut()) {
            group.1.push(name);
        }
    }
    groups
}

/// The prototypes of those of these functions that are defined in Rust, in this order.
fn prototypes(folder: &str, names: &[&str]) -> String {
    // GIO's structures have tags; those of ours that C sees are typedefs without.
    let style = if folder == "src/exports" {
        Style::Tag
    } else {
        Style::Type
    };
    let print = |source| print(&[source], &[ItemType::Functions], &[], style);
    let text: String = sources_of(folder, names).into_iter().map(print).collect();
    let name_of = |line: &str| -> Option<String> {
        let before = line.split_once('(')?.0;
        before.rsplit([' ', '*']).next().map(str::to_owned)
    };
    let is = |item: &str, name: &str| {
        let code = item.lines().filter(|line| !line.starts_with(['/', ' ']));
        code.filter_map(name_of).any(|it| it == name)
    };
    names
        .iter()
        .filter_map(|name| text.split("\n\n").find(|item| is(item, name)))
        .flat_map(|item| ["\n", item.trim_matches('\n'), "\n"])
        .collect()
}

/// The files of a folder that define any of these functions in Rust.
fn sources_of(folder: &str, names: &[&str]) -> Vec<String> {
    let mut files = rust_files(folder);
    files.retain(|file| {
        let text = read(file);
        names
            .iter()
            .any(|name| text.contains(&format!("fn {name}(")))
    });
    files
}

/// A file comes before those in the folder of its name.
fn rust_files(folder: &str) -> Vec<String> {
    let mut files = Vec::new();
    let mut folders = vec![root().join(folder)];
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
    files.sort_by_key(|file| file.trim_end_matches(".rs").to_owned());
    files
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// What cbindgen prints for items of those kinds (and, of types, those names) in those sources.
fn print(sources: &[String], kinds: &[ItemType], names: &[String], style: Style) -> String {
    let mut config =
        Config::from_file(root().join("cbindgen.toml")).expect("cbindgen.toml is valid");
    config.style = style;
    config.export.item_types = kinds.to_vec();
    config.export.include = names.to_vec();
    for alias in aliases() {
        let Some(renamed) = &alias.renamed else {
            continue;
        };
        let tag = if alias.is_visible() {
            format!("_{}", alias.name)
        } else {
            config.export.exclude.push(renamed.clone());
            format!("struct _{}", alias.name)
        };
        config.export.rename.insert(renamed.clone(), tag);
    }
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
            // Not GTK-doc's first line, which is the name alone, or with what is said of it as a whole.
            Some(comment) if comment.ends_with("/**") && !words.ends_with([':', ')']) => {
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
const SPELLINGS: [(&str, &str); 4] = [
    ("intptr_t", "gssize"),
    ("int64_t", "gint64"),
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
    let is_prototype = !line.starts_with([' ', '/']);
    if is_prototype && line.contains(" g_io_scheduler_") {
        return Some(if line.contains("push_job") {
            "GLIB_DEPRECATED_IN_2_36_FOR (\"GThreadPool or g_task_run_in_thread\")"
        } else if line.contains("cancel_all_jobs") {
            "GLIB_DEPRECATED_IN_2_36"
        } else {
            "GLIB_DEPRECATED_IN_2_36_FOR (g_main_context_invoke)"
        });
    }
    let (_, name) = line.split_once("g_simple_async_")?;
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
