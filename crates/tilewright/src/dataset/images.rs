//! The images of a data set with their labels.

use super::{DatasetError, Normalization};
use crate::network::Tensor;

/// Labelled images of one size, eight bits a channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dataset {
    name: String,
    shape: [usize; 3],
    pixels: Vec<u8>,
    labels: Vec<u8>,
    classes: usize,
}

impl Dataset {
    /// The set of `pixels` `[n, channels, height, width]`, the last axis varying fastest, with a label each.
    ///
    /// `name` is said in errors: the file or the set. `shape` is `[channels, height, width]`; labels count from 0 and are
    /// below `classes`, 1 to 256.
    ///
    /// # Errors
    /// As [`Dataset::verify`].
    pub fn new(
        name: impl Into<String>,
        shape: [usize; 3],
        pixels: Vec<u8>,
        labels: Vec<u8>,
        classes: usize,
    ) -> Result<Self, DatasetError> {
        let set = Self { name: name.into(), shape, pixels, labels, classes };
        set.verify()?;
        Ok(set)
    }

    /// Checks the invariants of the [module](super).
    ///
    /// # Errors
    /// [`DatasetError::Dimensions`] or [`DatasetError::Label`], naming the set and what is allowed.
    pub fn verify(&self) -> Result<(), DatasetError> {
        let fail = |found: String, allowed: &str| {
            Err(DatasetError::Dimensions { file: self.name.clone(), found, allowed: allowed.into() })
        };
        let [channels, height, width] = self.shape;
        let per_image = self.shape.iter().try_fold(1usize, |product, &side| product.checked_mul(side));
        let Some(per_image) = per_image.filter(|&pixels| pixels > 0) else {
            return fail(format!("images of {channels}×{height}×{width}"), "every axis needs at least one pixel");
        };
        if self.classes == 0 || self.classes > 256 {
            return fail(format!("{} classes", self.classes), "give 1 to 256");
        }
        if self.labels.is_empty() {
            return fail("no images".into(), "at least one is needed");
        }
        if self.labels.len().checked_mul(per_image) != Some(self.pixels.len()) {
            return fail(
                format!("{} pixel values and {} labels", self.pixels.len(), self.labels.len()),
                &format!("each image has {per_image} values and one label"),
            );
        }
        match self.labels.iter().position(|&label| usize::from(label) >= self.classes) {
            Some(image) => Err(DatasetError::Label {
                file: self.name.clone(),
                image,
                found: self.labels[image],
                classes: self.classes,
            }),
            None => Ok(()),
        }
    }

    /// Puts the images of `other` after these, as CIFAR-10's five training batches make one set.
    ///
    /// # Errors
    /// [`DatasetError::Dimensions`] if the images or the classes of the two are not the same in number and size.
    pub fn append(&mut self, other: &Self) -> Result<(), DatasetError> {
        if (self.shape, self.classes) != (other.shape, other.classes) {
            let describe = |set: &Self| format!("images of {:?} in {} classes", set.shape, set.classes);
            return Err(DatasetError::Dimensions {
                file: other.name.clone(),
                found: describe(other),
                allowed: format!("{} has {}", self.name, describe(self)),
            });
        }
        self.pixels.extend_from_slice(&other.pixels);
        self.labels.extend_from_slice(&other.labels);
        Ok(())
    }

    /// The same images under another name.
    pub fn named(self, name: impl Into<String>) -> Self {
        Self { name: name.into(), ..self }
    }

    /// What the set is called in errors.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Size of an image, `[channels, height, width]`.
    pub const fn shape(&self) -> [usize; 3] {
        self.shape
    }

    /// Number of classes.
    pub const fn classes(&self) -> usize {
        self.classes
    }

    /// Number of images.
    pub const fn len(&self) -> usize {
        self.labels.len()
    }

    /// Whether there are no images; never, for a verified set.
    pub const fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// The labels in the order of the images.
    pub fn labels(&self) -> &[u8] {
        &self.labels
    }

    /// Label of image `index`, from 0.
    ///
    /// # Panics
    /// If there is no such image.
    pub fn label(&self, index: usize) -> usize {
        usize::from(self.labels[index])
    }

    /// Pixels of image `index`, `[channels, height, width]`, 0 to 255.
    ///
    /// # Panics
    /// If there is no such image.
    pub fn pixels(&self, index: usize) -> &[u8] {
        let per_image = self.shape.iter().product::<usize>();
        &self.pixels[index * per_image..][..per_image]
    }

    /// Image `index` as a network sees it, `[channels, height, width]`: (pixel / 255 − mean) / standard deviation.
    ///
    /// # Panics
    /// If there is no such image, or if `normalization` has another number of channels.
    pub fn image(&self, index: usize, normalization: &Normalization) -> Tensor<f32> {
        let [channels, height, width] = self.shape;
        assert_eq!(channels, normalization.channels(), "a normalisation for images of as many channels");
        let planes = self.pixels(index).chunks(height * width).enumerate();
        let values = planes.flat_map(|(channel, plane)| {
            plane.iter().map(move |&pixel| normalization.apply(channel, f32::from(pixel) / 255.0))
        });
        Tensor::new(self.shape.to_vec(), values.collect())
    }

    /// How many images each class has.
    pub fn class_counts(&self) -> Vec<usize> {
        let mut counts = vec![0; self.classes];
        self.labels.iter().for_each(|&label| counts[usize::from(label)] += 1);
        counts
    }
}
