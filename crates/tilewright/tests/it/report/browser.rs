//! The page in headless Chromium: it opens without an error, sorts, switches, and shows the numbers of its JSON.
//!
//! Needs `chromium`, `chromium-browser` or `google-chrome` on the path, or the one that `TILEWRIGHT_CHROMIUM` names. Without
//! any the tests say that they are skipped; one that is named and does not start is a failure.

use super::recognition::examples;
use super::{hostile_page, page, priced_page};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};
use tilewright::report::html::{Family, Page, render};

const HARNESS: &str = include_str!("browser.js");
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

/// Opens a page, drives it by the harness and asserts everything that it checked.
fn check(name: &str, page: &Page, options: &[&str], expect_dark: Option<bool>) {
    let Some(chromium) = chromium() else {
        eprintln!("skipped: no Chromium on the path; TILEWRIGHT_CHROMIUM names one");
        return;
    };
    let html = render(page).replacen("<head>", &format!("<head><script>{LISTENER}</script>"), 1);
    let html = html.replace("</body>", &format!("<script>{HARNESS}</script></body>"));
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("report-{name}.html"));
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
    assert!(outcome.len() > 25, "{} checks", outcome.len());
    if let Some(dark) = expect_dark {
        assert_eq!(result["dark"], dark);
    }
}

#[test]
fn resnet20_light_and_dark() {
    let mut page = page("resnet20", 128, "sub-image", None);
    page.family = Family::new("resnet20", &examples()).expect("networks of the zoo");
    page.price = priced_page("resnet20", "sub-image", "generic-22nm").price;
    check("light", &page, &["--blink-settings=preferredColorScheme=1"], Some(false));
    check("dark", &page, &["--blink-settings=preferredColorScheme=0"], Some(true));
}

#[test]
fn mobilenet_on_a_narrow_screen() {
    check("narrow", &page("mobilenetv2", 128, "vw-sdk", None), &["--window-size=500,900"], None);
}

#[test]
fn hostile_names() {
    check("hostile", &hostile_page(), &[], None);
}
