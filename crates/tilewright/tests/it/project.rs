//! What holds of the project itself: imports go one way, the core stays light, the documents name what exists.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The stages in pipeline order.
const STAGES: [&str; 11] = [
    "network",
    "partition",
    "mapping",
    "dataset",
    "accuracy",
    "circuit",
    "hardware",
    "simulate",
    "cost",
    "explore",
    "report",
];

/// Modules beside the stages, which every stage may use and which use no stage; each may use those before it.
const BASE: [&str; 7] = ["comma_separated", "elementary", "percent", "random", "range_rule", "spare", "workers"];

/// Crates that must never be among the core's dependencies: training frameworks, inference engines, protobuf, Python, plotting, async.
const DENIED: [&str; 16] = [
    "burn",
    "candle-core",
    "tch",
    "tract-onnx",
    "ort",
    "rten",
    "rten-onnx",
    "prost",
    "protobuf",
    "pyo3",
    "numpy",
    "plotters",
    "clap",
    "tokio",
    "rayon",
    "ndarray",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

pub(crate) fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder of the core").map(|entry| entry.expect("readable").path());
    let mut files: Vec<PathBuf> = entries
        .flat_map(|path| match path.is_dir() {
            true => rust_files(&path),
            false => vec![path],
        })
        .collect();
    files.sort();
    files
}

/// Stages a source text imports, by `use crate::stage` or a path `crate::stage::…` anywhere.
fn imported(text: &str) -> Vec<&str> {
    let after = text.split("crate::").skip(1);
    after.map(|rest| rest.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or("")).collect()
}

/// Source files of a module, which is a folder or a file.
fn module_files(module: &str) -> Vec<PathBuf> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let file = src.join(format!("{module}.rs"));
    if file.exists() { vec![file] } else { rust_files(&src.join(module)) }
}

#[test]
fn imports_go_one_way() {
    let order: Vec<&str> = BASE.into_iter().chain(STAGES).collect();
    for (place, module) in order.iter().enumerate() {
        for file in module_files(module) {
            let text = fs::read_to_string(&file).expect("a source file");
            for import in imported(&text) {
                let from = order.iter().position(|known| *known == import);
                let from = from.unwrap_or_else(|| panic!("{}: crate::{import} is no module", file.display()));
                assert!(from <= place, "{}: {module} imports {import}, which comes after it", file.display());
            }
        }
    }
}

/// The command and Python each spell a setting their own way, so what the core says names it in words.
#[test]
fn the_core_spells_no_option() {
    // A property of a style sheet, and the recorded command of a training.
    const ALLOWED: [&str; 2] = ["\"--part:", "python -m tilewright.train"];
    let files = rust_files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
    for file in files.iter().filter(|file| file.extension().is_some_and(|extension| extension == "rs")) {
        let text = fs::read_to_string(file).expect("a source file");
        let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        for line in code.filter(|line| !ALLOWED.iter().any(|allowed| line.contains(allowed))) {
            let options = line.split("--").skip(1).filter(|rest| rest.starts_with(|c: char| c.is_ascii_lowercase()));
            assert_eq!(options.count(), 0, "{}: {line}", file.display());
        }
    }
}

#[test]
fn every_folder_of_the_core_is_a_stage_or_base() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut folders: Vec<String> = fs::read_dir(&src)
        .expect("the core")
        .map(|entry| entry.expect("readable"))
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    folders.sort();
    let base = BASE.into_iter().filter(|module| src.join(module).is_dir());
    let mut known: Vec<&str> = STAGES.into_iter().chain(base).collect();
    known.sort_unstable();
    assert_eq!(folders, known);
}

#[test]
fn the_core_stays_light() {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    let output = Command::new(cargo)
        .args([
            "tree",
            "--package",
            "tilewright",
            "--edges",
            "normal",
            "--prefix",
            "none",
            "--format",
            "{p}",
            "--offline",
        ])
        .current_dir(root())
        .output()
        .expect("cargo tree runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let tree = String::from_utf8(output.stdout).expect("names in UTF-8");
    let mut crates: Vec<&str> = tree.lines().filter_map(|line| line.split(' ').next()).collect();
    crates.sort_unstable();
    crates.dedup();
    assert!(crates.contains(&"tilewright"));
    let denied: Vec<&&str> = crates.iter().filter(|name| DENIED.contains(name)).collect();
    assert!(denied.is_empty(), "the core depends on {denied:?}");
    assert!(crates.len() <= 39, "the core depends on {} crates: {crates:?}", crates.len());
}

#[test]
fn versions_agree() {
    let version = env!("CARGO_PKG_VERSION");
    let files = [
        ("CITATION.cff", format!("\nversion: {version}\n")),
        ("conda/recipe.yaml", format!("\n  version: \"{version}\"\n")),
        ("CHANGELOG.md", format!("\n## {version} ")),
    ];
    for (file, line) in files {
        let text = fs::read_to_string(root().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
        assert!(text.contains(&line), "{file} has no line {:?}", line.trim());
    }
}

#[test]
fn documents_name_paths_that_exist() {
    for document in ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"] {
        let text = fs::read_to_string(root().join(document)).unwrap_or_else(|error| panic!("{document}: {error}"));
        let quoted = text.split('`').skip(1).step_by(2);
        let paths = quoted
            .filter(|quoted| ["crates/", "docs/", "validation/", ".ci/"].iter().any(|start| quoted.starts_with(start)));
        for path in paths {
            assert!(root().join(path).exists(), "{document} names {path}, which does not exist");
        }
    }
}
