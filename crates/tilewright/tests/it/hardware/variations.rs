use proptest::prelude::*;
use tilewright::hardware::{Design, MOST_VARIATIONS, Variable, Variations, Varied};

fn variable(name: &str, values: &[&str]) -> Variable {
    Variable { name: name.into(), values: values.iter().map(|&value| value.into()).collect() }
}

/// Every list of one value of each setting, in the order of nested loops, the last setting innermost.
fn nested(vary: &[Variable]) -> Vec<Vec<Varied>> {
    let Some((first, rest)) = vary.split_first() else { return vec![vec![]] };
    let of = |value: &String| Varied { option: first.name.clone(), value: value.clone() };
    let behind = nested(rest);
    let with = |value| behind.iter().map(move |others| [vec![of(value)], others.clone()].concat());
    first.values.iter().flat_map(with).collect()
}

proptest! {
    #[test]
    fn a_grid_is_nested_loops(counts in prop::collection::vec(1..5usize, 1..5)) {
        let of = |(place, &count): (usize, &usize)| Variable {
            name: format!("s{place}"),
            values: (0..count).map(|value| value.to_string()).collect(),
        };
        let vary: Vec<Variable> = counts.iter().enumerate().map(of).collect();
        let grid = Variations { vary: vary.clone(), grid: true };
        prop_assert_eq!(grid.verify(), Ok(()));
        prop_assert_eq!(grid.changes(), nested(&vary));
        let alone = Variations { vary: vary.clone(), grid: false }.changes();
        let expected = vary.iter().flat_map(|variable| nested(std::slice::from_ref(variable)));
        prop_assert_eq!(alone, [vec![]].into_iter().chain(expected).collect::<Vec<_>>());
    }
}

#[test]
fn designs_have_the_values_and_nothing_else() {
    let base = Design::preset("generic-22nm").expect("it is built in");
    let vary = vec![variable("crossbar", &["64", "96x48"]), variable("adc-bits", &["5", "6"])];
    let designs = Variations { vary, grid: true }.designs(&base).expect("sane values");
    let combinations = [("64", "5"), ("64", "6"), ("96x48", "5"), ("96x48", "6")];
    assert_eq!(designs.len(), combinations.len());
    for (design, (crossbar, bits)) in designs.iter().zip(combinations) {
        let mut expected = base.clone();
        super::set(&mut expected, "crossbar", crossbar);
        super::set(&mut expected, "adc-bits", bits);
        assert_eq!(*design, expected);
    }
    let wrong = Variations { vary: vec![variable("crossbar", &["0"])], grid: true }.designs(&base);
    assert!(wrong.is_err_and(|error| error.to_string().contains("crossbar")));
    let unknown = Variations { vary: vec![variable("crosbar", &["64"])], grid: false }.designs(&base);
    assert!(unknown.is_err_and(|error| error.to_string().contains("did you mean \"crossbar\"?")));
}

#[test]
fn variations_that_are_none_are_refused() {
    let many: Vec<String> = (0..400).map(|value| value.to_string()).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    for (vary, grid, problem) in [
        (vec![variable("wire", &[])], false, "wire has no value".to_owned()),
        (vec![variable("wire", &["1", "1"])], true, "wire has the value 1 twice".into()),
        (vec![variable("wire", &["1"]), variable("wire", &["2"])], false, "wire varies twice".into()),
        (vec![variable("wire", &many), variable("stuck", &many)], true, format!("more than {MOST_VARIATIONS} designs")),
    ] {
        let found = Variations { vary, grid }.verify().expect_err("no variations");
        assert!(found.contains(&problem), "{found}");
    }
}
