use proptest::collection::vec;
use proptest::prelude::*;
use tilewright::dataset::cifar::{self, Labels};
use tilewright::dataset::idx::{self, File};
use tilewright::dataset::{Dataset, DatasetError, Normalization};

const KINDS: [Labels; 3] = [Labels::Cifar10, Labels::Cifar100Fine, Labels::Cifar100Coarse];

/// The CIFAR form of a set, written independently of the reader.
fn cifar_bytes(kind: Labels, set: &Dataset) -> Vec<u8> {
    let own = |image: usize| set.label(image) as u8;
    let label = |image: usize| match kind {
        Labels::Cifar10 => vec![own(image)],
        Labels::Cifar100Fine => vec![19, own(image)],
        Labels::Cifar100Coarse => vec![own(image), 99],
    };
    (0..set.len()).flat_map(|image| [label(image), set.bytes(image)].concat()).collect()
}

/// An IDX file of unsigned bytes.
fn idx_bytes(axes: &[usize], values: &[u8]) -> Vec<u8> {
    let header = axes.iter().flat_map(|&length| u32::try_from(length).expect("a small set").to_be_bytes());
    [0, 0, 8, u8::try_from(axes.len()).expect("few axes")]
        .into_iter()
        .chain(header)
        .chain(values.iter().copied())
        .collect()
}

fn read_idx(images: &[u8], labels: &[u8], classes: usize) -> Result<Dataset, DatasetError> {
    idx::read(File { name: "images", bytes: images }, File { name: "labels", bytes: labels }, classes)
}

/// Sets of small images in up to 20 classes.
fn sets(shape: [usize; 3], classes: usize) -> impl Strategy<Value = Dataset> {
    let per_image = shape.iter().product::<usize>();
    (1usize..4).prop_flat_map(move |images| {
        let labels = vec(0..u8::try_from(classes).expect("few classes"), images);
        (vec(any::<u8>(), images * per_image), labels)
            .prop_map(move |(pixels, labels)| Dataset::new("set", shape, pixels, labels, classes).expect("sound"))
    })
}

proptest! {
    #[test]
    fn a_cifar_file_gives_back_what_was_written(kind in prop::sample::select(&KINDS), set in sets(cifar::SHAPE, 10)) {
        let read = cifar::read(kind, "file", &cifar_bytes(kind, &set)).expect("well-formed");
        prop_assert_eq!(read.classes(), kind.classes());
        prop_assert_eq!(read.labels(), set.labels());
        prop_assert!((0..set.len()).all(|image| read.bytes(image) == set.bytes(image)));
    }

    #[test]
    fn an_idx_file_gives_back_what_was_written(
        set in (1usize..6, 1usize..6).prop_flat_map(|(height, width)| sets([1, height, width], 10)),
    ) {
        let [height, width] = [set.shape()[1], set.shape()[2]];
        let labels: Vec<u8> = set.labels().iter().map(|&label| label as u8).collect();
        let pixels: Vec<u8> = (0..set.len()).flat_map(|image| set.bytes(image)).collect();
        let images = idx_bytes(&[set.len(), height, width], &pixels);
        let read = read_idx(&images, &idx_bytes(&[set.len()], &labels), 10).expect("well-formed");
        prop_assert_eq!(read.named("set"), set);
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in vec(any::<u8>(), 0..7000), header in 0usize..20, cut in any::<usize>()) {
        for kind in KINDS {
            if let Ok(set) = cifar::read(kind, "file", &bytes) {
                prop_assert_eq!(set.verify(), Ok(()));
            }
        }
        // Bytes that begin well get further into the reader.
        let sound = idx_bytes(&[2, 3, 4], &[0; 24]);
        let header = header.min(sound.len());
        let mixed = [&sound[..header], &bytes].concat();
        let labels = idx_bytes(&[2], &[1, 2]);
        for images in [&bytes[..], &mixed, &sound[..cut % sound.len()]] {
            for read in [read_idx(images, &labels, 10), read_idx(&sound, images, 10)] {
                prop_assert!(read.is_err() || read.is_ok_and(|set| set.verify().is_ok()));
            }
        }
    }

    #[test]
    fn every_cut_of_a_sound_file_is_refused(cut in 0usize..2 * 3073, kept in 0usize..40) {
        prop_assume!(cut != 3073);
        prop_assert!(cifar::read(Labels::Cifar10, "file", &vec![0; cut]).is_err());
        let (images, labels) = (idx_bytes(&[2, 3, 4], &[0; 24]), idx_bytes(&[2], &[0; 2]));
        if kept < images.len() {
            prop_assert!(read_idx(&images[..kept], &labels, 10).is_err());
        }
        if kept < labels.len() {
            prop_assert!(read_idx(&images, &labels[..kept], 10).is_err());
        }
    }
}

#[test]
fn refusals_name_file_finding_and_remedy() {
    let labels = idx_bytes(&[2], &[1, 2]);
    let images = idx_bytes(&[2, 3, 4], &[0; 24]);
    let mut wrong_fine = vec![0; 3074];
    wrong_fine[1] = 100;
    let huge = idx_bytes(&[u32::MAX as usize; 3], &[]);
    for (found, expected) in [
        (
            cifar::read(Labels::Cifar10, "b.bin", &[0; 3072]),
            "b.bin has 3072 bytes; a record has 3073 bytes, and a file one whole record or more",
        ),
        (
            cifar::read(Labels::Cifar10, "b.bin", &[10; 3073]),
            "b.bin labels image 0 (from 0) with 10; labels are 0 to 9",
        ),
        (
            cifar::read(Labels::Cifar100Coarse, "b.bin", &wrong_fine),
            "b.bin labels image 0 (from 0) with 100; labels are 0 to 99",
        ),
        (
            read_idx(&labels, &labels, 10),
            "images begins with 0x00000801, not with 0x00000803 (unsigned bytes on three axes); give an IDX file of that kind",
        ),
        (
            read_idx(&[0x1f, 0x8b, 8, 0], &labels, 10),
            "images begins with 0x1f8b0800, not with 0x00000803 (unsigned bytes on three axes); unpack it with gzip first",
        ),
        (
            read_idx(&images[..39], &labels, 10),
            "images has 39 bytes; its header of 16 announces 24 values of one byte after it",
        ),
        (read_idx(&images[..15], &labels, 10), "images has 15 bytes; its header alone has 16"),
        (
            read_idx(&huge, &labels, 10),
            "images has 16 bytes; its header of 16 announces 79228162458924105385300197375 values of one byte after it",
        ),
        (read_idx(&images, &labels, 2), "labels labels image 1 (from 0) with 2; labels are 0 to 1"),
        (read_idx(&images, &idx_bytes(&[1], &[1]), 10), "labels has 1 labels; images has 2 images, and each has one"),
        (
            read_idx(&idx_bytes(&[2, 0, 4], &[]), &labels, 10),
            "images has images of 1×0×4; every axis needs at least one pixel",
        ),
        (
            read_idx(&idx_bytes(&[0, 3, 4], &[]), &idx_bytes(&[0], &[]), 10),
            "images has no images; at least one is needed",
        ),
    ] {
        assert_eq!(found.expect_err(expected).to_string(), expected);
    }
}

#[test]
fn batches_of_one_kind_make_one_set() {
    let read = |label: u8| cifar::read(Labels::Cifar10, "b.bin", &vec![label; 3073]).expect("one record");
    let mut set = read(3);
    set.append(&read(5)).expect("the same kind");
    assert_eq!((set.labels(), set.class_counts()[5]), (&[3, 5][..], 1));
    assert_eq!((set.bytes(0)[0], set.bytes(1)[3071]), (3, 5));
    let other = cifar::read(Labels::Cifar100Fine, "c.bin", &[0; 3074]).expect("one record");
    let error = set.append(&other).expect_err("other classes").to_string();
    assert!(error.starts_with("c.bin has images of 3×32×32 in 100 classes; b.bin has"), "{error}");
}

#[test]
fn images_are_normalised_channel_by_channel() {
    let set = Dataset::new("set", [2, 1, 2], vec![0, 255, 51, 204], [0u8], 1).expect("sound");
    let normalization = Normalization { mean: vec![0.5, 0.2].into(), std: vec![0.5, 0.1].into() };
    let image = set.image(0, &normalization);
    assert_eq!(image.shape(), [2, 1, 2]);
    for (found, expected) in image.values().iter().zip([-1.0, 1.0, 0.0, 6.0]) {
        assert!((found - expected).abs() < 1e-5, "{image:?}");
    }
    let measured = Normalization::measure(&set);
    for (found, expected) in measured.mean.iter().chain(measured.std.iter()).zip([0.5, 0.5, 0.5, 0.3]) {
        assert!((found - expected).abs() < 1e-6, "{measured:?}");
    }
}
