//! The rules of the house (`docs/architecture.md`), held against the sources themselves.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use syn::spanned::Spanned;
use syn::visit::{self, Visit};

/// The rooms with their ranks. A room imports only rooms of lower rank; rooms of equal rank do not know each other.
const RANKS: &[(&str, u32)] = &[
    ("lang", 0),
    ("clock", 0),
    ("claims", 1),
    ("mib", 1),
    ("wire", 1),
    ("internet", 2),
    ("link", 3),
    ("ip", 3),
    ("ipv6", 3),
    ("udp", 3),
    ("tcp", 3),
    ("socket", 4),
    ("host", 5),
    ("trace", 6),
    ("scenario", 7),
    ("capture", 7),
    ("course", 8),
    ("glossary", 8),
    ("inspect", 8),
    ("packetdrill", 8),
    ("world", 8),
    ("sim", 9),
    ("live", 9),
    ("report", 10),
    ("view", 10),
    ("beside", 11),
    ("drill", 11),
    ("export", 11),
    ("walk", 11),
    ("page", 12),
    ("python", 12),
    ("quiz", 12),
    ("tui", 12),
    ("book", 13),
    ("serve", 13),
    ("cli", 14),
];

/// Below this rank everything is a pure function of its arguments.
const PURE_BELOW: u32 = 9;

/// The longest file, lines.
const LONGEST_FILE: usize = 600;

fn rank(room: &str) -> Option<u32> {
    RANKS.iter().find(|(name, _)| *name == room).map(|(_, rank)| *rank)
}

/// A parsed source file.
struct Source {
    path: PathBuf,
    /// Its place in the crate: `["tcp", "input", "ack"]`; empty for the crate's root.
    module: Vec<String>,
    text: String,
    tree: syn::File,
}

impl Source {
    fn room(&self) -> &str {
        self.module.first().map_or("", String::as_str)
    }
    fn at(&self, line: usize) -> String {
        format!("{}:{line}", self.path.display())
    }
}

/// Every file under `src/`.
fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                found.push(path);
            }
        }
    }
    found.sort();
    let source = |path: PathBuf| {
        let text = fs::read_to_string(&path).unwrap();
        let tree = syn::parse_file(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let path = path.strip_prefix(&root).unwrap().to_owned();
        let mut module: Vec<String> =
            path.with_extension("").iter().map(|part| part.to_string_lossy().into_owned()).collect();
        if matches!(module.last().map(String::as_str), Some("mod" | "lib" | "main")) {
            module.pop();
        }
        Source { path, module, text, tree }
    };
    found.into_iter().map(source).collect()
}

/// Every path of a file that leads into a room of the crate, as (room, line).
struct Imports<'s> {
    module: &'s [String],
    /// Modules inside the file around the present place.
    inner: Vec<String>,
    found: Vec<(String, usize)>,
}

impl Imports<'_> {
    /// Notes where a path beginning with these segments leads.
    fn path(&mut self, segments: &[String], line: usize) {
        let mut place: Vec<&String> = self.module.iter().chain(&self.inner).collect();
        let mut rest = segments;
        match rest.first().map(String::as_str) {
            Some("crate" | "wirewalk") => {
                place.clear();
                rest = &rest[1..];
            }
            Some("self") => rest = &rest[1..],
            Some("super") => {}
            _ => return,
        }
        while rest.first().is_some_and(|segment| segment == "super") {
            place.pop();
            rest = &rest[1..];
        }
        if let Some(room) = place.into_iter().chain(rest).next() {
            self.found.push((room.clone(), line));
        }
    }

    fn tree(&mut self, prefix: &[String], tree: &syn::UseTree) {
        let line = tree.span().start().line;
        match tree {
            syn::UseTree::Path(path) => {
                let mut longer = prefix.to_vec();
                longer.push(path.ident.to_string());
                self.tree(&longer, &path.tree);
            }
            syn::UseTree::Name(name) => self.leaf(prefix, Some(name.ident.to_string()), line),
            syn::UseTree::Rename(name) => self.leaf(prefix, Some(name.ident.to_string()), line),
            syn::UseTree::Glob(_) => self.leaf(prefix, None, line),
            syn::UseTree::Group(group) => {
                for tree in &group.items {
                    self.tree(prefix, tree);
                }
            }
        }
    }

    fn leaf(&mut self, prefix: &[String], last: Option<String>, line: usize) {
        let segments: Vec<String> = prefix.iter().cloned().chain(last).collect();
        self.path(&segments, line);
    }
}

impl<'ast> Visit<'ast> for Imports<'_> {
    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.tree(&[], &item.tree);
    }
    fn visit_path(&mut self, path: &'ast syn::Path) {
        let segments: Vec<String> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        self.path(&segments, path.span().start().line);
        visit::visit_path(self, path);
    }
    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        self.inner.push(item.ident.to_string());
        visit::visit_item_mod(self, item);
        self.inner.pop();
    }
}

fn imports(source: &Source) -> Vec<(String, usize)> {
    let mut visitor = Imports { module: &source.module, inner: Vec::new(), found: Vec::new() };
    visitor.visit_file(&source.tree);
    visitor.found
}

/// A rule: its name, and what breaks it.
type Rule = (&'static str, fn(&[Source]) -> Vec<String>);

/// The rules that concern the sources. One test holds them all, because parsing everything takes its time.
const RULES: &[Rule] = &[
    ("every room has a rank and every rank a room", every_room_has_a_rank_and_every_rank_a_room),
    ("a room imports only rooms of lower rank", a_room_imports_only_rooms_of_lower_rank),
    ("unsafe lives in one file", unsafe_lives_in_one_file),
    ("pure rooms never walk through a hash map", pure_rooms_never_walk_through_a_hash_map),
    ("pure rooms name no clock, no thread and no file", pure_rooms_name_no_clock_no_thread_and_no_file),
    ("no file is longer than 600 lines", no_file_outgrows_the_head),
    ("every file says what it is for", every_file_says_what_it_is_for),
];

#[test]
fn the_sources_keep_the_rules_of_the_house() {
    let sources = sources();
    assert!(sources.len() > 100, "only {} files found", sources.len());
    let mut broken = Vec::new();
    for (rule, offences) in RULES {
        broken.extend(offences(&sources).into_iter().map(|offence| format!("{rule}: {offence}")));
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn the_rules_find_what_breaks_them() {
    let text = "
        use std::collections::HashMap;
        use std::thread;
        struct S { seen: HashMap<u8, u8> }
        impl S {
            fn f(&self) { for x in &self.seen {} println!(); unsafe { g() } }
            fn h(&self) { let set = HashSet::new(); set.iter(); crate::world::run(); }
        }
    ";
    let source = Source {
        path: PathBuf::from("tcp/bad.rs"),
        module: vec!["tcp".to_owned(), "bad".to_owned()],
        text: format!("{text}{}", "\n".repeat(600)),
        tree: syn::parse_file(text).unwrap(),
    };
    let lines = |rule: fn(&[Source]) -> Vec<String>| {
        let offences = rule(std::slice::from_ref(&source));
        let line = |offence: &String| offence.split([':', ' ']).nth(1).and_then(|n| n.parse().ok());
        offences.iter().filter_map(line).collect::<Vec<usize>>()
    };
    assert_eq!(lines(a_room_imports_only_rooms_of_lower_rank), [7]);
    assert_eq!(lines(unsafe_lives_in_one_file), [6]);
    assert_eq!(lines(pure_rooms_never_walk_through_a_hash_map), [6, 7]);
    assert_eq!(lines(pure_rooms_name_no_clock_no_thread_and_no_file), [3, 6]);
    assert_eq!(no_file_outgrows_the_head(std::slice::from_ref(&source)).len(), 1);
    assert_eq!(lines(every_file_says_what_it_is_for), [1]);
}

fn every_room_has_a_rank_and_every_rank_a_room(sources: &[Source]) -> Vec<String> {
    let known: BTreeSet<&str> = RANKS.iter().map(|(room, _)| *room).collect();
    let there: BTreeSet<&str> = sources.iter().map(Source::room).filter(|room| !room.is_empty()).collect();
    let strangers = there.difference(&known).map(|room| format!("src/{room} has no rank"));
    strangers.chain(known.difference(&there).map(|room| format!("there is no src/{room}"))).collect()
}

fn a_room_imports_only_rooms_of_lower_rank(sources: &[Source]) -> Vec<String> {
    let mut offences = Vec::new();
    for source in sources {
        let Some(own) = rank(source.room()) else { continue };
        for (room, line) in imports(source) {
            if room != source.room() && rank(&room).is_some_and(|rank| rank >= own) {
                offences.push(format!("{} knows {room}", source.at(line)));
            }
        }
    }
    offences
}

#[test]
fn the_check_of_imports_sees_every_way_to_name_a_room() {
    let text = "
        use crate::{host::Host, wire};
        mod inner { use super::super::super::live; fn f() { crate::sim::run(); } }
        fn g(a: super::super::view::Look) { let b = self::here::C; }
    ";
    let module = ["tcp".to_owned(), "input".to_owned()];
    let mut visitor = Imports { module: &module, inner: Vec::new(), found: Vec::new() };
    visitor.visit_file(&syn::parse_file(text).unwrap());
    let rooms: Vec<&str> = visitor.found.iter().map(|(room, _)| room.as_str()).collect();
    assert_eq!(rooms, ["host", "wire", "live", "sim", "view", "tcp"]);
}

fn unsafe_lives_in_one_file(sources: &[Source]) -> Vec<String> {
    struct Unsafe(Vec<usize>);
    impl<'ast> Visit<'ast> for Unsafe {
        fn visit_expr_unsafe(&mut self, block: &'ast syn::ExprUnsafe) {
            self.0.push(block.span().start().line);
            visit::visit_expr_unsafe(self, block);
        }
        fn visit_signature(&mut self, signature: &'ast syn::Signature) {
            self.0.extend(signature.unsafety.map(|word| word.span().start().line));
            visit::visit_signature(self, signature);
        }
        fn visit_item_impl(&mut self, item: &'ast syn::ItemImpl) {
            self.0.extend(item.unsafety.map(|word| word.span().start().line));
            visit::visit_item_impl(self, item);
        }
    }
    let mut offences = Vec::new();
    for source in sources {
        if source.path == Path::new("live/sys.rs") {
            continue;
        }
        let mut visitor = Unsafe(Vec::new());
        visitor.visit_file(&source.tree);
        offences.extend(visitor.0.into_iter().map(|line| source.at(line)));
    }
    let root = sources.iter().find(|source| source.path == Path::new("lib.rs"));
    if !root.is_some_and(|root| root.text.contains("#![deny(unsafe_code)]")) {
        offences.push("lib.rs does not deny unsafe code".to_owned());
    }
    offences
}

/// Names of a file that hold a hash map or set, and the places where one of them is walked through.
#[derive(Default)]
struct HashWalks {
    names: BTreeSet<String>,
    walks: Vec<(String, usize)>,
}

/// Whether the type, or anything inside it, is a hash map or set.
fn hashes(kind: &syn::Type) -> bool {
    struct Hashes(bool);
    impl<'ast> Visit<'ast> for Hashes {
        fn visit_path_segment(&mut self, segment: &'ast syn::PathSegment) {
            self.0 |= segment.ident == "HashMap" || segment.ident == "HashSet";
            visit::visit_path_segment(self, segment);
        }
    }
    let mut visitor = Hashes(false);
    visitor.visit_type(kind);
    visitor.0
}

/// The last name of `self.name`, `name`, `&self.name` or `&mut name`.
fn name_of(expression: &syn::Expr) -> Option<String> {
    match expression {
        syn::Expr::Reference(reference) => name_of(&reference.expr),
        syn::Expr::Paren(inner) => name_of(&inner.expr),
        syn::Expr::Field(field) => match &field.member {
            syn::Member::Named(name) => Some(name.to_string()),
            syn::Member::Unnamed(_) => None,
        },
        syn::Expr::Path(path) => path.path.get_ident().map(ToString::to_string),
        _ => None,
    }
}

impl<'ast> Visit<'ast> for HashWalks {
    fn visit_field(&mut self, field: &'ast syn::Field) {
        if hashes(&field.ty) {
            self.names.extend(field.ident.as_ref().map(ToString::to_string));
        }
    }
    fn visit_local(&mut self, local: &'ast syn::Local) {
        if let syn::Pat::Type(typed) = &local.pat
            && let syn::Pat::Ident(name) = &*typed.pat
            && hashes(&typed.ty)
        {
            self.names.insert(name.ident.to_string());
        }
        if let (syn::Pat::Ident(name), Some(init)) = (&local.pat, &local.init)
            && let syn::Expr::Call(call) = &*init.expr
            && let syn::Expr::Path(path) = &*call.func
            && path.path.segments.iter().any(|s| s.ident == "HashMap" || s.ident == "HashSet")
        {
            self.names.insert(name.ident.to_string());
        }
        visit::visit_local(self, local);
    }
    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        const WALKS: &[&str] = &[
            "iter",
            "iter_mut",
            "into_iter",
            "keys",
            "into_keys",
            "values",
            "values_mut",
            "into_values",
            "drain",
            "retain",
            "extract_if",
        ];
        if WALKS.contains(&call.method.to_string().as_str())
            && let Some(name) = name_of(&call.receiver)
        {
            self.walks.push((name, call.span().start().line));
        }
        visit::visit_expr_method_call(self, call);
    }
    fn visit_expr_for_loop(&mut self, item: &'ast syn::ExprForLoop) {
        if let Some(name) = name_of(&item.expr) {
            self.walks.push((name, item.span().start().line));
        }
        visit::visit_expr_for_loop(self, item);
    }
}

fn pure_rooms_never_walk_through_a_hash_map(sources: &[Source]) -> Vec<String> {
    let mut offences = Vec::new();
    for source in sources {
        if rank(source.room()).is_none_or(|rank| rank >= PURE_BELOW) {
            continue;
        }
        let mut visitor = HashWalks::default();
        visitor.visit_file(&source.tree);
        let walks = visitor.walks.iter().filter(|(name, _)| visitor.names.contains(name));
        offences.extend(walks.map(|(name, line)| format!("{} ({name})", source.at(*line))));
    }
    offences
}

fn pure_rooms_name_no_clock_no_thread_and_no_file(sources: &[Source]) -> Vec<String> {
    const BANNED: &[&str] = &[
        "std::time::Instant",
        "std::time::SystemTime",
        "std::thread",
        "std::fs",
        "std::env",
        "std::process",
        "std::net::TcpStream",
        "std::net::TcpListener",
        "std::net::UdpSocket",
        "std::io::stdin",
        "std::io::stdout",
        "std::io::stderr",
    ];
    struct Paths(Vec<(String, usize)>);
    impl Paths {
        fn tree(&mut self, prefix: &str, tree: &syn::UseTree) {
            let line = tree.span().start().line;
            match tree {
                syn::UseTree::Path(path) => self.tree(&format!("{prefix}{}::", path.ident), &path.tree),
                syn::UseTree::Name(name) => self.0.push((format!("{prefix}{}", name.ident), line)),
                syn::UseTree::Rename(name) => self.0.push((format!("{prefix}{}", name.ident), line)),
                syn::UseTree::Glob(_) => self.0.push((prefix.to_owned(), line)),
                syn::UseTree::Group(group) => group.items.iter().for_each(|tree| self.tree(prefix, tree)),
            }
        }
    }
    impl<'ast> Visit<'ast> for Paths {
        fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
            self.tree("", &item.tree);
        }
        fn visit_path(&mut self, path: &'ast syn::Path) {
            let segments: Vec<String> = path.segments.iter().map(|s| s.ident.to_string()).collect();
            self.0.push((segments.join("::"), path.span().start().line));
            visit::visit_path(self, path);
        }
        fn visit_macro(&mut self, item: &'ast syn::Macro) {
            let name = item.path.segments.last().map(|s| s.ident.to_string()).unwrap_or_default();
            if ["println", "eprintln", "print", "eprint", "dbg"].contains(&name.as_str()) {
                self.0.push((format!("std::io::stdout ({name}!)"), item.span().start().line));
            }
        }
    }
    let mut offences = Vec::new();
    for source in sources {
        if rank(source.room()).is_none_or(|rank| rank >= PURE_BELOW) {
            continue;
        }
        let mut visitor = Paths(Vec::new());
        let code = without_tests(source.tree.clone());
        visitor.visit_file(&code);
        for (path, line) in visitor.0 {
            if BANNED.iter().any(|banned| path.starts_with(banned)) {
                offences.push(format!("{} names {path}", source.at(line)));
            }
        }
    }
    offences
}

/// The file without its test modules: tests may read files.
fn without_tests(mut file: syn::File) -> syn::File {
    file.items.retain(|item| match item {
        syn::Item::Mod(module) => !module.attrs.iter().any(|attribute| {
            attribute.path().is_ident("cfg")
                && attribute.parse_args::<syn::Path>().is_ok_and(|path| path.is_ident("test"))
        }),
        _ => true,
    });
    file
}

fn no_file_outgrows_the_head(sources: &[Source]) -> Vec<String> {
    let mut offences = Vec::new();
    for source in sources {
        let lines = source.text.lines().count();
        if lines > LONGEST_FILE {
            offences.push(format!("{} has {lines} lines", source.path.display()));
        }
    }
    offences
}

fn every_file_says_what_it_is_for(sources: &[Source]) -> Vec<String> {
    let silent = sources.iter().filter(|source| !source.text.starts_with("//!"));
    silent.map(|source| source.at(1)).collect()
}

#[test]
fn every_dependency_carries_its_reason() {
    let manifest = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml")).unwrap();
    let mut in_dependencies = false;
    let mut seen: BTreeMap<String, bool> = BTreeMap::new();
    for line in manifest.lines() {
        if let Some(section) = line.strip_prefix('[') {
            in_dependencies = section.contains("dependencies");
        } else if in_dependencies && let Some((name, rest)) = line.split_once(" = ") {
            let reason = rest.rsplit_once('#').map_or("", |(_, reason)| reason.trim());
            seen.insert(name.to_owned(), reason.len() > 10);
        }
    }
    assert!(seen.len() > 20, "only {} dependencies found", seen.len());
    let bare = seen.into_iter().filter(|(_, reasoned)| !reasoned).map(|(name, _)| name);
    let bare: Vec<String> = bare.collect();
    assert!(bare.is_empty(), "without a reason: {}", bare.join(", "));
}
