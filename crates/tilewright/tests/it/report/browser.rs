//! The pages in headless Chromium: they open without an error, sort, switch, and show the numbers of their JSON.
//!
//! Needs `chromium`, `chromium-browser` or `google-chrome` on the path, or the one that `TILEWRIGHT_CHROMIUM` names. Without
//! any the tests say that they are skipped; one that is named and does not start is a failure.

use super::recognition::examples;
use super::simulation::{crossbar_map, simulated};
use super::{circuit, exploration, hostile_page, page, priced_page};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};
use tilewright::report::html::{Family, Page, render, simulation};

const HARNESS: &str = include_str!("browser/harness.js");
const REPORT: &str = include_str!("browser/report.js");
const CIRCUIT: &str = include_str!("browser/circuit.js");
const SIMULATION: &str = include_str!("browser/simulation.js");
const EXPLORATION: &str = include_str!("browser/exploration.js");
/// Runs before the page's own script.
const LISTENER: &str = "window.pageErrors = []; addEventListener('error', (event) => pageErrors.push(event.message)); \
                        addEventListener('securitypolicyviolation', (event) => pageErrors.push(event.violatedDirective));";
const PATIENCE: Duration = Duration::from_secs(60);

fn chromium() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("TILEWRIGHT_CHROMIUM") {
        return Some(named.into());
    }
    let folders = std::env::var_os("PATH")?;
    let folders: Vec<PathBuf> = std::env::split_paths(&folders).collect();
    let names = ["chromium", "chromium-browser", "google-chrome"];
    names.iter().flat_map(|name| folders.iter().map(move |folder| folder.join(name))).find(|path| path.is_file())
}

/// Chromium's output for a page, ended if it takes too long.
fn open(chromium: &Path, html: &Path, options: &[&str]) -> Output {
    let profile = html.with_extension("profile");
    let mut child = Command::new(chromium)
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-dev-shm-usage"])
        .args(["--virtual-time-budget=5000", "--enable-logging=stderr", "--dump-dom"])
        .arg(format!("--user-data-dir={}", profile.display()))
        .args(options)
        .arg(format!("file://{}", html.display()))
        .stdin(Stdio::null())
        .stdout(std::fs::File::create(html.with_extension("dom")).expect("a file"))
        .stderr(std::fs::File::create(html.with_extension("log")).expect("a file"))
        .spawn()
        .unwrap_or_else(|error| panic!("{}: {error}", chromium.display()));
    let start = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().expect("a child of ours") {
            break status;
        }
        if start.elapsed() > PATIENCE {
            child.kill().expect("a child of ours");
            panic!("{} took more than {PATIENCE:?}", chromium.display());
        }
        std::thread::sleep(Duration::from_millis(20));
    };
    std::fs::remove_dir_all(&profile).ok();
    let read = |extension: &str| std::fs::read(html.with_extension(extension)).expect("a file");
    Output { status, stdout: read("dom"), stderr: read("log") }
}

const LIGHT: &str = "--blink-settings=preferredColorScheme=1";
const DARK: &str = "--blink-settings=preferredColorScheme=0";
const NARROW: &str = "--window-size=500,900";

/// Opens a page, drives it by a script and asserts everything that it checked, at least so much; and that it is dark, or light.
fn check(name: &str, (page, script, least): (&str, &str, usize), options: &[&str], expect_dark: Option<bool>) {
    let Some(chromium) = chromium() else {
        eprintln!("skipped: no Chromium on the path; TILEWRIGHT_CHROMIUM names one");
        return;
    };
    let html = page.replacen("<head>", &format!("<head><script>{LISTENER}</script>"), 1);
    let html = html.replace("</body>", &format!("<script>{HARNESS}{script}</script></body>"));
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.html"));
    std::fs::write(&path, html).expect("a file");
    let output = open(&chromium, &path, options);
    let [dom, log] = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    assert!(output.status.success(), "{}: {log}", output.status);
    assert!(!log.contains("CONSOLE"), "the console is silent: {log}");
    let json = dom.split("<pre id=\"outcome\">").nth(1).unwrap_or_else(|| panic!("the harness ran: {log}"));
    let json = json.split("</pre>").next().expect("it ends");
    let json = json.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
    let result: serde_json::Value = serde_json::from_str(&json).expect("the harness writes JSON");
    let outcome = result["outcome"].as_array().expect("a list");
    let failed: Vec<String> = outcome.iter().filter(|check| check["ok"] != true).map(ToString::to_string).collect();
    assert!(failed.is_empty(), "{}", failed.join("\n"));
    assert!(outcome.len() >= least, "{} checks", outcome.len());
    if let Some(dark) = expect_dark {
        assert_eq!(result["dark"], dark);
    }
}

fn check_report(name: &str, page: &Page, options: &[&str], expect_dark: Option<bool>) {
    check(&format!("report-{name}"), (&render(page), REPORT, 26), options, expect_dark);
}

#[test]
fn resnet20_light_and_dark() {
    let mut page = page("resnet20", 128, "sub-image", None);
    page.family = Family::new("resnet20", &examples()).expect("networks of the zoo");
    page.price = priced_page("resnet20", "sub-image", "generic-22nm").price;
    check_report("light", &page, &[LIGHT], Some(false));
    check_report("dark", &page, &[DARK], Some(true));
}

#[test]
fn mobilenet_on_a_narrow_screen() {
    check_report("narrow", &page("mobilenetv2", 128, "vw-sdk", None), &[NARROW], None);
}

#[test]
fn hostile_names() {
    check_report("hostile", &hostile_page(), &[], None);
}

#[test]
fn losses_of_a_crossbar() {
    let page = circuit::page();
    check("circuit-light", (&page, CIRCUIT, 24), &[LIGHT], Some(false));
    check("circuit-dark", (&page, CIRCUIT, 24), &[DARK], Some(true));
    check("circuit-narrow", (&page, CIRCUIT, 24), &[NARROW], None);
}

#[test]
fn a_simulation() {
    let report = simulated(&[
        ("", "", 880, Some(20.0)),
        ("wire", "0", 900, Some(40.0)),
        ("wire", "2.5", 812, Some(10.0)),
        ("wire", "20", 123, Some(2.0)),
        ("adc-bits", "none", 881, Some(20.0)),
        ("adc-bits", "6", 777, Some(15.0)),
    ]);
    let page = simulation(&report, &crossbar_map(24, 10));
    check("simulation-light", (&page, SIMULATION, 20), &[LIGHT], Some(false));
    check("simulation-dark", (&page, SIMULATION, 20), &[DARK], Some(true));
    check("simulation-narrow", (&page, SIMULATION, 20), &[NARROW], None);
}

#[test]
fn the_front_of_a_space() {
    let page = exploration::page();
    check("exploration-light", (&page, EXPLORATION, 120), &[LIGHT], Some(false));
    check("exploration-narrow", (&page, EXPLORATION, 120), &[NARROW, DARK], Some(true));
}
