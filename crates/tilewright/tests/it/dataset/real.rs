use std::fs;
use std::path::{Path, PathBuf};
use tilewright::dataset::cifar::{self, Labels};
use tilewright::dataset::{Dataset, Normalization};

/// CIFAR-10 in the folder `TILEWRIGHT_DATA` names, or below it, or beside the repository; `None` says that it is not there.
fn cifar10() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let places = std::env::var_os("TILEWRIGHT_DATA").map(PathBuf::from).into_iter().chain([beside]);
    let folders = places.flat_map(|place| [place.join("cifar-10-batches-bin"), place]);
    let found = folders.into_iter().find(|folder| folder.join("test_batch.bin").is_file());
    if found.is_none() {
        eprintln!("skipped: CIFAR-10 is not here; set TILEWRIGHT_DATA, or get it with `tilewright data fetch cifar10`");
    }
    found
}

fn read(folder: &Path, file: &str) -> Dataset {
    let bytes = fs::read(folder.join(file)).expect("the set is whole");
    cifar::read(Labels::Cifar10, file, &bytes).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn the_test_images_of_cifar10() {
    let Some(folder) = cifar10() else { return };
    let set = read(&folder, "test_batch.bin");
    assert_eq!((set.len(), set.class_counts()), (10_000, vec![1_000; 10]));
    // The first test image is a cat.
    assert_eq!(set.label(0), 3);
}

#[test]
fn the_training_images_of_cifar10_have_the_published_mean_and_deviation() {
    let Some(folder) = cifar10() else { return };
    let mut set = read(&folder, "data_batch_1.bin");
    (2..=5).for_each(|batch| set.append(&read(&folder, &format!("data_batch_{batch}.bin"))).expect("the same kind"));
    assert_eq!((set.len(), set.class_counts()), (50_000, vec![5_000; 10]));
    let measured = Normalization::measure(&set);
    let published = Normalization::CIFAR10;
    for (found, expected) in measured.mean.iter().zip(&*published.mean).chain(measured.std.iter().zip(&*published.std))
    {
        assert!((found - expected).abs() < 6e-5, "{measured:?}");
    }
}
