use crate::command::{refused, succeed, tilewright};
use crate::server::{Reply, Server};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Length of MNIST's first archive.
const FIRST: usize = 9_912_422;

/// The command in a world where `home` is all the user has.
fn at(home: &Path, arguments: &str) -> Command {
    let mut command = tilewright(arguments);
    alone(&mut command, home);
    command
}

fn alone(command: &mut Command, home: &Path) {
    command.env("HOME", home).env("XDG_DATA_HOME", home.join("xdg")).env_remove("TILEWRIGHT_DATA");
    for name in ["http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"] {
        command.env_remove(name);
    }
}

fn home() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder for the test")
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return vec![] };
    let paths = entries.map(|entry| entry.expect("readable").path());
    paths.flat_map(|path| if path.is_dir() { files_below(&path) } else { vec![path] }).collect()
}

#[test]
fn nothing_is_left_of_a_download_that_fails() {
    for (reply, expected) in [
        (Reply::status as fn(&'static str) -> Reply, "404 Not Found"),
        (|_| Reply::whole(b"<html>welcome</html>"), "it has 20 bytes, the published file has 9,912,422"),
        (|_| Reply::whole(&vec![0; FIRST]), "is not the published file"),
    ] {
        let server = Server::start(move |_| reply("404 Not Found"));
        let home = home();
        refused(
            &mut at(home.path(), &format!("data fetch mnist --from {}", server.address)),
            &[expected, &server.address],
        );
        assert!(files_below(home.path()).is_empty(), "{:?}", files_below(home.path()));
        assert_eq!(server.seen().len(), 1);
    }
}

#[test]
fn nobody_answers() {
    let home = home();
    refused(
        &mut at(home.path(), "data fetch mnist --from http://127.0.0.1:1/"),
        &["cannot download http://127.0.0.1:1/train-images-idx3-ubyte.gz", "0 of 9,912,422 bytes are here"],
    );
    refused(&mut at(home.path(), "data fetch mnist --from nonsense"), &["cannot download nonsense/train-images"]);
    refused(&mut at(home.path(), "data fetch mnist --from ftp://127.0.0.1"), &["cannot download ftp://127.0.0.1/"]);
    assert!(files_below(home.path()).is_empty(), "{:?}", files_below(home.path()));
}

#[cfg(unix)]
#[test]
fn a_full_disk_is_said_and_nothing_is_in_place() {
    let server = Server::start(|_| Reply::whole(&vec![0; FIRST]));
    let home = home();
    let mut command = Command::new("sh");
    // Files may grow to 64 blocks and no further; the signal that says so is turned off, as on a full disk there is none.
    command.args(["-c", "trap '' XFSZ; ulimit -f 64; exec \"$0\" data fetch mnist --from \"$1\" --data \"$2\""]);
    command.arg(env!("CARGO_BIN_EXE_tilewright")).arg(&server.address).arg(home.path().join("data"));
    alone(&mut command, home.path());
    refused(&mut command, &["cannot write", "File too large"]);
    let left = files_below(home.path());
    assert!(left.iter().all(|path| path.extension().is_some_and(|extension| extension == "part")), "{left:?}");
}

#[test]
fn folders_that_are_missing_or_cannot_be() {
    let home = home();
    let file = home.path().join("file");
    fs::write(&file, b"").expect("writable");
    let below = format!("{}/data", file.display());
    refused(&mut at(home.path(), &format!("data fetch mnist --data {below}")), &["cannot make the folder", "--data"]);
    for command in ["path cifar100", "check cifar100"] {
        let missing = home.path().join("missing").display().to_string();
        let get = ["cifar100 is not in", &missing, "tilewright data fetch cifar100"];
        refused(&mut at(home.path(), &format!("data {command} --data {missing}")), &get);
    }
    refused(&mut at(home.path(), &format!("data check --data {below}")), &["no data set is here"]);
    refused(&mut at(home.path(), "data path cifar11"), &["cifar11", "cifar10"]);
}

#[test]
fn places_are_searched_in_order() {
    let home = home();
    let [named, variable, user] = ["named", "variable", "xdg/tilewright"].map(|name| home.path().join(name));
    let path = |command: &mut Command| succeed(command).trim_end().to_owned();
    for folder in [&user, &variable, &named] {
        let folder = folder.join("cifar-100-binary");
        fs::create_dir_all(&folder).expect("writable");
        ["train.bin", "test.bin"].iter().for_each(|name| fs::write(folder.join(name), b"").expect("writable"));
    }
    let set = |folder: &Path| folder.join("cifar-100-binary").display().to_string();
    assert_eq!(path(&mut at(home.path(), "data path cifar100")), set(&user));
    assert_eq!(path(at(home.path(), "data path cifar100").env("TILEWRIGHT_DATA", &variable)), set(&variable));
    let itself = set(&variable);
    assert_eq!(path(at(home.path(), "data path cifar100").env("TILEWRIGHT_DATA", &itself)), itself);
    let named_first = path(at(home.path(), "data path cifar100 --data").arg(&named).env("TILEWRIGHT_DATA", &variable));
    assert_eq!(named_first, set(&named));
    let list = succeed(&mut at(home.path(), "data list --format json"));
    let list: Value = serde_json::from_str(&list).expect("it is JSON");
    assert_eq!((&list[0]["name"], &list[0]["folder"]), (&"cifar10".into(), &Value::Null));
    assert_eq!((&list[1]["folder"], &list[1]["classes"]), (&set(&user).into(), &100.into()));
    assert!(succeed(&mut at(home.path(), "data list")).contains("not here"));
    assert_eq!(succeed(&mut at(home.path(), "data list --format csv")).lines().count(), 5);
}

#[test]
fn a_damaged_set_fails_its_check() {
    let home = home();
    let folder = home.path().join("cifar-100-binary");
    fs::create_dir(&folder).expect("writable");
    fs::write(folder.join("train.bin"), vec![0; 3075]).expect("writable");
    fs::write(folder.join("test.bin"), vec![0; 30_740_000]).expect("writable");
    let output =
        at(home.path(), "data check cifar100 --format csv --data").arg(home.path()).output().expect("it starts");
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
    let rows = String::from_utf8(output.stdout).expect("UTF-8");
    for part in [
        "cifar100,train.bin,\"has 3075 bytes, not 153700000\",false",
        "cifar100,test.bin,\"has SHA-256 ",
        "train.bin has 3075 bytes; a record has 3074 bytes",
        "cifar100,test,\"10,000 images, 100 classes of 0 to 10,000\",true",
    ] {
        assert!(rows.contains(part), "{rows}");
    }
}

#[test]
fn the_real_cifar10_passes_its_check() {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let data = std::env::var_os("TILEWRIGHT_DATA").map_or(beside, PathBuf::from);
    let mut command = tilewright("data check cifar10 --format json --data");
    if !succeed(tilewright("data list --data").arg(&data)).contains("cifar-10-batches-bin") {
        eprintln!("skipped: CIFAR-10 is not here; set TILEWRIGHT_DATA, or get it with `tilewright data fetch cifar10`");
        return;
    }
    let rows: Value = serde_json::from_str(&succeed(command.arg(&data))).expect("it is JSON");
    let rows = rows.as_array().expect("an array");
    assert_eq!(rows.len(), 8);
    assert_eq!(rows[7]["found"], "10,000 images, 10 classes of 1,000");
    // What is whole is not fetched again.
    let folder = succeed(tilewright("data fetch cifar10 --from http://127.0.0.1:1/ --data").arg(&data));
    assert!(folder.trim_end().ends_with("cifar-10-batches-bin"), "{folder}");
}
