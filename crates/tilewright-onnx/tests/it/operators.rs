//! The table of supported operators in the documentation.

use std::fmt::Write;
use std::path::Path;
use tilewright_onnx::OPERATORS;

/// Rewritten by `TILEWRIGHT_BLESS=1 cargo test -p tilewright-onnx`.
#[test]
fn the_documented_table_is_the_registry() {
    let mut table = String::from("# Supported operators\n\n| ONNX operator | becomes |\n|---|---|\n");
    for operator in OPERATORS {
        writeln!(table, "| {} | {} |", operator.name, operator.becomes).unwrap();
    }
    table.push_str("| any other | `Op::Opaque` if the model gives its output shape, else an error |\n");
    table.push_str("\nWhat depends on constants only is computed at import.\n");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("OPERATORS.md");
    if std::env::var_os("TILEWRIGHT_BLESS").is_some() {
        std::fs::write(&path, &table).unwrap();
    }
    assert_eq!(std::fs::read_to_string(&path).unwrap(), table, "bless OPERATORS.md");
}

#[test]
fn operators_are_listed_once_in_order() {
    assert!(OPERATORS.windows(2).all(|pair| pair[0].name < pair[1].name));
}

/// Every operator of the table is in some fixture, so that its values have been compared.
#[test]
fn every_operator_has_a_fixture() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let models: Vec<Vec<u8>> = std::fs::read_dir(fixtures)
        .unwrap()
        .map(|entry| std::fs::read(entry.unwrap().path().join("model.onnx")).unwrap())
        .collect();
    let missing: Vec<&str> = OPERATORS
        .iter()
        .map(|operator| operator.name)
        .filter(|name| !name.contains("::"))
        .filter(|name| {
            // As the `op_type` field (4) of a node: tag, length, text.
            let field = [&[4 << 3 | 2, name.len() as u8], name.as_bytes()].concat();
            !models.iter().any(|model| model.windows(field.len()).any(|bytes| bytes == field))
        })
        .collect();
    assert!(missing.is_empty(), "no fixture has {missing:?}");
}
