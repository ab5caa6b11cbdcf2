//! One node of the model, with its inputs resolved.

use crate::attributes::Attributes;
use crate::constant::{ChannelScale, Constant, Values};
use crate::error::Problem;
use crate::value::Value;
use rten_onnx::onnx::NodeProto;
use std::fmt::Display;
use std::sync::Arc;
use tilewright::network::{NodeId, Tensor, Weights};

/// A node and what its inputs have become.
pub(crate) struct OnnxNode<'a> {
    /// Its name, or its first output's if it has none.
    pub name: String,
    /// Its operator, with the domain in front unless that is the default one.
    pub operator: String,
    pub attributes: Attributes<'a>,
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
            Some(domain) => format!("{domain}::{operator}"),
        };
        let given = proto.name.iter().chain(proto.output.first()).find(|name| !name.is_empty());
        let name = given.cloned().unwrap_or_else(|| format!("{operator}.{index}"));
        Self {
            attributes: Attributes::new(name.clone(), operator.clone(), &proto.attribute),
            name,
            operator,
            inputs: vec![],
            outputs: &proto.output,
        }
    }

    pub(crate) fn fail(&self, problem: impl Display) -> Problem {
        Problem::Node { node: self.name.clone(), operator: self.operator.clone(), problem: problem.to_string() }
    }

    pub(crate) fn input(&self, index: usize) -> Option<&Value> {
        self.inputs.get(index).and_then(Option::as_ref)
    }

    /// An input that must be computed at run time.
    pub(crate) fn runtime(&self, index: usize) -> Result<NodeId, Problem> {
        match self.input(index) {
            Some(Value::Node(id)) => Ok(*id),
            Some(Value::Quantized(_)) => Err(self.fail(
                "takes quantised integers; only models with a DequantizeLinear before each operator are supported",
            )),
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
        matches!(self.input(index), Some(Value::Node(_) | Value::Quantized(_)))
    }

    /// The floats of a constant.
    pub(crate) fn floats<'c>(&self, constant: &'c Constant) -> Result<&'c Arc<Tensor<f32>>, Problem> {
        match &constant.values {
            Values::Float(tensor) => Ok(tensor),
            Values::Int(..) => Err(self.fail("takes a constant of integers; floats are expected")),
        }
    }

    /// A constant as layer weights whose output channels are on axis 0.
    pub(crate) fn weights(&self, constant: &Constant) -> Result<Weights, Problem> {
        let values = self.floats(constant)?.clone();
        let scale = match &constant.scale {
            Some(ChannelScale { per_channel, axis }) if *axis != 0 && per_channel.len() > 1 => {
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

    /// As [`Self::axis`] for a tensor computed at run time, counted without the batch axis, which must stay as it is.
    pub(crate) fn image_axis(&self, attribute: &str, axis: i64, rank: usize) -> Result<usize, Problem> {
        self.axis(attribute, axis, rank)?
            .checked_sub(1)
            .ok_or_else(|| self.attributes.unsupported(attribute, axis, "the batch axis must be left alone"))
    }

    /// The network shape of an ONNX shape, whose batch axis must be first and of length 1.
    pub(crate) fn without_batch(&self, full: &[usize]) -> Result<Vec<usize>, Problem> {
        match full {
            [1, shape @ ..] => Ok(shape.to_vec()),
            _ => Err(self.fail(format!("yields the shape {full:?}; the batch axis must stay first, with length 1"))),
        }
    }
}
