//! One node of the model, with its inputs resolved.

use crate::attributes::Attributes;
use crate::constant::{ChannelScale, Constant, Values};
use crate::error::Problem;
use crate::printable::printable;
use crate::value::{Feature, Value};
use rten_onnx::onnx::NodeProto;
use std::fmt::Display;
use std::sync::Arc;
use tilewright::network::{Tensor, Weights};

/// A node and what its inputs have become.
pub(crate) struct OnnxNode<'a> {
    /// Its name, or its first output's if it has none.
    pub name: String,
    /// Its operator, with the domain in front unless that is the default one.
    pub operator: String,
    pub attributes: Attributes<'a>,
    /// Its attributes' graphs and the like, as the file has them.
    pub proto: &'a NodeProto,
    /// `None` stands for an optional input left out.
    pub inputs: Vec<Option<Value>>,
    pub outputs: &'a [String],
}

impl<'a> OnnxNode<'a> {
    /// The `index`-th node of the graph, its inputs still to be added.
    pub(crate) fn new(proto: &'a NodeProto, index: usize) -> Self {
        let operator = proto.op_type.as_deref().unwrap_or("");
        let operator = match proto.domain.as_deref() {
            None | Some("" | "ai.onnx") => operator.to_owned(),
            // Brevitas and FINN had these operators before QONNX.
            Some("onnx.brevitas" | "finn.custom_op.general") => format!("qonnx.custom_op.general::{operator}"),
            Some(domain) => format!("{domain}::{operator}"),
        };
        let given = proto.name.iter().chain(proto.output.first()).find(|name| !name.is_empty());
        let name = given.map_or_else(|| format!("{operator}.{index}"), |name| printable(name));
        let operator = printable(&operator);
        Self {
            attributes: Attributes::new(name.clone(), operator.clone(), &proto.attribute),
            name,
            operator,
            proto,
            inputs: vec![],
            outputs: &proto.output,
        }
    }

    /// The same node on other inputs. Its attributes count as read where this one reads them, too.
    pub(crate) fn with_inputs(&self, inputs: Vec<Option<Value>>) -> Self {
        Self {
            name: self.name.clone(),
            operator: self.operator.clone(),
            attributes: self.attributes.clone(),
            proto: self.proto,
            inputs,
            outputs: self.outputs,
        }
    }

    pub(crate) fn fail(&self, problem: impl Display) -> Problem {
        Problem::Node { node: self.name.clone(), operator: self.operator.clone(), problem: problem.to_string() }
    }

    pub(crate) fn input(&self, index: usize) -> Option<&Value> {
        self.inputs.get(index).and_then(Option::as_ref)
    }

    /// An input that must be computed at run time.
    pub(crate) fn runtime(&self, index: usize) -> Result<Feature, Problem> {
        match self.input(index) {
            Some(Value::Node(feature)) => Ok(*feature),
            Some(Value::Quantized(_) | Value::DynamicLevels(_) | Value::Pending(_)) => {
                Err(self.fail("takes quantised integers; a DequantizeLinear before it is expected"))
            }
            Some(Value::DynamicZeroPoint(_) | Value::DynamicScale(_)) => {
                Err(self.fail(format!("takes the scale or zero point of a DynamicQuantizeLinear as input {index}")))
            }
            Some(Value::Constant(_)) => {
                Err(self.fail(format!("has a constant as input {index}; a feature map is expected")))
            }
            None => Err(self.fail(format!("lacks input {index}"))),
        }
    }

    /// An input if it is there and known in advance.
    pub(crate) fn constant(&self, index: usize) -> Option<&Constant> {
        match self.input(index) {
            Some(Value::Constant(constant)) => Some(constant),
            _ => None,
        }
    }

    /// Whether an input is there but depends on the image.
    pub(crate) fn varies(&self, index: usize) -> bool {
        !matches!(self.input(index), None | Some(Value::Constant(_)))
    }

    /// The floats of a constant.
    pub(crate) fn floats<'c>(&self, constant: &'c Constant) -> Result<&'c Arc<Tensor<f32>>, Problem> {
        match &constant.values {
            Values::Float(tensor) => Ok(tensor),
            Values::Int(..) => Err(self.fail("takes a constant of integers; floats are expected")),
        }
    }

    /// The floats of a constant that are weights or biases: finite, as no crossbar holds anything else and one of them makes every output
    /// meaningless.
    pub(crate) fn finite<'c>(&self, constant: &'c Constant) -> Result<&'c Arc<Tensor<f32>>, Problem> {
        let tensor = self.floats(constant)?;
        let count = |wrong: fn(f32) -> bool| tensor.values().iter().filter(|&&x| wrong(x)).count();
        match (count(f32::is_nan), count(f32::is_infinite)) {
            (0, 0) => Ok(tensor),
            (nan, infinite) => Err(self.fail(format!(
                "has {nan} weights that are not a number (NaN) and {infinite} that are infinite, of {}; finite weights are \
                 expected, so export the model from a training that did not diverge",
                tensor.values().len()
            ))),
        }
    }

    /// A constant as layer weights whose output channels are on axis 0.
    pub(crate) fn weights(&self, constant: &Constant) -> Result<Weights, Problem> {
        let values = self.finite(constant)?.clone();
        let scale = match &constant.scale {
            Some(ChannelScale { per_channel, axis, .. }) if *axis != 0 && per_channel.len() > 1 => {
                return Err(self.fail(format!(
                    "has weights of shape {:?}, output channels first, quantised along axis {axis}; one scale for all or one per \
                     output channel is supported",
                    values.shape()
                )));
            }
            scale => scale.as_ref().map(|scale| scale.per_channel.to_vec()),
        };
        Ok(Weights { values, scale })
    }

    /// The integers of a constant.
    pub(crate) fn integers<'c>(&self, constant: &'c Constant) -> Result<&'c [i64], Problem> {
        match &constant.values {
            Values::Int(tensor, _) => Ok(tensor.values()),
            Values::Float(_) => Err(self.fail("takes a constant of floats; integers are expected")),
        }
    }

    /// The one number an input holds, `None` if the input is left out.
    pub(crate) fn number(&self, index: usize) -> Result<Option<f32>, Problem> {
        let Some(constant) = self.constant(index) else { return Ok(None) };
        match self.floats(constant)?.values() {
            &[value] => Ok(Some(value)),
            values => Err(self.fail(format!("has {} numbers as input {index}; one is expected", values.len()))),
        }
    }

    /// As [`Self::number`], of whatever type.
    pub(crate) fn any_number(&self, index: usize) -> Result<Option<f32>, Problem> {
        let Some(constant) = self.constant(index) else { return Ok(None) };
        match *constant.to_floats().values() {
            [value] => Ok(Some(value)),
            ref values => Err(self.fail(format!("has {} numbers as input {index}; one is expected", values.len()))),
        }
    }

    /// A list of integers that newer operator sets take as an input and older ones as an attribute.
    pub(crate) fn list(&self, index: usize, attribute: &'static str) -> Result<Option<Vec<i64>>, Problem> {
        let attribute = self.attributes.ints(attribute)?;
        match self.constant(index) {
            Some(constant) => Ok(Some(self.integers(constant)?.to_vec())),
            None => Ok(attribute.map(<[i64]>::to_vec)),
        }
    }

    /// The axis from 0 that a possibly negative ONNX axis of a tensor of `rank` axes means.
    pub(crate) fn axis(&self, attribute: &str, axis: i64, rank: usize) -> Result<usize, Problem> {
        let counted = if axis < 0 { axis.saturating_add(rank as i64) } else { axis };
        usize::try_from(counted).ok().filter(|&counted| counted < rank).ok_or_else(|| {
            let allowed = format!("-{rank} to {} are allowed", rank as i64 - 1);
            self.attributes.unsupported(attribute, axis, &allowed)
        })
    }
}
