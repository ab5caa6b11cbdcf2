//! A user's own images: the same counts as the data set they are made from, and what is refused.

use crate::command::{refused, succeed, tilewright};
use crate::evaluate::folder as data_folder;
use serde_json::Value;
use std::fs::{self, File};
use std::path::Path;
use tilewright::network::reference::float;
use tilewright_data::catalog::Entry;
use tilewright_data::own::{Own, Wanted};

/// Writes a picture.
fn png(path: &Path, colour: png::ColorType, side: u32, pixels: &[u8]) {
    let mut encoder = png::Encoder::new(File::create(path).expect("writable"), side, side);
    encoder.set_color(colour);
    let mut writer = encoder.write_header().expect("writable");
    writer.write_image_data(pixels).expect("as many pixels");
}

/// Two grey pictures of 28×28 pixels of noise for each of ten classes.
pub(crate) fn grey(folder: &Path, seed: u32) {
    let mut state = seed;
    let mut noise = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    for class in 0..10 {
        let class = folder.join(class.to_string());
        fs::create_dir_all(&class).expect("writable");
        for number in 0..2 {
            let blocks: Vec<u8> = (0..49).map(|_| noise()).collect();
            let pixels: Vec<u8> = (0..784).map(|at| blocks[at / 28 / 4 * 7 + at % 28 / 4]).collect();
            png(&class.join(format!("{number}.png")), png::ColorType::Grayscale, 28, &pixels);
        }
    }
}

fn json(command: &str) -> Value {
    serde_json::from_str(&succeed(&mut tilewright(command))).expect("JSON")
}

#[test]
fn a_folder_of_cifar10_gives_the_count_of_the_data_set() {
    let entry = Entry::named("cifar10").expect("it is in the catalog");
    let Some(data) = data_folder(entry) else { return };
    let set = tilewright_data::load(entry, &entry.test, &data).unwrap_or_else(|error| panic!("{error:#}"));
    let folder = tempfile::tempdir().expect("a folder for the test");
    const IMAGES: usize = 200;
    for image in 0..IMAGES {
        let class = folder.path().join(set.label(image).to_string());
        fs::create_dir_all(&class).expect("writable");
        let planes = set.bytes(image);
        let pixels: Vec<u8> = (0..1024).flat_map(|pixel| [0, 1024, 2048].map(|plane| planes[plane + pixel])).collect();
        png(&class.join(format!("{image}.png")), png::ColorType::Rgb, 32, &pixels);
    }
    let own = json(&format!("evaluate resnet8-3d-int8 --images {} --confusion --format json", folder.path().display()));
    let published =
        json(&format!("evaluate resnet8-3d-int8 --limit {IMAGES} --confusion --format json --data {}", data.display()));
    for key in ["top1", "top", "confusion", "mean", "std"] {
        assert_eq!(own[key], published[key], "{key}");
    }
    assert_eq!(own["images"], folder.path().display().to_string());
}

/// The bytes of an array of an archive, behind its header of 128 bytes; the header says `shape`.
pub(crate) fn array(archive: &[u8], name: &str, shape: &str) -> Vec<u8> {
    let archive = rawzip::ZipArchive::from_slice(archive).expect("an archive");
    let mut entries = archive.entries();
    while let Some(entry) = entries.next_entry().expect("a directory") {
        let stored = archive.get_entry(entry.wayfinder()).expect("an entry");
        if String::from_utf8_lossy(entry.file_path().as_ref()) == name {
            let data = stored.data();
            assert!(String::from_utf8_lossy(&data[..128]).contains(shape), "{name}");
            return data[128..].to_vec();
        }
    }
    panic!("no array {name}");
}

/// Writes an NPY file.
pub(crate) fn npy(path: &Path, kind: &str, shape: &str, bytes: &[u8]) {
    let header = format!("{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}");
    let header = format!("{header:<117}\n");
    fs::write(path, [b"\x93NUMPY\x01\x00\x76\x00", header.as_bytes(), bytes].concat()).expect("writable");
}

/// Labels that the outputs themselves give are all right, and outputs themselves no error; a label turned and a number moved are told.
#[test]
fn labels_say_what_is_measured() {
    let folder = tempfile::tempdir().expect("a folder for the test");
    grey(folder.path(), 1);
    let [kept, labels] = ["kept.npz", "y.npy"].map(|name| folder.path().join(format!(".{name}")));
    let own = format!("evaluate lenet5-fashion --images {}", folder.path().display());
    let labelled = format!("{own} --labels {} --format json", labels.display());
    let numbers = |values: &[f32]| values.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<u8>>();
    npy(&labels, "<f4", "(20, 10)", &numbers(&[0.0; 200]));
    json(&format!("{labelled} --outputs {}", kept.display()));
    let archive = fs::read(&kept).expect("written");
    let outputs = array(&archive, "outputs.npy", "(20, 10)");
    let mut outputs: Vec<f32> = outputs.as_chunks().0.iter().map(|&value| f32::from_le_bytes(value)).collect();
    outputs[7] += 2.0;
    npy(&labels, "<f4", "(20, 10)", &numbers(&outputs));
    let found = json(&labelled);
    assert_eq!(found["measure"], "mean-squared-error");
    let error = found["mean_squared_error"].as_f64().expect("a number");
    assert!((error - 4.0 / 200.0).abs() < 1e-6, "{error}");
    outputs[7] -= 2.0;
    let mut taken: Vec<u8> = outputs.iter().map(|&score| u8::from(score > 0.0)).collect();
    npy(&labels, "|u1", "(20, 10)", &taken);
    let found = json(&labelled);
    assert_eq!((&found["measure"], &found["micro_f1"], &found["threshold"]), (&"f1".into(), &1.0.into(), &0.0.into()));
    let all = taken.iter().map(|&label| u64::from(label)).sum::<u64>();
    taken[13] = 1 - taken[13];
    npy(&labels, "|i1", "(20, 10)", &taken);
    let found = json(&labelled);
    let (right, other) = if taken[13] == 1 { (all, 1) } else { (all - 1, 1) };
    let f1 = (2 * right) as f64 / (2 * right + other) as f64;
    assert_eq!((&found["micro_f1"], &found["exact"]["correct"]), (&f1.into(), &19.into()));
    let words = succeed(&mut tilewright(&labelled.replace("--format json", "")));
    assert!(words.contains("each image has several labels") && words.contains("F1 of all labels together"), "{words}");
    for (kind, shape, bytes, parts) in [
        ("|u1", "(20, 10)", vec![2; 200], ["has 2 for label 0 of image 0", "give 0 or 1"]),
        ("|u1", "(20, 9)", vec![1; 180], ["has 9 labels an image", "yields 10 scores"]),
        ("<f4", "(20,)", numbers(&[1.0; 20]), ["floating point, 1 an image", "astype(\"int64\")"]),
        ("<f4", "(20, 10)", numbers(&[f32::NAN; 200]), ["has NaN for image 0", "finite"]),
        ("|u1", "(19, 10)", vec![1; 190], ["has 20 images", "labels are of 19"]),
    ] {
        npy(&labels, kind, shape, &bytes);
        refused(&mut tilewright(&labelled), &parts);
    }
    npy(&labels, "|u1", "(20, 10)", &[1; 200]);
    refused(&mut tilewright(&format!("{labelled} --top 3")), &["--top changes nothing here", "several labels"]);
    let simulated = labelled.replace("evaluate lenet5-fashion", "simulate lenet5-fashion-int8");
    refused(&mut tilewright(&simulated), &["labels of shape [20, 10]", "one whole number per image"]);
}

#[test]
fn outputs_are_those_of_the_reference_executor() {
    let folder = tempfile::tempdir().expect("a folder for the test");
    grey(folder.path(), 1);
    let file = folder.path().join(".outputs.npz");
    let command = format!("evaluate lenet5-fashion --images {} --outputs {}", folder.path().display(), file.display());
    json(&format!("{command} --format json"));
    let archive = fs::read(&file).expect("written");
    let outputs = array(&archive, "outputs.npy", "(20, 10)");
    let outputs: Vec<f32> = outputs.as_chunks().0.iter().map(|&value| f32::from_le_bytes(value)).collect();
    let labels = array(&archive, "labels.npy", "(20,)");
    assert_eq!((labels.len(), &labels[4..12]), (80, &[1, 0, 0, 0, 2, 0, 0, 0][..]));
    let (trained, precision) = tilewright_models::trained::find("lenet5-fashion").expect("it is built in");
    let network = trained.network(precision).expect("it is built in");
    let normalization = trained.card().expect("it is built in").normalization();
    let own = Own { path: folder.path().into(), ..Own::default() };
    let wanted = Wanted { network: "net", input: &[1, 28, 28], classes: Some(10), limit: usize::MAX };
    let set = own.read(&wanted).expect("pictures");
    for (image, scores) in outputs.chunks(10).enumerate() {
        let all = float::run(&network, &set.image(image, &normalization)).expect("it has weights");
        let expected = all.last().expect("scores").values();
        let differ = scores.iter().zip(expected).any(|(a, b)| (a - b).abs() > 1e-4);
        assert!(!differ, "image {image}: {scores:?}, not {expected:?}");
    }
    refused(&mut tilewright(&format!("{command} -o {}", file.display())), &["--outputs", "give another name"]);
    let nowhere = folder.path().join("none/outputs.npz");
    refused(&mut tilewright(&format!("evaluate lenet5-fashion --outputs {}", nowhere.display())), &["cannot write"]);
}

#[test]
fn chips_see_the_same_in_a_folder_and_in_an_array() {
    let folder = tempfile::tempdir().expect("a folder for the test");
    grey(folder.path(), 1);
    let place = folder.path().display();
    let of = |images: &str| {
        let own = json(&format!(
            "simulate lenet5-fashion --scheme im2col --images {images} --calibration-images {place} --limit 20 --adc-bits 5 \
             --layer-images 4 --format json"
        ));
        (own["runs"][0]["chips"].clone(), own["runs"][0]["layers"].clone())
    };
    let array = folder.path().join(".x.npy");
    let mut pixels = vec![];
    for number in 0..2 {
        for class in 0..10 {
            let file = fs::read(folder.path().join(format!("{class}/{number}.png"))).expect("readable");
            let mut reader = png::Decoder::new(std::io::Cursor::new(file)).read_info().expect("a picture");
            let mut bytes = vec![0; 784];
            reader.next_frame(&mut bytes).expect("a picture");
            pixels.extend(bytes);
        }
    }
    npy(&array, "|u1", "(20, 28, 28)", &pixels);
    let labels = folder.path().join(".y.txt");
    fs::write(&labels, (0..20).map(|image| format!("{}\n", image % 10)).collect::<String>()).expect("writable");
    assert_eq!(of(&place.to_string()), of(&format!("{} --labels {}", array.display(), labels.display())));
}

#[test]
fn what_does_not_go_together_is_refused() {
    let folder = tempfile::tempdir().expect("a folder for the test");
    grey(folder.path(), 1);
    let own = format!("--images {}", folder.path().display());
    let of = |command: &str, parts: &[&str]| refused(&mut tilewright(&format!("{command} {own}")), parts);
    of("evaluate lenet5-fashion --set mnist", &["--set", "cannot be used with", "--images"]);
    of("evaluate resnet8-3d", &["is 28×28 pixels as it is shown, and resnet8-3d takes 3×32×32", "--resize"]);
    of("evaluate lenet5-fashion --resize 0", &["--resize", "1 to 16384"]);
    of("evaluate lenet5-fashion --mean 0.5,0.5 --std 1,1", &["2 channels", "has images of 1"]);
    of("simulate lenet5-fashion", &["nothing says what to calibrate on", "--calibration-images"]);
    of("simulate lenet5-fashion-int8 --adc-bits 5", &["--calibration-images"]);
    let idle = format!("simulate lenet5-fashion-int8 --calibration-images {}", folder.path().display());
    of(&idle, &["--calibration-images changes nothing here"]);
    refused(&mut tilewright("evaluate lenet5-fashion --labels y.npy"), &["--images"]);
    refused(&mut tilewright("evaluate lenet5-fashion --images missing.npy"), &["cannot read the images missing.npy"]);
}
