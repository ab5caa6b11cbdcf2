//! No file of a stage imports, by way of others, one that imports it.

use crate::project::rust_files;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use syn::{Item, ItemUse, UseTree, Visibility};

/// The name of a module from the root of the crate on.
type Module = Vec<String>;

/// What a file imports, and what it gives other names to.
struct Imports {
    /// Paths as they are written.
    used: Vec<Vec<String>>,
    /// The last name of a path that is passed on, with the path.
    passed_on: BTreeMap<String, Vec<String>>,
}

/// The paths of a tree, each from the beginning.
fn paths(tree: &UseTree, before: &[String]) -> Vec<Vec<String>> {
    let with = |name: String| [before, &[name]].concat();
    match tree {
        UseTree::Path(path) => paths(&path.tree, &with(path.ident.to_string())),
        UseTree::Name(name) => vec![with(name.ident.to_string())],
        UseTree::Rename(rename) => vec![with(rename.ident.to_string())],
        UseTree::Glob(_) => vec![before.to_vec()],
        UseTree::Group(group) => group.items.iter().flat_map(|tree| paths(tree, before)).collect(),
    }
}

fn imports(text: &str) -> Imports {
    let mut found = Imports { used: vec![], passed_on: BTreeMap::new() };
    for item in syn::parse_file(text).expect("Rust").items {
        let Item::Use(ItemUse { vis, tree, .. }) = item else { continue };
        for mut path in paths(&tree, &[]) {
            // `use super::x::{self}` is `use super::x`.
            path.retain(|name| name != "self");
            match vis {
                Visibility::Inherited => found.used.push(path),
                _ => drop(found.passed_on.insert(path.last().cloned().unwrap_or_default(), path)),
            }
        }
    }
    found
}

/// All files of the core by the names of their modules.
fn files() -> BTreeMap<Module, Imports> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let read = |file: &Path| {
        let name = file.strip_prefix(&root).expect("a file of the core").with_extension("");
        let mut module: Module = name.iter().map(|part| part.to_string_lossy().into_owned()).collect();
        module.pop_if(|last| last == "mod" || last == "lib");
        (module, imports(&std::fs::read_to_string(file).expect("a source file")))
    };
    let is_rust = |file: &&PathBuf| file.extension().is_some_and(|extension| extension == "rs");
    rust_files(&root).iter().filter(is_rust).map(|file| read(file)).collect()
}

/// A path as it is written in a module, from the root of the crate on; none if it leads out of the crate.
fn absolute(module: &Module, path: &[String], files: &BTreeMap<Module, Imports>) -> Option<Vec<String>> {
    let mut base = module.clone();
    let mut rest = path;
    match rest.first()?.as_str() {
        "crate" => return Some(rest[1..].to_vec()),
        "super" => {
            while let Some((first, behind)) = rest.split_first()
                && first == "super"
            {
                base.pop();
                rest = behind;
            }
        }
        child => {
            let below = [&base[..], &[child.to_owned()]].concat();
            files.get(&below)?;
        }
    }
    Some([&base[..], rest].concat())
}

/// The file that what a path names is written in.
fn file_of(path: &[String], files: &BTreeMap<Module, Imports>) -> Module {
    let mut path = path.to_vec();
    // Each step follows one name that is passed on; a few are more than there are behind one another.
    for _ in 0..8 {
        let longest = (0..=path.len()).rev().find(|&length| files.contains_key(&path[..length]));
        let (module, items) = path.split_at(longest.expect("the root of the crate"));
        let module = module.to_vec();
        let passed_on = items.first().and_then(|item| files[&module].passed_on.get(item));
        match passed_on.and_then(|onward| absolute(&module, onward, files)) {
            Some(onward) if onward != path => path = [onward, items[1..].to_vec()].concat(),
            _ => return module,
        }
    }
    path
}

/// What each file imports of its own stage. That a folder names the files below it is no import.
fn arrows() -> BTreeMap<Module, BTreeSet<Module>> {
    let files = files();
    let of = |(module, imports): (&Module, &Imports)| {
        let targets = imports.used.iter().filter_map(|path| absolute(module, path, &files));
        let targets = targets.map(|path| file_of(&path, &files));
        let within = |target: &Module| target.first() == module.first() && !target.starts_with(module);
        (module.clone(), targets.filter(within).collect())
    };
    files.iter().map(of).collect()
}

/// All that a file imports, by way of others.
fn reached(from: &Module, arrows: &BTreeMap<Module, BTreeSet<Module>>) -> BTreeSet<Module> {
    let mut reached = BTreeSet::new();
    let mut open: Vec<&Module> = vec![from];
    while let Some(module) = open.pop() {
        for next in arrows.get(module).into_iter().flatten() {
            if reached.insert(next.clone()) {
                open.push(next);
            }
        }
    }
    reached
}

#[test]
fn no_files_of_a_stage_import_each_other() {
    let arrows = arrows();
    assert!(arrows.values().map(BTreeSet::len).sum::<usize>() > 300, "imports are found at all");
    let in_circles = arrows.keys().filter(|module| reached(module, &arrows).contains(*module));
    let in_circles: Vec<String> = in_circles.map(|module| module.join("/")).collect();
    assert!(in_circles.is_empty(), "these files import one another: {}", in_circles.join(", "));
}
