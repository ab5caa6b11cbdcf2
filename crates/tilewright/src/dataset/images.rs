//! The images of a data set with their labels.

use super::{DatasetError, Normalization, Values};
use crate::network::Tensor;

/// Labelled images of one shape.
#[derive(Clone, Debug, PartialEq)]
pub struct Dataset {
    name: String,
    shape: Vec<usize>,
    channel_axis: usize,
    values: Values,
    labels: Vec<u32>,
    classes: usize,
}

impl Dataset {
    /// The set of `values` `[n, …]`, the last axis varying fastest, with a label each.
    ///
    /// `name` is said in errors: the file or the set. `shape` is that of one image, `[channels, height, width]` or any other whose
    /// first axis counts channels; a vector `[features]` and a grey image `[height, width]` have one channel. Labels count from 0 and are below `classes`, 1 to 65 536.
    ///
    /// # Errors
    /// As [`Dataset::verify`].
    pub fn new(
        name: impl Into<String>,
        shape: impl Into<Vec<usize>>,
        values: impl Into<Values>,
        labels: impl IntoIterator<Item = impl Into<u32>>,
        classes: usize,
    ) -> Result<Self, DatasetError> {
        let labels = labels.into_iter().map(Into::into).collect();
        let set =
            Self { name: name.into(), shape: shape.into(), channel_axis: 0, values: values.into(), labels, classes };
        set.verify()?;
        Ok(set)
    }

    /// Checks the invariants of the [module](super).
    ///
    /// # Errors
    /// [`DatasetError::Dimensions`], [`DatasetError::Label`] or [`DatasetError::NotFinite`], naming the set and what is allowed.
    pub fn verify(&self) -> Result<(), DatasetError> {
        let fail = |found: String, allowed: &str| {
            Err(DatasetError::Dimensions { file: self.name.clone(), found, allowed: allowed.into() })
        };
        let per_image = self.shape.iter().try_fold(1usize, |product, &side| product.checked_mul(side));
        let Some(per_image) = per_image.filter(|&values| values > 0 && !self.shape.is_empty()) else {
            return fail(format!("images of {}", sides(&self.shape)), "every axis needs at least one pixel");
        };
        if self.classes == 0 || self.classes > 1 << 16 {
            return fail(format!("{} classes", self.classes), "give 1 to 65536");
        }
        if self.labels.is_empty() {
            return fail("no images".into(), "at least one is needed");
        }
        if self.labels.len().checked_mul(per_image) != Some(self.values.len()) {
            return fail(
                format!("{} values and {} labels", self.values.len(), self.labels.len()),
                &format!("each image has {per_image} values and one label"),
            );
        }
        if let Some(image) = self.labels.iter().position(|&label| label as usize >= self.classes) {
            let (file, found) = (self.name.clone(), self.labels[image]);
            return Err(DatasetError::Label { file, image, found, classes: self.classes });
        }
        match self.values.first_not_finite() {
            Some((place, found)) => {
                Err(DatasetError::NotFinite { file: self.name.clone(), image: place / per_image, found })
            }
            None => Ok(()),
        }
    }

    /// Puts the images of `other` after these, as CIFAR-10's five training batches make one set.
    ///
    /// # Errors
    /// [`DatasetError::Dimensions`] if the images or the classes of the two are not the same in kind, number and size.
    pub fn append(&mut self, other: &Self) -> Result<(), DatasetError> {
        let form = |set: &Self| (set.shape.clone(), set.channel_axis, set.classes);
        if form(self) != form(other) || !self.values.append(&other.values) {
            let describe =
                |set: &Self| format!("{} of {} in {} classes", set.values.kind(), sides(&set.shape), set.classes);
            return Err(DatasetError::Dimensions {
                file: other.name.clone(),
                found: describe(other),
                allowed: format!("{} has {}", self.name, describe(self)),
            });
        }
        self.labels.extend_from_slice(&other.labels);
        Ok(())
    }

    /// The same images under another name.
    pub fn named(self, name: impl Into<String>) -> Self {
        Self { name: name.into(), ..self }
    }

    /// The same values, of which the last axis counts channels: `[height, width, channels]`.
    pub fn with_channels_last(self) -> Self {
        Self { channel_axis: self.shape.len() - 1, ..self }
    }

    /// The same images in the form that a network takes: channels first or last, a grey image `[height, width]` with an axis for its
    /// channel. Images that fit in no such form stay as they are.
    pub fn for_input(self, input: &[usize]) -> Self {
        if self.shape == input {
            return self;
        }
        match input {
            [1, shape @ ..] if self.shape == shape => Self { shape: input.to_vec(), channel_axis: 0, ..self },
            [shape @ .., 1] if self.shape == shape => Self { shape: input.to_vec(), channel_axis: shape.len(), ..self },
            _ if self.turned() == input => self.turn(),
            _ => self,
        }
    }

    /// The shape with channels at the other end.
    fn turned(&self) -> Vec<usize> {
        let mut shape = self.shape.clone();
        if self.channel_axis == 0 {
            shape.rotate_left(1);
        } else {
            shape.rotate_right(1);
        }
        shape
    }

    fn turn(self) -> Self {
        let (shape, channels) = (self.turned(), self.channels());
        let plane = shape.iter().product::<usize>() / channels;
        let (rows, axis) = if self.channel_axis == 0 { (channels, shape.len() - 1) } else { (plane, 0) };
        Self { values: self.values.transposed(rows, channels * plane / rows), channel_axis: axis, shape, ..self }
    }

    /// What the set is called in errors.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Shape of an image, `[channels, height, width]` unless it is another's.
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// Number of channels, each with a mean and a standard deviation of its own; 1 of a vector and of a grey image
    /// `[height, width]`.
    pub fn channels(&self) -> usize {
        if self.shape.len() < 3 { 1 } else { self.shape[self.channel_axis] }
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
    pub fn labels(&self) -> &[u32] {
        &self.labels
    }

    /// Label of image `index`, from 0.
    ///
    /// # Panics
    /// If there is no such image.
    pub fn label(&self, index: usize) -> usize {
        self.labels[index] as usize
    }

    /// The bytes of image `index`: its pixels, or those of its features, the least significant first.
    ///
    /// # Panics
    /// If there is no such image.
    pub fn bytes(&self, index: usize) -> Vec<u8> {
        let per_image: usize = self.shape.iter().product();
        self.values.bytes(index * per_image..(index + 1) * per_image)
    }

    /// The values of all images, `[n, …]`.
    pub const fn values(&self) -> &Values {
        &self.values
    }

    /// Image `index` as a network sees it: (value − mean) / standard deviation of its channel, where the value of a pixel is its byte
    /// / 255.
    ///
    /// # Panics
    /// If there is no such image, or if `normalization` has another number of channels.
    pub fn image(&self, index: usize, normalization: &Normalization) -> Tensor<f32> {
        assert_eq!(self.channels(), normalization.channels(), "a normalisation for images of as many channels");
        let per_image: usize = self.shape.iter().product();
        let mut values = self.values.numbers(index * per_image..(index + 1) * per_image);
        let each = values.iter_mut().enumerate();
        each.for_each(|(place, value)| *value = normalization.apply(self.channel_at(place), *value));
        Tensor::new(self.shape.clone(), values)
    }

    /// The channel of a value of an image, by its place.
    pub(super) fn channel_at(&self, place: usize) -> usize {
        let channels = self.channels();
        if self.channel_axis == 0 { place * channels / self.shape.iter().product::<usize>() } else { place % channels }
    }

    /// How many images each class has.
    pub fn class_counts(&self) -> Vec<usize> {
        let mut counts = vec![0; self.classes];
        self.labels.iter().for_each(|&label| counts[label as usize] += 1);
        counts
    }
}

/// `3×32×32`
fn sides(shape: &[usize]) -> String {
    shape.iter().map(ToString::to_string).collect::<Vec<_>>().join("×")
}
