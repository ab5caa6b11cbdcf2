//! Spaces of designs: what a file says, every combination once, and what is refused.

use proptest::collection::vec;
use proptest::prelude::*;
use tilewright::explore::{Goal, Space, Variable};

fn space(networks: usize, designs: usize, values: &[usize]) -> Space {
    let names = |letter: char, count: usize| (0..count).map(|place| format!("{letter}{place}")).collect();
    let vary = values
        .iter()
        .enumerate()
        .map(|(place, &count)| Variable { name: format!("s{place}"), values: names('v', count) });
    Space {
        networks: names('n', networks),
        designs: names('d', designs),
        vary: vary.collect(),
        goals: vec!["area".parse::<Goal>().expect("a goal")],
        limits: vec![],
    }
}

proptest! {
    #[test]
    fn every_combination_has_one_place(networks in 1_usize..4, designs in 1_usize..4, values in vec(1_usize..4, 0..4)) {
        let space = space(networks, designs, &values);
        let mut nested = vec![];
        for network in &space.networks {
            for design in &space.designs {
                let mut settings: Vec<Vec<(&str, &str)>> = vec![vec![]];
                for Variable { name, values } in &space.vary {
                    let mut longer = vec![];
                    for so_far in &settings {
                        for value in values {
                            let mut with = so_far.clone();
                            with.push((name, value));
                            longer.push(with);
                        }
                    }
                    settings = longer;
                }
                nested.extend(settings.into_iter().map(|settings| (network.as_str(), design.as_str(), settings)));
            }
        }
        prop_assert_eq!(space.size(), nested.len() as u64);
        for (place, expected) in nested.into_iter().enumerate() {
            let mut rest = place;
            let of_axis = |count: usize| {
                let value = rest % count;
                rest /= count;
                value
            };
            let mut values: Vec<usize> = space.axes().collect::<Vec<_>>().into_iter().rev().map(of_axis).collect();
            values.reverse();
            prop_assert_eq!(space.place(&values), place as u64);
            prop_assert_eq!(&space.networks[values[0]], expected.0);
            let point = space.point(place as u64);
            prop_assert_eq!((point.network, point.design, point.settings), expected);
        }
    }
}

#[test]
fn the_example_is_a_space() {
    let space = Space::parse("space.toml", Space::EXAMPLE).expect("a space");
    assert_eq!(space.size(), 2 * 4 * 3);
    assert_eq!(space.limits[0].to_string(), "area <= 400 mm²");
}

const HEAD: &str = "networks = [\"a\"]\ndesigns = [\"d\"]\nobjectives.minimize = [\"area\"]\n";

fn read(rest: &str) -> Result<Space, String> {
    Space::parse("mine.toml", &format!("{HEAD}{rest}")).map_err(|error| error.to_string())
}

#[test]
fn ranges_have_both_ends_and_lists_are_as_typed() {
    for (values, expected) in [
        ("{ from = 4, to = 6 }", &["4", "5", "6"][..]),
        ("{ from = 0, to = 0.3, step = 0.1 }", &["0", "0.1", "0.2", "0.3"]),
        ("{ from = 64, to = 256, factor = 2 }", &["64", "128", "256"]),
        ("{ from = 8, to = 6, step = -1 }", &["8", "7", "6"]),
        ("[1, 2.5, true, \"im2col\"]", &["1", "2.5", "true", "im2col"]),
    ] {
        assert_eq!(read(&format!("vary.x = {values}")).expect("a space").vary[0].values, expected, "{values}");
    }
}

#[test]
fn what_is_no_space_is_refused_by_name() {
    for (rest, part) in [
        ("vary.x = []", "x has no value"),
        ("vary.x = [1, 1]", "x has the value 1 twice"),
        ("vary.x = { from = 1, to = 2, step = 0 }", "[vary] x: a range from 1 to 2 needs a step"),
        ("vary.x = { from = 1, to = 2, step = 1, factor = 2 }", "a step or a factor"),
        ("vary.x = 3", "a list of values, or a range"),
        ("vray.x = [3]", "vray"),
        ("limits = [\"area <= 1\", \"area >= 2\"]", "contradicts"),
        ("rates.chips = 1", "rates"),
        ("objectives.maximize = [\"area\"]", "area"),
    ] {
        let error = read(rest).expect_err(rest);
        assert!(error.contains(part), "{rest}: {error}");
    }
    let many = |axes| -> String { (0..axes).map(|axis| format!("vary.x{axis} = {{ from = 1, to = 9 }}\n")).collect() };
    assert_eq!(read(&many(8)).map(|space| space.size()), Ok(9_u64.pow(8)), "they can be searched");
    assert!(read(&many(21)).expect_err("9²¹ designs").contains("more designs than can be numbered"));
    for (text, part) in [
        ("designs = [\"d\"]\nobjectives.minimize = [\"area\"]", "no network"),
        ("networks = [\"a\"]\nobjectives.minimize = [\"area\"]", "no design"),
        ("networks = [\"a\", \"a\"]\ndesigns = [\"d\"]\nobjectives.minimize = [\"area\"]", "the network a twice"),
        ("networks = [\"a\"]\ndesigns = [\"d\"]", "nothing says which designs are best"),
        (
            "networks = [\"a\"]\ndesigns = [\"d\"]\nobjectives.minimize = [\"area\", \"area\"]",
            "area is an objective twice",
        ),
        ("networks = [\"a\"]\ndesigns = [\"d\"]\nobjectives.maximize = [\"area\"]", "cannot be maximized"),
    ] {
        let error = Space::parse("mine.toml", text).expect_err(text).to_string();
        assert!(error.contains(part), "{text}: {error}");
    }
}
