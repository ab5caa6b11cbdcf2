//! The classes of images, from a file.

use super::npy::{self, Array, Numbers};
use anyhow::{Context, Result, anyhow};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// Labels of a file.
pub(crate) enum Labels {
    /// One an image, in the order of the images.
    InOrder(Vec<i64>),
    /// By the name of the image's file.
    ByName(BTreeMap<String, i64>),
}

impl Labels {
    /// Reads an NPY file, or a text file with a line an image: its label, or the name of its file and its label.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let of_file = || format!("cannot read the labels {}", path.display());
        let bytes = fs::read(path).with_context(of_file)?;
        if bytes.starts_with(b"\x93NUMPY") {
            let (_, array) = npy::read(&bytes).with_context(of_file)?.remove(0);
            return Ok(Self::InOrder(whole(&path.display().to_string(), array)?));
        }
        let text = String::from_utf8(bytes).map_err(|_| anyhow!("{}: give an NPY file or a text file", of_file()))?;
        Self::of_lines(&text).with_context(of_file)
    }

    fn of_lines(text: &str) -> Result<Self> {
        let (mut in_order, mut by_name) = (vec![], BTreeMap::new());
        for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            let line_is =
                || format!("line {} is {line:?}; give a label from 0, or the name of a file and its label", number + 1);
            let (name, label) = line.trim().rsplit_once([' ', ',', '\t']).unwrap_or(("", line.trim()));
            let label: i64 = label.parse().ok().with_context(line_is)?;
            if name.is_empty() {
                in_order.push(label);
            } else if by_name.insert(name.trim_end_matches([',', ' ', '\t']).to_owned(), label).is_some() {
                return Err(anyhow!("line {} names {name} again; give each file one label", number + 1));
            }
        }
        match (in_order.is_empty(), by_name.is_empty()) {
            (false, true) => Ok(Self::InOrder(in_order)),
            (true, false) => Ok(Self::ByName(by_name)),
            (true, true) => Err(anyhow!("it is empty; give one line per image")),
            (false, false) => {
                Err(anyhow!("some lines name a file and some do not; name one in all of them or in none"))
            }
        }
    }
}

/// The whole numbers of an array with one a row; `file` is what errors call it.
pub(crate) fn whole(file: &str, Array { shape, numbers }: Array) -> Result<Vec<i64>> {
    if shape.iter().skip(1).any(|&side| side != 1) || shape.is_empty() {
        return Err(anyhow!(
            "{file} has labels of shape {shape:?}; give one whole number per image, the class from 0 on"
        ));
    }
    match numbers {
        Numbers::Bytes(bytes) => Ok(bytes.into_iter().map(i64::from).collect()),
        Numbers::Integers(integers) => Ok(integers),
        Numbers::Reals(_) => {
            Err(anyhow!("{file} has labels in floating point; give whole numbers, as in y.astype(\"int64\")"))
        }
    }
}

/// Labels as a data set has them: 0 to `classes` − 1.
pub(crate) fn checked(file: &str, labels: &[i64], classes: usize) -> Result<Vec<u32>> {
    let check = |(image, &label): (usize, &i64)| {
        let within = u32::try_from(label).ok().filter(|&label| (label as usize) < classes);
        within.ok_or_else(|| {
            anyhow!("{file} labels image {image} (from 0) with {label}; the network distinguishes {classes} classes: labels are 0 to {}", classes - 1)
        })
    };
    labels.iter().enumerate().map(check).collect()
}
