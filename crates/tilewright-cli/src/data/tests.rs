//! Whole fetches of small sets from a server on this machine.

use super::download::Client;
use super::fetch::fetch;
use flate2::Compression;
use flate2::write::GzEncoder;
use server::{Reply, Request, Server};
use std::fs;
use std::io::Write;
use std::path::Path;
use std::time::Duration;
use tilewright::dataset::Normalization;
use tilewright::dataset::cifar::Labels;
use tilewright_data::catalog::{Archive, CATALOG, DataFile, Entry, Form, Packing, Split};
use tilewright_data::{Places, digest, load, problem};

#[path = "../../tests/it/server.rs"]
mod server;

/// Names and contents of files.
type Files = Vec<(&'static str, Vec<u8>)>;

fn client() -> Client {
    Client::new().pausing(Duration::ZERO)
}

fn sha256(bytes: &[u8]) -> &'static str {
    digest::of(bytes).expect("memory is readable").leak()
}

fn gz(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(vec![], Compression::fast());
    encoder.write_all(bytes).expect("memory takes everything");
    encoder.finish().expect("memory takes everything")
}

fn tar(files: &Files) -> Vec<u8> {
    let mut tar = tar::Builder::new(vec![]);
    for (name, bytes) in files {
        let mut header = tar::Header::new_ustar();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        tar.append_data(&mut header, format!("folder/{name}"), bytes.as_slice()).expect("memory takes everything");
    }
    tar.into_inner().expect("memory takes everything")
}

/// Bytes that do not shrink, the same in every run.
fn noise(count: usize) -> Vec<u8> {
    (0..count as u64).map(|at| (at.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40) as u8).collect()
}

fn data_files(files: &[(&'static str, Vec<u8>)]) -> &'static [DataFile] {
    let files = files.iter().map(|(name, bytes)| DataFile { name, bytes: bytes.len() as u64, sha256: sha256(bytes) });
    files.collect::<Vec<_>>().leak()
}

fn archives(archives: &Files, packing: Packing) -> &'static [Archive] {
    let archives = archives.iter();
    let archives =
        archives.map(|(name, bytes)| Archive { name, bytes: bytes.len() as u64, sha256: sha256(bytes), packing });
    archives.collect::<Vec<_>>().leak()
}

/// A set of 3 and 2 images of 4×5 pixels in the form of MNIST, and its archives.
fn digits() -> (Entry, Files) {
    let images = |count: u8| {
        [&[0, 0, 8, 3, 0, 0, 0, count, 0, 0, 0, 4, 0, 0, 0, 5], &noise(20 * usize::from(count))[..]].concat()
    };
    let labels = |count: u8| [&[0, 0, 8, 1, 0, 0, 0, count], &vec![1; usize::from(count)][..]].concat();
    let train = vec![("train-images", images(3)), ("train-labels", labels(3))];
    let test = vec![("test-images", images(2)), ("test-labels", labels(2))];
    let names = ["train-images.gz", "train-labels.gz", "test-images.gz", "test-labels.gz"];
    let packed: Files =
        names.into_iter().zip(train.iter().chain(&test)).map(|(name, (_, bytes))| (name, gz(bytes))).collect();
    let entry = Entry {
        name: "digits",
        source: "this test",
        folder: "digits",
        base: "http://nowhere.invalid/",
        archives: archives(&packed, Packing::Gz),
        form: Form::Idx { classes: 2 },
        normalization: Normalization::MNIST,
        train: Split { name: "train", images: 3, files: data_files(&train) },
        test: Split { name: "test", images: 2, files: data_files(&test) },
    };
    (entry, packed)
}

/// A set of 4 and 1 images in the form of CIFAR-10, with a file nobody asked for in its archive.
fn pictures() -> (Entry, Files) {
    let records =
        |count: usize| (0..count).flat_map(|image| [&[3][..], &noise(3072 + image)[image..]].concat()).collect();
    let files: Files =
        vec![("one.bin", records(2)), ("two.bin", records(2)), ("test.bin", records(1)), ("readme.html", vec![60; 9])];
    let packed = vec![("pictures.tar.gz", gz(&tar(&files)))];
    let entry = Entry {
        name: "pictures",
        source: "this test",
        folder: "pictures-bin",
        base: "http://nowhere.invalid/",
        archives: archives(&packed, Packing::TarGz),
        form: Form::Cifar(Labels::Cifar10),
        normalization: Normalization::CIFAR10,
        train: Split { name: "train", images: 4, files: data_files(&files[..2]) },
        test: Split { name: "test", images: 1, files: data_files(&files[2..3]) },
    };
    (entry, packed)
}

fn body<'a>(files: &'a Files, request: &Request) -> &'a [u8] {
    &files.iter().find(|(name, _)| request.path == format!("/mirror/{name}")).expect("it asks for an archive").1
}

fn fetch_from(server: &Server, entry: &Entry, home: &Path) -> anyhow::Result<std::path::PathBuf> {
    fetch(entry, home, &format!("{}/mirror/", server.address), &client())
}

/// Expects a whole set in `home`, and nothing else.
fn assert_whole(entry: &Entry, home: &Path) {
    let places = Places::new(Some(home));
    let folder = places.require(entry).expect("it is in place");
    assert_eq!(folder, home.join(entry.folder));
    for split in entry.splits() {
        assert_eq!(load(entry, split, &folder).expect("well-formed").len(), split.images);
    }
    assert!(entry.files().all(|file| problem(&folder, file).expect("readable").is_none()));
    assert_eq!(names(&folder).len(), entry.files().count());
    assert_eq!(names(home), [entry.folder]);
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("the folder is there");
    let mut names: Vec<String> =
        entries.map(|entry| entry.expect("readable").file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

fn home() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder for the test")
}

#[test]
fn sets_arrive_whole() {
    for (entry, files) in [digits(), pictures()] {
        let server = Server::start(move |request| Reply::whole(body(&files, request)));
        let home = home();
        // In a folder that is yet to be made.
        let below = home.path().join("new/data");
        fetch_from(&server, &entry, &below).expect("a good server");
        assert_whole(&entry, &below);
        assert_eq!(server.seen().len(), entry.archives.len());
    }
}

#[test]
fn a_connection_that_breaks_is_resumed() {
    let (entry, files) = pictures();
    let length = files[0].1.len();
    let server = Server::start(move |request| {
        let reply = Reply::range(body(&files, request), request.from);
        if request.number < 2 { reply.cut_after(length / 3) } else { reply }
    });
    let home = home();
    fetch_from(&server, &entry, home.path()).expect("it goes on");
    assert_whole(&entry, home.path());
    let seen = server.seen();
    assert_eq!(
        seen.iter().map(|(request, _)| request.from).collect::<Vec<_>>(),
        [None, Some(length / 3), Some(length / 3 * 2)]
    );
    assert_eq!(seen.iter().map(|(_, bytes)| bytes).sum::<usize>(), length, "no byte is sent twice");
}

#[test]
fn a_server_without_ranges_starts_over() {
    let (entry, files) = pictures();
    let length = files[0].1.len();
    let server = Server::start(move |request| {
        let reply = Reply::whole(body(&files, request));
        if request.number == 0 { reply.cut_after(length / 2) } else { reply }
    });
    let home = home();
    fetch_from(&server, &entry, home.path()).expect("it starts over");
    assert_whole(&entry, home.path());
    assert_eq!(server.seen().last().map(|(request, bytes)| (request.from, *bytes)), Some((Some(length / 2), length)));
}

#[test]
fn a_download_that_was_given_up_goes_on_next_time() {
    let (entry, files) = pictures();
    let length = files[0].1.len();
    let bad = Server::start(move |request| match request.number {
        0 => Reply::whole(&noise(length)).cut_after(0),
        1 => Reply::range(body(&pictures().1, request), request.from).cut_after(length / 2),
        _ => Reply::status("503 Service Unavailable"),
    });
    let home = home();
    let error = fetch_from(&bad, &entry, home.path()).expect_err("it never ends").to_string();
    assert!(error.contains("503") && error.contains("the same command resumes from there"), "{error}");
    assert_eq!(bad.seen().len(), 5, "three in a row without a new byte");
    assert_eq!(names(home.path()), ["pictures-pictures.tar.gz.part"]);
    let good = Server::start(move |request| Reply::range(body(&files, request), request.from));
    fetch_from(&good, &entry, home.path()).expect("a good server");
    assert_whole(&entry, home.path());
    assert_eq!(good.seen()[0].1, length - length / 2);
}

#[test]
fn other_bytes_than_the_published_are_refused_and_removed() {
    let (entry, files) = pictures();
    let length = files[0].1.len();
    for (bytes, expected) in [
        (noise(length), "is not the published file: its SHA-256 is"),
        (noise(length + 1), "the published file has"),
        (noise(length - 1), "the published file has"),
        (noise(9), "it has 9 bytes"),
    ] {
        let server = Server::start(move |_| Reply::whole(&bytes));
        let home = home();
        let error = format!("{:#}", fetch_from(&server, &entry, home.path()).expect_err("wrong bytes"));
        assert!(error.contains(expected) && error.contains("pictures.tar.gz"), "{error}");
        assert!(names(home.path()).is_empty(), "{:?}", names(home.path()));
        assert_eq!(server.seen().len(), 1);
    }
}

#[test]
fn part_files_that_cannot_be_right_are_replaced() {
    let (entry, files) = pictures();
    let length = files[0].1.len();
    let home = home();
    fs::write(home.path().join("pictures-pictures.tar.gz.part"), noise(length + 5)).expect("writable");
    let server = Server::start(move |request| Reply::range(body(&files, request), request.from));
    fetch_from(&server, &entry, home.path()).expect("a good server");
    assert_whole(&entry, home.path());
    assert_eq!(server.seen()[0].0.from, None);
}

/// What was here, whole or in part, is of something else: the file is downloaded once more, in one piece.
#[test]
fn a_bad_beginning_is_not_the_end() {
    let (entry, files) = pictures();
    let length = files[0].1.len();
    let path = |home: &Path| home.join("pictures-pictures.tar.gz.part");
    for (bytes, requests) in
        [(10, vec![Some(10), None]), (length - 1, vec![Some(length - 1), None]), (length, vec![None])]
    {
        let home = home();
        fs::write(path(home.path()), noise(bytes)).expect("writable");
        let server = {
            let files = files.clone();
            Server::start(move |request| Reply::range(body(&files, request), request.from))
        };
        fetch_from(&server, &entry, home.path()).expect("a good server");
        assert_whole(&entry, home.path());
        assert_eq!(
            server.seen().iter().map(|(request, _)| request.from).collect::<Vec<_>>(),
            requests,
            "{bytes} bytes"
        );
    }
    // Where the rest is wrong too, that is said after one more try.
    let home = home();
    fs::write(path(home.path()), &files[0].1[..10]).expect("writable");
    let server = Server::start(move |request| Reply::range(&noise(length), request.from));
    let error = fetch_from(&server, &entry, home.path()).expect_err("wrong bytes").to_string();
    assert!(error.contains("is not the published file"), "{error}");
    assert_eq!(server.seen().iter().map(|(request, _)| request.from).collect::<Vec<_>>(), [Some(10), None]);
    assert!(names(home.path()).is_empty(), "{:?}", names(home.path()));
}

#[cfg(unix)]
#[test]
fn a_part_that_is_a_link_is_not_followed() {
    let (entry, files) = pictures();
    let server = Server::start(move |request| Reply::range(body(&files, request), request.from));
    let home = home();
    let elsewhere = home.path().join("elsewhere");
    let part = home.path().join("pictures-pictures.tar.gz.part");
    std::os::unix::fs::symlink("elsewhere", &part).expect("links are possible");
    for content in [None, Some("somebody's")] {
        content.iter().for_each(|content| fs::write(&elsewhere, content).expect("writable"));
        let error = fetch_from(&server, &entry, home.path()).expect_err("a link").to_string();
        assert!(error.contains("pictures-pictures.tar.gz.part is a link") && error.contains("remove it"), "{error}");
        assert_eq!(fs::read_to_string(&elsewhere).ok().as_deref(), content);
    }
    assert!(part.is_symlink() && server.seen().is_empty());
}

#[test]
fn a_range_that_is_not_there_starts_over() {
    let (entry, files) = pictures();
    let home = home();
    fs::write(home.path().join("pictures-pictures.tar.gz.part"), noise(10)).expect("writable");
    let server = Server::start(move |request| match request.from {
        Some(_) => Reply::status("416 Range Not Satisfiable"),
        None => Reply::whole(body(&files, request)),
    });
    fetch_from(&server, &entry, home.path()).expect("it starts over");
    assert_whole(&entry, home.path());
}

#[test]
fn an_answer_that_begins_elsewhere_is_refused() {
    let (entry, files) = pictures();
    let home = home();
    fs::write(home.path().join("pictures-pictures.tar.gz.part"), &files[0].1[..10]).expect("writable");
    let server = Server::start(move |request| Reply::range(body(&files, request), Some(20)));
    let error = format!("{:#}", fetch_from(&server, &entry, home.path()).expect_err("a gap"));
    assert!(error.contains("a different part than requested (bytes 20-"), "{error}");
}

#[test]
fn a_damaged_set_is_replaced_and_packed_files_are_read() {
    let (entry, files) = digits();
    let home = home();
    let folder = home.path().join("digits");
    fs::create_dir(&folder).expect("writable");
    for (name, bytes) in &files {
        fs::write(folder.join(name), bytes).expect("writable");
    }
    assert_eq!(load(&entry, &entry.train, &folder).expect("packed files are read").len(), 3);
    fs::write(folder.join("test-images"), b"short").expect("writable");
    let found = problem(&folder, &entry.test.files[0]).expect("readable");
    assert_eq!(found.as_deref(), Some("has 5 bytes, not 56"));
    let server = Server::start(move |request| Reply::whole(body(&files, request)));
    fetch_from(&server, &entry, home.path()).expect("a good server");
    assert!(entry.files().all(|file| problem(&folder, file).expect("readable").is_none()));
}

#[test]
fn the_catalog_is_consistent() {
    for entry in &CATALOG {
        assert!(entry.base.ends_with('/') && Entry::named(entry.name).is_some(), "{}", entry.name);
        let sums = entry.archives.iter().map(|a| a.sha256).chain(entry.files().map(|file| file.sha256));
        assert!(sums.into_iter().all(|sum| sum.len() == 64 && sum.bytes().all(|b| b"0123456789abcdef".contains(&b))));
        for split in entry.splits() {
            let bytes: u64 = split.files.iter().map(|file| file.bytes).sum();
            let per_image = match entry.form {
                Form::Cifar(Labels::Cifar10) => 3073,
                Form::Cifar(_) => 3074,
                Form::Idx { .. } => 28 * 28 + 1,
            };
            let headers = if matches!(entry.form, Form::Idx { .. }) { 24 } else { 0 };
            assert_eq!(bytes, split.images as u64 * per_image + headers, "{} {}", entry.name, split.name);
        }
    }
}
