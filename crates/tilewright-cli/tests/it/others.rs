use crate::command::{json_of, output_of, refused, tilewright};
use serde_json::json;

const COMMANDS: [&str; 18] = [
    "map",
    "plan",
    "cost",
    "explore",
    "design",
    "device",
    "zoo",
    "report",
    "verify",
    "evaluate",
    "inputs",
    "simulate",
    "circuit",
    "export",
    "reproduce",
    "data",
    "completions",
    "man",
];

#[test]
fn completions_for_every_shell() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = output_of(&format!("completions {shell}"));
        assert!(["row-split", "reproduce"].iter().all(|word| script.contains(word)), "{shell}");
        // The others' generators leave the values out.
        assert_eq!(script.contains("vw-sdk"), ["bash", "zsh", "fish"].contains(&shell), "{shell}");
    }
}

#[test]
fn man_pages_for_every_command() {
    let whole = output_of("man");
    for command in COMMANDS {
        assert!(whole.contains(&format!("tilewright\\-{command}(1)")), "{command}");
        let page = output_of(&format!("man {command}"));
        assert!(page.contains(&format!(".TH tilewright-{command} 1")), "{page}");
    }
    let spice = output_of("man export spice");
    assert!(spice.contains(".TH tilewright-export-spice 1") && spice.contains("access"), "{spice}");
    refused(&mut tilewright("man export spcie"), &["export has no subcommand \"spcie\"", "--help"]);
}

#[test]
fn the_zoo_in_every_form() {
    let zoo = json_of("zoo --format json");
    let networks = zoo.as_array().expect("an array");
    let resnet20 = networks.iter().find(|network| network["name"] == "resnet20").expect("it is in the zoo");
    assert_eq!((&resnet20["input"], &resnet20["layers"]), (&json!([3, 32, 32]), &json!(20)));
    assert_eq!(resnet20["stages"], json!(3));
    assert_eq!((&resnet20["weights"], &resnet20["macs"]), (&json!(268_336), &json!(40_551_040)));
    assert_eq!(output_of("zoo --format csv").lines().count(), networks.len() + 1);
    assert!(output_of("zoo").contains("He, Zhang, Ren, Sun 2016, section 4.2, n = 3"));
    assert!(resnet20.get("trained").is_none());
    let trained = |name: &str| networks.iter().find(|network| network["name"] == name).expect("a trained network");
    let lenet5 = trained("lenet5-fashion");
    assert_eq!((&lenet5["trained"]["card"]["network"], &lenet5["weights"]), (&json!("lenet5"), &json!(61_470)));
    assert!(lenet5["trained"]["rate"]["mean"].as_f64().is_some_and(|mean| (0.85..0.95).contains(&mean)), "{lenet5}");
    assert_eq!(trained("lenet5-fashion-int8")["weights"], lenet5["weights"]);
}

#[test]
fn a_report_is_one_page() {
    let page = output_of("report lenet5 --scheme vw-sdk -o -");
    assert!(page.starts_with("<!DOCTYPE html>"));
    assert!(page.contains("lenet5") && page.contains("vw-sdk") && page.trim_end().ends_with("</html>"));
    // A network that something was trained from, by its own name and by that of what was trained; and one without.
    assert!(page.contains("id=\"trained\"") && page.contains("lenet5-fashion"));
    assert!(output_of("report lenet5-fashion-int8 --scheme im2col -o -").contains("id=\"trained\""));
    assert!(!output_of("report vgg8 --scheme im2col -o -").contains("id=\"trained\""));
}
