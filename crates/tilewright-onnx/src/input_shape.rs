//! What a caller chooses of a model: the shape of an input where the model leaves it open, and the result.

use std::fmt;
use std::str::FromStr;

/// Lengths without the batch axis, `3x224x224`, perhaps of a named input, `data=3x224x224`.
///
/// ```
/// let shape: tilewright_onnx::InputShape = "data=3x224x224".parse()?;
/// assert_eq!((shape.input.as_deref(), shape.lengths()), (Some("data"), [3, 224, 224].as_slice()));
/// # Ok::<(), String>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InputShape {
    /// The input's name, if it matters.
    pub input: Option<String>,
    lengths: Vec<usize>,
}

/// What a caller chooses of a model.
#[derive(Clone, Copy, Debug, Default)]
pub struct Selection<'a> {
    /// The shape of an input that the model leaves open.
    pub shape: Option<&'a InputShape>,
    /// The tensor that is the network's result, instead of the model's first output.
    pub output: Option<&'a str>,
}

impl<'a> From<Option<&'a InputShape>> for Selection<'a> {
    fn from(shape: Option<&'a InputShape>) -> Self {
        Self { shape, output: None }
    }
}

impl InputShape {
    /// The shape `[channels, height, width]`, `[features]` or the like of the model's input, whatever it is called.
    ///
    /// # Errors
    /// If a length is 0 or there is none; the message says what is allowed.
    pub fn new(lengths: Vec<usize>) -> Result<Self, String> {
        if lengths.is_empty() || lengths.contains(&0) {
            return Err(format!("has the lengths {lengths:?}; give one or more, each at least 1, as in 3x224x224"));
        }
        Ok(Self { input: None, lengths })
    }

    /// The lengths without the batch axis.
    pub fn lengths(&self) -> &[usize] {
        &self.lengths
    }
}

impl FromStr for InputShape {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        // A name may hold "="; the lengths do not.
        let (input, lengths) =
            text.rsplit_once('=').map_or((None, text), |(name, lengths)| (Some(name.into()), lengths));
        let numbers: Result<Vec<usize>, _> =
            lengths.split(['x', '×', ',']).map(|length| length.trim().parse()).collect();
        let numbers = numbers.map_err(|_| {
            format!("{text:?} is not a shape; give lengths without the batch, as in 3x224x224, or those of one input, as in data=3x224x224")
        })?;
        Ok(Self { input, ..Self::new(numbers)? })
    }
}

impl fmt::Display for InputShape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lengths: Vec<String> = self.lengths.iter().map(ToString::to_string).collect();
        f.write_str(&lengths.join("x"))
    }
}
