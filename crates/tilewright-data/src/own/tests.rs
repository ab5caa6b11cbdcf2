//! Against what Pillow, torchvision and numpy made of the same files (`tests/fixtures/make.py`), and refusals.

use super::npy::{self, Array, Numbers};
use super::picture::Picture;
use super::{Own, Preparation, Resize, Wanted};
use std::fs;
use std::path::{Path, PathBuf};
use tilewright::dataset::{Dataset, Normalization};

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)
}

fn bytes(name: &str) -> Vec<u8> {
    fs::read(fixture(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn picture(name: &str) -> Picture {
    Picture::decode(&bytes(name)).unwrap_or_else(|error| panic!("{name}: {error:#}"))
}

#[test]
fn pictures_are_decoded_as_pillow_decodes_them() {
    for (file, expected, channels) in [
        ("rgb.png", "rgb.bin", 3),
        ("grey.png", "grey.bin", 1),
        ("palette.png", "palette.bin", 3),
        ("rgba.png", "rgb.bin", 3),
        ("lossless.webp", "rgb.bin", 3),
    ] {
        let Picture { height, width, channels: found, pixels } = picture(file);
        assert_eq!((height, width, found), (37, 23, channels), "{file}");
        assert_eq!(pixels, bytes(expected), "{file}");
    }
    // Decoders of JPEG round differently.
    for (file, expected) in [("colour.jpg", "colour.bin"), ("grey.jpg", "grey-jpeg.bin")] {
        let found = picture(file).pixels;
        let expected = bytes(expected);
        assert_eq!(found.len(), expected.len(), "{file}");
        let farthest = found.iter().zip(&expected).map(|(&a, &b)| a.abs_diff(b)).max();
        assert!(farthest <= Some(2), "{file}: {farthest:?}");
    }
}

#[test]
fn grey_is_pillows_and_planes_follow_one_another() {
    let colours = picture("rgb.png");
    assert_eq!(colours.clone().with_channels(1).pixels, bytes("grey.bin"));
    let planes: Vec<u8> = colours.planes().collect();
    assert_eq!(
        (planes[1], planes[37 * 23], planes[2 * 37 * 23 + 22]),
        (colours.pixels[3], colours.pixels[1], colours.pixels[68])
    );
    let grey = picture("grey.png");
    assert_eq!(grey.clone().with_channels(3).with_channels(1), grey);
}

#[test]
fn pictures_are_prepared_as_torchvision_prepares_them() {
    let none = Preparation::default();
    for (preparation, expected) in [
        (Preparation { resize: Some(Resize::Shorter(17)), ..none }, "shorter-17"),
        (Preparation { resize: Some(Resize::Shorter(30)), ..none }, "shorter-30"),
        (Preparation { resize: Some(Resize::Exactly([40, 11])), ..none }, "exactly-40x11"),
        (Preparation { crop: Some([20, 18]), ..none }, "crop-20x18"),
        (Preparation { resize: Some(Resize::Shorter(20)), crop: Some([16, 16]), pad: Some([2, 1]) }, "all"),
    ] {
        let found = preparation.of(picture("rgb.png")).expect("it fits");
        assert_eq!(found.pixels, bytes(&format!("{expected}.bin")), "{expected}");
    }
    let error =
        Preparation { crop: Some([24, 24]), ..none }.of(picture("rgb.png")).expect_err("too narrow").to_string();
    assert!(error.contains("37×23 pixels") && error.contains("--resize"), "{error}");
}

#[test]
fn arrays_are_numpys() {
    let numbers: Vec<f32> = (0..24).map(|number| (number as f32 - 5.0) / 4.0).collect();
    let expected = Array { shape: vec![2, 3, 4], numbers: Numbers::Reals(numbers) };
    for file in ["float32", "float64-fortran", "float16", "float32-big-endian"] {
        let found = npy::read(&bytes(&format!("{file}.npy"))).unwrap_or_else(|error| panic!("{file}: {error:#}"));
        assert_eq!(found, [(String::new(), expected.clone())], "{file}");
    }
    let labels = Array { shape: vec![2], numbers: Numbers::Integers(vec![1, 0]) };
    assert_eq!(npy::read(&bytes("packed.npz")).expect("an archive"), [("x".into(), expected), ("y".into(), labels)]);
    let integers = &npy::read(&bytes("int16.npy")).expect("an array")[0].1.numbers;
    assert_eq!(*integers, Numbers::Integers((-5..19).collect()));
    let stored = npy::read(&bytes("stored.npz")).expect("an archive");
    assert_eq!(stored[0].1.numbers, Numbers::Bytes((0..24).collect()));
}

#[test]
fn what_is_no_array_of_numbers_is_refused() {
    let refused = |bytes: &[u8]| format!("{:#}", npy::read(bytes).expect_err("no array"));
    assert!(refused(&bytes("objects.npy")).contains("its type is |O; give uint8"));
    assert!(refused(b"x").contains("not a NumPy array"));
    let whole = bytes("float32.npy");
    assert!(refused(&whole[..whole.len() - 1]).contains("95 bytes of values; [2, 3, 4] of <f4 takes 96"));
    assert!(refused(&[whole.clone(), vec![0]].concat()).contains("97 or more"));
    assert!(refused(&bytes("packed.npz")[..200]).len() > 10);
    // Any byte changed is read or refused.
    for at in 0..whole.len() {
        for file in ["float32.npy", "packed.npz"] {
            let mut changed = bytes(file);
            changed[at % whole.len()] ^= 0x15;
            drop(npy::read(&changed));
        }
    }
}

fn wanted<'a>(input: &'a [usize], classes: usize) -> Wanted<'a> {
    Wanted { network: "net", input, classes: Some(classes), limit: usize::MAX }
}

fn read(own: &Own, wanted: &Wanted<'_>) -> Result<Dataset, String> {
    own.read(wanted).map_err(|error| format!("{error:#}"))
}

/// Two classes, `b` with two pictures and `a` with one, beside files that are no pictures.
fn classes() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder for the test");
    for (class, name, file) in [("b", "1.png", "rgb.png"), ("b", "0.PNG", "grey.png"), ("a", "2.jpeg", "lossless.webp")]
    {
        fs::create_dir_all(folder.path().join(class)).expect("writable");
        fs::write(folder.path().join(class).join(name), bytes(file)).expect("writable");
    }
    fs::write(folder.path().join("b/notes.txt"), "no picture").expect("writable");
    folder
}

#[test]
fn a_folder_is_read_class_by_class_in_turn() {
    let folder = classes();
    let own = Own { path: folder.path().into(), ..Own::default() };
    let set = read(&own, &wanted(&[3, 37, 23], 2)).expect("three pictures");
    assert_eq!((set.shape(), set.labels()), (&[3, 37, 23][..], &[0, 1, 1][..]));
    let rgb: Vec<u8> = picture("rgb.png").planes().collect();
    assert_eq!((set.bytes(0), set.bytes(2)), (rgb.clone(), rgb));
    assert_eq!(set.bytes(1), [bytes("grey.bin"), bytes("grey.bin"), bytes("grey.bin")].concat());
    let few = read(&own, &Wanted { limit: 2, ..wanted(&[1, 37, 23], 2) }).expect("two pictures");
    assert_eq!((few.labels(), few.bytes(0)), (&[0, 1][..], bytes("grey.bin")));
    // Channels last, without an axis for channels, and in a vector.
    let last = read(&own, &wanted(&[37, 23, 3], 2)).expect("three pictures");
    assert_eq!((last.bytes(0), last.channels()), (bytes("rgb.bin"), 3));
    assert_eq!(read(&own, &wanted(&[37, 23], 2)).expect("three").bytes(0), bytes("grey.bin"));
    assert_eq!(read(&own, &wanted(&[37 * 23], 2)).expect("three").bytes(0), bytes("grey.bin"));
    let unlabelled = Wanted { classes: None, ..wanted(&[1, 37, 23], 2) };
    assert_eq!(read(&own, &unlabelled).expect("three pictures").labels(), [0, 0, 0]);
}

#[test]
fn labels_in_a_file_go_by_name_or_by_order() {
    let folder = classes();
    let file = folder.path().join(".labels");
    let own = Own { path: folder.path().into(), labels: Some(file.clone()), ..Own::default() };
    let labelled = |text: &str| {
        fs::write(&file, text).expect("writable");
        read(&own, &wanted(&[1, 37, 23], 3)).map(|set| set.labels().to_vec())
    };
    assert_eq!(labelled("1.png 2\n2.jpeg 1\n0.PNG 0\n"), Ok(vec![1, 0, 2]));
    assert_eq!(labelled("0\n2\n1\n"), Ok(vec![0, 2, 1]));
    assert_eq!(labelled("1.png,2\n2.jpeg,1\n0.PNG,0\n"), Ok(vec![1, 0, 2]));
    for (text, part) in [
        ("0\n2\n", "has 2 labels, and there are 3 images"),
        ("0\n3\n1\n", "labels image 1 (from 0) with 3; the network distinguishes 3 classes: labels are 0 to 2"),
        ("0\n-1\n1\n", "with -1"),
        ("1.png 2\n2.jpeg 1\n", "has no label of"),
        ("1.png 2\n1.png 1\n", "line 2 names 1.png again"),
        ("1.png x\n", "line 1 is \"1.png x\""),
        ("1.png 1\n2\n", "some lines name a file"),
        ("", "it is empty"),
    ] {
        let error = labelled(text).expect_err(text);
        assert!(error.contains(part), "{text:?}: {error}");
    }
}

#[test]
fn folders_that_cannot_be_read_are_refused() {
    let folder = classes();
    let own = Own { path: folder.path().into(), ..Own::default() };
    let refused = |own: &Own, input: &[usize], classes: usize, parts: &[&str]| {
        let error = read(own, &wanted(input, classes)).expect_err("not these");
        assert!(parts.iter().all(|part| error.contains(part)), "{error}");
    };
    refused(&own, &[3, 37, 23], 10, &["has 2 folders", "tells 10 apart", "--labels"]);
    refused(&own, &[3, 32, 32], 2, &["2.jpeg is 37×23 pixels", "net takes 3×32×32", "--resize"]);
    refused(&own, &[4, 37, 23], 2, &["takes 4×37×23"]);
    refused(&Own { channels_last: true, ..own.clone() }, &[3, 37, 23], 2, &["--channels-last applies to arrays"]);
    refused(&Own { path: folder.path().join("b"), ..Own::default() }, &[3, 37, 23], 2, &["has images", "--labels"]);
    refused(&Own { path: folder.path().join("none"), ..Own::default() }, &[3, 37, 23], 2, &["cannot read", "none"]);
    fs::write(folder.path().join("b/1.png"), &bytes("rgb.png")[..300]).expect("writable");
    refused(&own, &[3, 37, 23], 2, &["cannot use the image", "1.png"]);
    fs::write(folder.path().join("b/1.png"), b"hello").expect("writable");
    refused(&own, &[3, 37, 23], 2, &["1.png: it is not a PNG, JPEG or WebP file"]);
    fs::write(folder.path().join("b/1.png"), b"").expect("writable");
    refused(&own, &[3, 37, 23], 2, &["1.png: it is empty"]);
    fs::rename(folder.path().join("b/1.png"), folder.path().join("b/1.bmp")).expect("writable");
    refused(&own, &[3, 37, 23], 2, &["1.bmp is not a PNG"]);
    fs::remove_file(folder.path().join("a/2.jpeg")).expect("writable");
    refused(&own, &[3, 37, 23], 2, &["has no PNG, JPEG or WebP file, and is a class"]);
    let empty = tempfile::tempdir().expect("a folder for the test");
    refused(&Own { path: empty.path().into(), ..Own::default() }, &[3, 37, 23], 2, &["is empty"]);
}

#[test]
fn cut_pictures_never_break_anything() {
    for file in ["rgb.png", "palette.png", "colour.jpg", "grey.jpg", "lossless.webp"] {
        let whole = bytes(file);
        for length in (0..whole.len()).step_by(7) {
            assert!(Picture::decode(&whole[..length]).is_err() || length > 20, "{file} cut to {length} bytes");
            let mut changed = whole.clone();
            changed[length] ^= 0x55;
            drop(Picture::decode(&changed));
        }
    }
}

#[test]
fn arrays_become_sets_with_labels_inside_or_beside() {
    let of = |name: &str| Own { path: fixture(name), ..Own::default() };
    let packed = read(&of("packed.npz"), &wanted(&[3, 4], 2)).expect("two images");
    assert_eq!((packed.labels(), packed.shape()), (&[1, 0][..], &[3, 4][..]));
    let first = packed.image(0, &Normalization::identity(1));
    assert_eq!(first.values()[..2], [-1.25, -1.0]);
    let stored = read(&of("stored.npz"), &wanted(&[1, 3, 4], 2)).expect("two images");
    assert_eq!((stored.shape(), stored.bytes(1)), (&[1, 3, 4][..], (12..24).collect()));
    // Rows of four pixels are the channels of an image of one axis and three channels.
    let folder = tempfile::tempdir().expect("a folder for the test");
    let labels = folder.path().join("y.txt");
    fs::write(&labels, "0\n1\n").expect("writable");
    let beside = Own { labels: Some(labels.clone()), ..of("float32.npy") };
    assert_eq!(read(&beside, &wanted(&[12], 2)).expect("two images").labels(), [0, 1]);
    for (own, part) in [
        (of("float32.npy"), "has no labels; give --labels FILE"),
        (Own { labels: Some(labels), ..of("packed.npz") }, "has labels itself"),
        (Own { labels: Some(fixture("int16.npy")), ..of("float32.npy") }, "labels of shape [2, 3, 4]"),
        (of("int16.npy"), "whole numbers of more than 8 bits"),
        (
            Own { preparation: Preparation { pad: Some([1, 1]), ..Preparation::default() }, ..of("packed.npz") },
            "are of pictures",
        ),
    ] {
        let error = read(&own, &wanted(&[3, 4], 2)).expect_err(part);
        assert!(error.contains(part), "{error}");
    }
}
