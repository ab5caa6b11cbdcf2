//! Stores of simulated hardware: made whole, told apart, shared, and refused where they cannot be used.

use crate::command::{refused, succeed};
use crate::simulate::{batches, folder, images, of, parsed, simulate, store, with_store};
use rusqlite::Connection;
use std::fs;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// A run of a moment.
const SHORT: &str = "--limit 2 --layer-images 0 --programming-error 0.1";

#[test]
fn settings_share_a_store_and_do_not_mix() {
    let folder = folder();
    let store = store(&folder);
    let [one, other] = ["--wire 30 --layer-images 0", "--adc-bits 3 --layer-images 0"];
    let first = parsed(&mut with_store(one, &store));
    let second = parsed(&mut with_store(other, &store));
    assert_eq!(batches(&store), 3, "the integer network is run once");
    assert_eq!([first, second], [parsed(&mut simulate(one)), parsed(&mut simulate(other))]);
}

#[test]
fn stores_of_others_are_refused_and_stay() {
    let folder = folder();
    let own = store(&folder);
    parsed(&mut with_store("--layer-images 0", &own));
    let before = fs::read(&own).expect("it is there");
    let mut float = of("lenet5-fashion", "");
    refused(float.arg("--store").arg(&own), &["is the store of another run", "lenet5-fashion", "give another file"]);
    assert!(fs::read(&own).expect("it is there") == before);
    let text = folder.path().join("notes.txt");
    fs::write(&text, "no database, but somebody's notes").expect("writable");
    refused(&mut with_store("", &text), &["cannot use", "notes.txt as a store", "give another file"]);
    assert_eq!(fs::read_to_string(&text).expect("it is there"), "no database, but somebody's notes");
    let foreign = folder.path().join("foreign.db");
    Connection::open(&foreign).and_then(|open| open.execute("CREATE TABLE t (x)", [])).expect("a database");
    refused(&mut with_store("", &foreign), &["foreign.db as a store", "another program's database"]);
}

/// The same command on other images: it finds nothing of theirs in the store.
#[test]
fn results_of_other_images_are_not_taken_for_theirs() {
    let folder = folder();
    let store = store(&folder);
    let adc = "--adc-bits 4 --layer-images 0";
    let of_first = parsed(&mut with_store(adc, &store));
    assert_eq!(batches(&store), 2);
    let [labels, test, train] = ["t10k-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "train-images-idx3-ubyte"];
    // Each change to one byte of an image that is used, or to the labels; the integer network was calibrated by nobody.
    for (changed, at, kept) in [(labels, 8, 2), (test, 16 + 784 * 47, 2), (train, 16 + 784 * 7, 1)] {
        let data = self::folder();
        for name in [labels, test, train, "train-labels-idx1-ubyte"] {
            fs::copy(images().join(name), data.path().join(name)).expect("writable");
        }
        let mut bytes = fs::read(data.path().join(changed)).expect("it is there");
        bytes[at] = if bytes[at] == 0 { 1 } else { 0 };
        fs::write(data.path().join(changed), bytes).expect("writable");
        let elsewhere = format!("{adc} --data {}", data.path().display());
        let before = batches(&store);
        let found = parsed(&mut with_store(&elsewhere, &store));
        assert_eq!(batches(&store), before + kept, "{changed}");
        assert_eq!(found, parsed(&mut simulate(&elsewhere)), "{changed}");
        assert_eq!(parsed(&mut with_store(adc, &store)), of_first, "those of the first images are still there");
        assert_eq!(batches(&store), before + kept, "{changed}");
    }
}

/// What no image set can give is refused: the store is not what this program wrote.
#[test]
fn counts_that_cannot_be_are_refused() {
    let folder = folder();
    let store = store(&folder);
    succeed(&mut with_store(SHORT, &store));
    let name = store.display().to_string();
    for (count, said) in [("3", "3 of 2 images"), ("-1", "-1 of 2 images"), ("'many'", "cannot use")] {
        let forged =
            Connection::open(&store).and_then(|open| open.execute(&format!("UPDATE batch SET correct = {count}"), []));
        assert_eq!(forged, Ok(2));
        refused(&mut with_store(SHORT, &store), &[&name, said, "give another file"]);
    }
}

/// What an earlier version had written when it was killed while it made a store, step by step.
const STEPS: [&str; 5] = [
    "PRAGMA application_id = 1414089797",
    "PRAGMA user_version = 1",
    "CREATE TABLE subject (name TEXT NOT NULL UNIQUE)",
    "CREATE TABLE run (id INTEGER PRIMARY KEY, settings TEXT NOT NULL UNIQUE)",
    "CREATE TABLE batch (run INTEGER NOT NULL REFERENCES run, seed INTEGER NOT NULL, first INTEGER NOT NULL, images INTEGER NOT \
     NULL, correct INTEGER NOT NULL, PRIMARY KEY (run, seed, first, images))",
];

#[test]
fn stores_that_were_half_made_are_made() {
    let folder = folder();
    let whole = parsed(&mut simulate(SHORT));
    for steps in 0..=STEPS.len() {
        let store = folder.path().join(format!("{steps}.db"));
        Connection::open(&store).and_then(|open| open.execute_batch(&STEPS[..steps].join(";"))).expect("a database");
        assert_eq!(parsed(&mut with_store(SHORT, &store)), whole, "{steps} steps");
        assert_eq!(batches(&store), 2);
    }
    let found = folder.path().join("found.db");
    fs::copy(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/half-store.db"), &found).expect("writable");
    assert_eq!(parsed(&mut with_store(SHORT, &found)), whole);
}

#[test]
fn stores_of_other_versions_are_refused_and_stay() {
    let folder = folder();
    let [earlier, later, damaged] = ["earlier.db", "later.db", "damaged.db"].map(|name| folder.path().join(name));
    let write = |store: &Path, steps: &str| {
        Connection::open(store).and_then(|open| open.execute_batch(steps)).expect("a database");
    };
    write(
        &earlier,
        &format!("{}; INSERT INTO run VALUES (1, ''); INSERT INTO batch VALUES (1, 0, 0, 2, 1)", STEPS.join(";")),
    );
    [&later, &damaged].into_iter().for_each(|store| drop(succeed(&mut with_store(SHORT, store))));
    write(&later, "PRAGMA user_version = 3");
    write(&damaged, "PRAGMA foreign_keys = OFF; DROP TABLE run");
    for (store, said) in
        [(&earlier, "by an earlier version"), (&later, "by a later version"), (&damaged, "a table is missing")]
    {
        let before = fs::read(store).expect("it is there");
        refused(&mut with_store(SHORT, store), &[&store.display().to_string(), said, "give another file"]);
        assert!(fs::read(store).expect("it is there") == before, "{said}");
    }
}

#[test]
fn a_locked_store_is_waited_for() {
    let folder = folder();
    let store = store(&folder);
    succeed(&mut with_store(SHORT, &store));
    let lock = Connection::open(&store).expect("a store");
    lock.execute_batch("BEGIN EXCLUSIVE").expect("nobody else has it");
    let running = with_store(SHORT, &store).stdout(Stdio::null()).stderr(Stdio::piped()).spawn();
    thread::sleep(Duration::from_secs(3));
    lock.execute_batch("ROLLBACK").expect("it is ours");
    let Output { status, stderr, .. } = running.and_then(Child::wait_with_output).expect("it runs");
    let said = String::from_utf8(stderr).expect("UTF-8");
    assert!(status.success() && said.contains("store.db locked; waiting for it"), "{status}: {said}");
}

/// A kill at some instants of the making of a store, and of its first results; then the same command.
#[cfg(unix)]
#[test]
fn a_store_outlives_a_kill_while_it_is_made() {
    let whole = parsed(&mut simulate(SHORT));
    for step in 0..8 {
        let folder = folder();
        let store = store(&folder);
        let running = with_store(SHORT, &store).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let mut running = running.expect("the command starts");
        while !store.exists() && running.try_wait().expect("a child of ours").is_none() {}
        let start = Instant::now();
        while start.elapsed() < Duration::from_micros(500 * step) {}
        drop(running.kill());
        running.wait().expect("a child of ours");
        assert_eq!(parsed(&mut with_store(SHORT, &store)), whole, "killed after {step} half milliseconds");
    }
}

/// A disk that is full after so many blocks; then the same command where there is room.
#[cfg(unix)]
#[test]
fn a_store_outlives_a_full_disk() {
    let whole = parsed(&mut simulate(SHORT));
    let mut full = 0;
    for blocks in [0, 1, 8, 24, 48, 56, 64, 72, 96, 512] {
        let folder = folder();
        let store = store(&folder);
        let mut command = Command::new("sh");
        // Files may not grow further; the signal that says so is turned off, as on a full disk there is none.
        command.args(["-c", &format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\"")]);
        let inner = with_store(SHORT, &store);
        command.arg(inner.get_program()).args(inner.get_args());
        let Output { status, stderr, .. } = command.output().expect("the command starts");
        if !status.success() {
            full += 1;
            let said = String::from_utf8_lossy(&stderr);
            assert_eq!(status.code(), Some(2), "{said}");
            assert!(said.contains("cannot write the store") && said.contains("store.db; make room"), "{said}");
        }
        assert_eq!(parsed(&mut with_store(SHORT, &store)), whole, "{blocks} blocks");
    }
    assert!((2..10).contains(&full), "the disk was full {full} times");
}

#[test]
fn processes_make_a_store_together() {
    let whole = parsed(&mut simulate(SHORT));
    for _ in 0..4 {
        let folder = folder();
        let store = store(&folder);
        let start = || with_store(SHORT, &store).args(["--format", "json"]).stdout(Stdio::piped()).spawn();
        let running = [start(), start(), start(), start()];
        for running in running {
            let ended = running.and_then(Child::wait_with_output).expect("the command starts");
            assert!(ended.status.success(), "{}", ended.status);
            assert_eq!(serde_json::from_slice::<serde_json::Value>(&ended.stdout).expect("JSON"), whole);
        }
        assert_eq!(batches(&store), 2);
    }
}
