//! The built WebAssembly in Chromium against the command: `just page` builds it. Skipped with a word where either is missing.

use crate::command::expected;
use crate::configurations::{configuration, question};
use serde_json::Value;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

/// Configurations asked in the browser.
const CONFIGURATIONS: u32 = 50;
/// The longest the browser may take with all of them.
const PATIENCE: Duration = Duration::from_secs(120);

/// Asks the page's own worker, one question after the other, and posts the answers back.
const ASKING: &str = r#"<!DOCTYPE html><script type="module">
const worker = new Worker("page.js");
const ask = (question, id) => new Promise((resolve) => {
  worker.onmessage = ({ data }) => resolve(data.answer);
  worker.postMessage({ id, question });
});
const answers = [];
for (const question of await (await fetch("questions")).json()) answers.push(await ask(question, answers.length));
await fetch("answers", { method: "POST", body: JSON.stringify(answers) });
</script>"#;

#[test]
fn fifty_random_configurations_in_chromium_equal_the_command() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/page");
    let (Some(chromium), true) = (chromium(), page.join("tilewright.wasm").exists()) else {
        eprintln!(
            "skipped: needs Chromium (found: {:?}) and docs/page/tilewright.wasm, which `just page` builds",
            chromium()
        );
        return;
    };
    let options: Vec<_> = (0..CONFIGURATIONS).map(configuration).collect();
    let questions = Value::from(options.iter().map(question).collect::<Vec<_>>()).to_string();
    let (address, answers) = serve(page, questions);
    let profile = tempfile::tempdir().expect("a temporary folder");
    let _browser = Browser::open(&chromium, profile.path(), &format!("http://{address}/asking"));
    let answers = answers.recv_timeout(PATIENCE).expect("the browser answers");
    let answers: Vec<Value> = serde_json::from_str(&answers).expect("answers are JSON");
    assert_eq!(answers.len(), options.len());
    for (options, answer) in options.iter().zip(answers) {
        let [mapping, cost] = expected(options);
        if answer["error"].is_null() {
            let mapping = mapping.unwrap_or_else(|| panic!("the command alone refuses {options:?}"));
            assert!(is_same(&answer["mapping"], &mapping), "mapping of {options:?}; `just page` builds anew");
            let cost = cost.unwrap_or_else(|| panic!("the command alone refuses {options:?}"));
            assert!(is_same(&answer["cost"], &cost), "cost of {options:?}; `just page` builds anew");
        } else {
            assert_eq!(cost, None, "the page alone refuses {options:?}: {}", answer["error"]);
        }
    }
}

/// Whether two results are equal, numbers by their value: JavaScript writes 1.0 as 1.
fn is_same(ours: &Value, theirs: &Value) -> bool {
    match (ours, theirs) {
        (Value::Object(ours), Value::Object(theirs)) => {
            ours.len() == theirs.len()
                && ours.iter().all(|(key, value)| theirs.get(key).is_some_and(|other| is_same(value, other)))
        }
        (Value::Array(ours), Value::Array(theirs)) => {
            ours.len() == theirs.len() && ours.iter().zip(theirs).all(|(ours, theirs)| is_same(ours, theirs))
        }
        (Value::Number(ours), Value::Number(theirs)) => {
            let [ours, theirs] = [ours, theirs].map(|number| number.as_f64().unwrap_or(f64::NAN));
            ours == theirs
        }
        _ => ours == theirs,
    }
}

/// A browser that ends with the test.
struct Browser(Child);

impl Browser {
    fn open(program: &Path, profile: &Path, address: &str) -> Self {
        let mut command = Command::new(program);
        command
            .args(["--headless", "--no-sandbox", "--disable-gpu"])
            .arg(format!("--user-data-dir={}", profile.display()));
        // Without a picture to take or a port to be steered by, a headless browser ends before the page is done.
        let command = command.args(["--remote-debugging-port=0", address]).stdout(Stdio::null()).stderr(Stdio::null());
        Self(command.spawn().expect("Chromium starts"))
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn chromium() -> Option<PathBuf> {
    let folders = std::env::var_os("PATH")?;
    let names = ["chromium", "chromium-browser", "google-chrome"];
    std::env::split_paths(&folders)
        .flat_map(|folder| names.map(|name| folder.join(name)))
        .find(|program| program.is_file())
}

/// Serves the page, `/asking` and `/questions`; yields the address and what is posted.
fn serve(page: PathBuf, questions: String) -> (String, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("it is bound").to_string();
    let (sender, receiver) = channel();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let (page, questions, sender) = (page.clone(), questions.clone(), sender.clone());
            thread::spawn(move || drop(respond(stream, &page, &questions, &sender)));
        }
    });
    (address, receiver)
}

fn respond(stream: TcpStream, page: &Path, questions: &str, answers: &Sender<String>) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    let mut request = String::new();
    reader.read_line(&mut request)?;
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        match line.trim_end().to_ascii_lowercase().split_once(':') {
            Some(("content-length", value)) => length = value.trim().parse().unwrap_or(0),
            Some(_) => {}
            None => break,
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    if !body.is_empty() {
        let _ = answers.send(String::from_utf8_lossy(&body).into_owned());
    }
    let (kind, content) = match request.split(' ').nth(1).unwrap_or_default() {
        "/asking" => ("text/html", ASKING.as_bytes().to_vec()),
        "/questions" => ("application/json", questions.as_bytes().to_vec()),
        "/page.js" => ("text/javascript", fs::read(page.join("page.js"))?),
        "/tilewright.wasm" => ("application/wasm", fs::read(page.join("tilewright.wasm"))?),
        _ => ("text/plain", vec![]),
    };
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        content.len()
    );
    let mut stream = reader.into_inner();
    stream.write_all(head.as_bytes())?;
    stream.write_all(&content)
}
