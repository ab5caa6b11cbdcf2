//! Pictures in a folder.

use super::labels::{self, Labels};
use super::picture::Picture;
use super::{Own, Wanted};
use anyhow::{Context, Result, anyhow};
use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use tilewright::dataset::Dataset;

/// Bytes that all pictures of a set may take as they are shown.
const MOST: usize = 8 << 30;

/// Extensions of files that are read, and of those that are pictures of another kind.
const READ: [&str; 4] = ["png", "jpg", "jpeg", "webp"];
const OTHERS: [&str; 8] = ["bmp", "gif", "tif", "tiff", "ppm", "pgm", "heic", "avif"];

/// A picture's file, and its class where a folder tells it.
struct Listed {
    path: PathBuf,
    class: usize,
}

/// Reads a folder of pictures: with a folder a class, or with labels in a file.
pub(super) fn read(own: &Own, wanted: &Wanted<'_>) -> Result<Dataset> {
    let folder = own.path.display();
    if own.channels_last {
        return Err(anyhow!("{folder} is a folder, and --channels-last applies to arrays; leave it out"));
    }
    let (mut listed, labels, classes) = match (wanted.classes, &own.labels) {
        (None, None) => (in_turn(&all(&own.path)?), None, 1),
        (None, Some(_)) => (flat(&own.path)?, None, 1),
        (Some(classes), None) => (in_turn(&by_class(&own.path, classes)?), None, classes),
        (Some(classes), Some(labels)) => (flat(&own.path)?, Some(labels), classes),
    };
    if listed.is_empty() {
        return Err(anyhow!("{folder} has no PNG, JPEG or WebP file; name a folder of images"));
    }
    let labels = match labels {
        Some(file) => labels_of(&listed, file, classes)?,
        None if wanted.classes.is_none() => vec![0; listed.len()],
        None => listed.iter().map(|listed| listed.class as u32).collect(),
    };
    listed.truncate(wanted.limit);
    let pictures = decode(own, &listed, wanted)?;
    let shape = form(&pictures[0], wanted.input);
    let mut pixels: Vec<u8> = Vec::with_capacity(pictures.len() * shape.iter().product::<usize>());
    pictures.into_iter().for_each(|picture| pixels.extend(picture.planes()));
    let labels = labels.into_iter().take(listed.len());
    Ok(Dataset::new(folder.to_string(), shape, pixels, labels, classes)?)
}

fn form(Picture { height, width, channels, .. }: &Picture, input: &[usize]) -> Vec<usize> {
    if input == [*height, *width] { vec![*height, *width] } else { vec![*channels, *height, *width] }
}

/// The first of each class, the second of each class and so on: the first few images are of all classes.
fn in_turn(classes: &[Vec<PathBuf>]) -> Vec<Listed> {
    let most = classes.iter().map(Vec::len).max().unwrap_or(0);
    let of_turn = |turn: usize| {
        let nth = classes.iter().enumerate().filter_map(move |(class, files)| Some((class, files.get(turn)?)));
        nth.map(|(class, path)| Listed { path: path.clone(), class })
    };
    (0..most).flat_map(of_turn).collect()
}

/// Files by class; classes and files are sorted by name.
fn by_class(folder: &Path, classes: usize) -> Result<Vec<Vec<PathBuf>>> {
    let (folders, files) = entries(folder)?;
    if folders.is_empty() {
        let found = if files.is_empty() { "is empty" } else { "has images, and nothing says of which class they are" };
        return Err(anyhow!("{} {found}; put them into one folder per class, or give --labels FILE", folder.display()));
    }
    if folders.len() != classes {
        return Err(anyhow!(
            "{} has {} folders, of which each is a class, and the network tells {classes} apart; give a folder a class, or all images in \
             one folder and --labels FILE",
            folder.display(),
            folders.len()
        ));
    }
    let files = folders.iter().map(|class| {
        let files = below(class)?;
        if files.is_empty() {
            return Err(anyhow!(
                "{} has no PNG, JPEG or WebP file, and is a class; put images of it there",
                class.display()
            ));
        }
        Ok(files)
    });
    files.collect()
}

/// All files, by the folders they lie in, if any do.
fn all(folder: &Path) -> Result<Vec<Vec<PathBuf>>> {
    let (folders, files) = entries(folder)?;
    let below = folders.iter().map(|folder| below(folder)).collect::<Result<Vec<_>>>()?;
    Ok(below.into_iter().chain([files]).collect())
}

fn flat(folder: &Path) -> Result<Vec<Listed>> {
    Ok(below(folder)?.into_iter().map(|path| Listed { path, class: 0 }).collect())
}

/// All files in a folder and in those below it.
fn below(folder: &Path) -> Result<Vec<PathBuf>> {
    let (folders, mut files) = entries(folder)?;
    for folder in folders {
        files.extend(below(&folder)?);
    }
    Ok(files)
}

/// The folders and the pictures in a folder, sorted by name; those that begin with a dot are left out.
fn entries(folder: &Path) -> Result<(Vec<PathBuf>, Vec<PathBuf>)> {
    let unreadable = || format!("cannot read the folder {}", folder.display());
    let (mut folders, mut files) = (vec![], vec![]);
    for entry in fs::read_dir(folder).with_context(unreadable)? {
        let entry = entry.with_context(unreadable)?;
        let path = entry.path();
        if entry.file_name().as_encoded_bytes().starts_with(b".") {
            continue;
        }
        let extension = path.extension().map(|extension| extension.to_string_lossy().to_lowercase());
        let is_one_of = |names: &[&str]| extension.as_deref().is_some_and(|extension| names.contains(&extension));
        if path.is_dir() {
            folders.push(path);
        } else if is_one_of(&READ) {
            files.push(path);
        } else if is_one_of(&OTHERS) {
            return Err(anyhow!("{} is not a PNG, JPEG or WebP file; convert it to one of them", path.display()));
        }
    }
    folders.sort();
    files.sort();
    Ok((folders, files))
}

fn labels_of(listed: &[Listed], file: &Path, classes: usize) -> Result<Vec<u32>> {
    let name = file.display().to_string();
    let values = match Labels::read(file)? {
        Labels::InOrder(values) if values.len() == listed.len() => values,
        Labels::InOrder(values) => {
            return Err(anyhow!(
                "{name} has {} labels, and there are {} images; give each image one",
                values.len(),
                listed.len()
            ));
        }
        Labels::ByName(values) => {
            let of = |Listed { path, .. }: &Listed| {
                let own = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
                let label = values.get(&own).copied();
                label.ok_or_else(|| anyhow!("{name} has no label of {}; give each image one", path.display()))
            };
            listed.iter().map(of).collect::<Result<Vec<i64>>>()?
        }
    };
    labels::checked(&name, &values, classes)
}

/// The pictures as they are shown, on all cores; the first error in the order of the files.
fn decode(own: &Own, listed: &[Listed], wanted: &Wanted<'_>) -> Result<Vec<Picture>> {
    let size: usize = wanted.input.iter().product();
    if size.saturating_mul(listed.len()) > MOST {
        return Err(anyhow!(
            "{} has {} images, which take more than {} GB as {} are shown; give --limit",
            own.path.display(),
            listed.len(),
            MOST >> 30,
            wanted.network
        ));
    }
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let chunks = listed.chunks(listed.len().div_ceil(threads).max(1));
    let decode_all = |files: &[Listed]| files.iter().map(|file| one(own, file, wanted)).collect::<Result<Vec<_>>>();
    let decoded = thread::scope(|scope| {
        let running: Vec<_> = chunks.map(|files| scope.spawn(move || decode_all(files))).collect();
        running
            .into_iter()
            .map(|thread| thread.join().unwrap_or_else(|_| Err(anyhow!("a picture crashed its decoder"))))
            .collect::<Result<Vec<_>>>()
    })?;
    Ok(decoded.into_iter().flatten().collect())
}

fn one(own: &Own, Listed { path, .. }: &Listed, wanted: &Wanted<'_>) -> Result<Picture> {
    let unusable = || format!("cannot use the image {}", path.display());
    let bytes = fs::read(path).with_context(unusable)?;
    let picture = Picture::decode(&bytes).with_context(unusable)?;
    let picture = own.preparation.of(picture).with_context(unusable)?;
    let Picture { height, width, .. } = picture;
    let fits = [1, 3].into_iter().find(|&channels| is_taken([channels, height, width], wanted.input));
    let Some(channels) = fits else {
        let input = wanted.input.iter().map(ToString::to_string).collect::<Vec<_>>().join("×");
        return Err(anyhow!(
            "{} is {height}×{width} pixels as it is shown, and {} takes {input}; give --resize, --crop or --pad",
            path.display(),
            wanted.network
        ));
    };
    Ok(picture.with_channels(channels))
}

/// Whether an image is of a network's input: channels first or last, without the axis of one channel, or all in one vector.
fn is_taken([channels, height, width]: [usize; 3], input: &[usize]) -> bool {
    input == [channels, height, width]
        || input == [height, width, channels]
        || (channels == 1 && input == [height, width])
        || input == [channels * height * width]
}
