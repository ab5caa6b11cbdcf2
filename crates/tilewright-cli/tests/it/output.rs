//! What is written: whole or not at all, in its place, and nothing left beside it.

use crate::command::{refused, succeed, tilewright};
use std::fs;
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// What maps quickly.
const MAP: &str = "map --layer in=6x14x14,out=16,k=5 --format json -o";

/// What takes seconds and 200 MB to export.
const LONG: &str = "export resnet50 --scheme im2col -o";

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder for the test")
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("the folder is there");
    let mut names: Vec<String> =
        entries.map(|entry| entry.expect("readable").file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

fn at(arguments: &str, place: &Path) -> Command {
    let mut command = tilewright(arguments);
    command.arg(place);
    command
}

fn hidden(folder: &Path) -> Vec<String> {
    names(folder).into_iter().filter(|name| name.starts_with(".tilewright-")).collect()
}

#[cfg(unix)]
#[test]
fn links_stay_links_and_modes_stay() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let home = folder();
    let [below, link, file] = ["below", "link.json", "below/file.json"].map(|name| home.path().join(name));
    fs::create_dir(&below).expect("writable");
    symlink("second.json", &link).expect("links are possible");
    symlink("below/file.json", home.path().join("second.json")).expect("links are possible");
    // First they lead to nothing, then to a file of the least mode that its owner can read.
    for mode in [None, Some(0o600), Some(0o464)] {
        if let Some(mode) = mode {
            fs::write(&file, "old").expect("writable");
            fs::set_permissions(&file, fs::Permissions::from_mode(mode)).expect("it is ours");
        }
        succeed(&mut at(MAP, &link));
        assert!(link.is_symlink() && home.path().join("second.json").is_symlink() && !file.is_symlink());
        assert!(fs::read_to_string(&file).expect("it is there").starts_with('{'), "the old one is still there");
        let found = fs::metadata(&file).expect("it is there").permissions().mode() & 0o777;
        assert!(mode.is_none_or(|mode| mode == found), "{mode:?} became {found:o}");
    }
    assert_eq!(
        (names(home.path()), names(&below)),
        (vec!["below".into(), "link.json".into(), "second.json".into()], vec!["file.json".into()])
    );
    // What follows a new folder's link is a new folder.
    symlink("below/new", home.path().join("exported")).expect("links are possible");
    succeed(&mut at("export lenet5 -o", &home.path().join("exported")));
    assert!(home.path().join("exported").is_symlink());
    assert_eq!(names(&below.join("new")), ["placement.json", "placement.npz"]);
}

#[cfg(unix)]
#[test]
fn a_full_disk_names_the_file() {
    let home = folder();
    for (arguments, name) in [(MAP, "map.json"), ("export resnet8 -o", "exported"), ("report lenet5 -o", "page.html")] {
        let place = home.path().join(name);
        let mut command = Command::new("sh");
        // Files may not grow; the signal that says so is turned off, as on a full disk there is none.
        command.args(["-c", "trap '' XFSZ; ulimit -f 0; exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_tilewright")]);
        command.args(arguments.split(' ')).arg(&place);
        refused(&mut command, &["cannot write", &place.display().to_string(), "make room", "File too large"]);
        assert!(names(home.path()).is_empty(), "{:?}", names(home.path()));
    }
    if Path::new("/dev/full").exists() {
        refused(&mut at(MAP, Path::new("/dev/full")), &["cannot write /dev/full", "make room", "No space left"]);
    }
}

/// Ctrl-C, `kill` and a terminal that is closed.
#[cfg(unix)]
#[test]
fn what_is_stopped_leaves_nothing() {
    use std::os::unix::process::ExitStatusExt;
    for (name, signal) in [("INT", 2), ("TERM", 15), ("HUP", 1)] {
        if crate::command::ignores(signal) {
            println!("SIG{name} not sent: whoever started the tests has it ignored");
            continue;
        }
        let home = folder();
        let status = stopped(home.path(), |id| {
            let send = format!("kill -{name} {id}");
            assert!(Command::new("sh").args(["-c", &send]).status().is_ok_and(|sent| sent.success()));
        });
        assert_eq!(status.signal(), Some(signal), "{status}");
        assert!(names(home.path()).is_empty(), "SIG{name} left {:?}", names(home.path()));
    }
}

/// A signal that the command's starter had ignored, as `nohup` does, stays ignored.
#[cfg(target_os = "linux")]
#[test]
fn ignored_signals_stay_ignored() {
    let home = folder();
    let mut command = Command::new("sh");
    command.args(["-c", "trap '' HUP; \"$0\" export resnet20 -o \"$1\" & sleep 0.05; kill -HUP $!; wait $!"]);
    succeed(command.arg(env!("CARGO_BIN_EXE_tilewright")).arg(home.path().join("exported")));
    assert_eq!(names(home.path()), ["exported"]);
}

/// The next command removes what a killed one left, and nothing of one that is at work or that is not ours.
#[cfg(unix)]
#[test]
fn what_is_killed_is_cleared_up_by_the_next() {
    let home = folder();
    for other in [".tilewright-notes", "mine.part"] {
        fs::write(home.path().join(other), "somebody's").expect("writable");
    }
    stopped(home.path(), |id| {
        let at_work = hidden(home.path());
        succeed(&mut at(MAP, &home.path().join("while.json")));
        assert_eq!(hidden(home.path()), at_work, "one at work is left alone");
        let kill = format!("kill -KILL {id}");
        assert!(Command::new("sh").args(["-c", &kill]).status().is_ok_and(|sent| sent.success()));
    });
    assert_eq!(hidden(home.path()).len(), 2, "{:?}", names(home.path()));
    succeed(&mut at(MAP, &home.path().join("after.json")));
    assert_eq!(names(home.path()), [".tilewright-notes", "after.json", "mine.part", "while.json"]);
}

/// Starts a long export into a folder and ends it once it has begun.
#[cfg(unix)]
fn stopped(home: &Path, end: impl FnOnce(u32)) -> ExitStatus {
    let part = |name: &String| name.ends_with(".part") && home.join(name).is_dir();
    let mut running = at(LONG, &home.join("exported")).stderr(Stdio::null()).spawn().expect("the command starts");
    let start = Instant::now();
    while !names(home).iter().any(part) {
        assert!(running.try_wait().expect("a child of ours").is_none(), "it ended before it was ended");
        assert!(start.elapsed() < Duration::from_secs(600), "it gets nowhere");
        thread::sleep(Duration::from_millis(2));
    }
    end(running.id());
    running.wait().expect("a child of ours")
}

/// Where the new files cannot all be put, the old ones are all there.
#[test]
fn old_and_new_files_of_a_folder_never_mix() {
    let home = folder();
    let place = home.path().join("exported");
    fs::create_dir(&place).expect("writable");
    fs::write(place.join("notes.txt"), "mine").expect("writable");
    succeed(&mut at("export lenet5 -o", &place));
    let read = || ["placement.json", "placement.npz"].map(|name| fs::read(place.join(name)).expect("it is there"));
    let before = read();
    succeed(&mut at("export resnet8 -o", &place));
    let [document, arrays] = read();
    assert!(document != before[0] && arrays != before[1]);
    assert_eq!(names(&place), ["notes.txt", "placement.json", "placement.npz"]);
    fs::remove_file(place.join("placement.npz")).expect("it is ours");
    fs::create_dir_all(place.join("placement.npz/inner")).expect("writable");
    refused(&mut at("export lenet5 -o", &place), &["placement.npz is a folder"]);
    assert!(
        fs::read(place.join("placement.json")).expect("it is there") == document
            && place.join("placement.npz/inner").exists()
    );
    assert_eq!(names(&place), ["notes.txt", "placement.json", "placement.npz"]);
}
