//! Models built in code, for what no exporter writes.

use rten_onnx::onnx::{
    AttributeProto, AttributeType, DataType, Dimension, GraphProto, ModelProto, NodeProto, OperatorSetIdProto,
    TensorProto, TensorShapeProto, TypeProto, TypeProtoTensor, ValueInfoProto,
};

/// A model of one input `"x"` and the output `"y"`.
pub(crate) struct Model {
    pub(crate) graph: GraphProto,
    pub(crate) opset: i64,
}

impl Model {
    /// No nodes, operator set 17, an input of these lengths.
    pub(crate) fn new(input: &[i64]) -> Self {
        let dims = input.iter().map(|&length| fixed(length)).collect();
        let output = ValueInfoProto { name: Some("y".into()), r#type: None };
        let graph = GraphProto { input: vec![value_info("x", dims)], output: vec![output], ..GraphProto::default() };
        Self { graph, opset: 17 }
    }

    /// With a node called as its operator in lower case.
    pub(crate) fn node(
        mut self,
        operator: &str,
        inputs: &[&str],
        outputs: &[&str],
        attributes: Vec<AttributeProto>,
    ) -> Self {
        let strings = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        self.graph.node.push(NodeProto {
            domain: None,
            name: Some(operator.to_lowercase()),
            input: strings(inputs),
            output: strings(outputs),
            op_type: Some(operator.into()),
            attribute: attributes,
        });
        self
    }

    /// With a stored tensor of zeros.
    pub(crate) fn zeros(mut self, name: &str, shape: &[i64]) -> Self {
        let count = shape.iter().product::<i64>() as usize;
        self.graph.initializer.push(TensorProto {
            dims: shape.to_vec(),
            data_type: Some(DataType::FLOAT),
            float_data: vec![0.0; count],
            name: Some(name.into()),
            ..TensorProto::default()
        });
        self
    }

    /// With a stored list of integers.
    pub(crate) fn ints(mut self, name: &str, values: &[i64]) -> Self {
        self.graph.initializer.push(TensorProto {
            dims: vec![values.len() as i64],
            data_type: Some(DataType::INT64),
            int64_data: values.to_vec(),
            name: Some(name.into()),
            ..TensorProto::default()
        });
        self
    }

    /// With a stored tensor as given.
    pub(crate) fn stored(mut self, tensor: TensorProto) -> Self {
        self.graph.initializer.push(tensor);
        self
    }

    /// With a declared shape of a tensor.
    pub(crate) fn shape(mut self, name: &str, lengths: &[i64]) -> Self {
        self.graph.value_info.push(value_info(name, lengths.iter().map(|&length| fixed(length)).collect()));
        self
    }

    pub(crate) fn bytes(self) -> Vec<u8> {
        let opset = OperatorSetIdProto { domain: None, version: Some(self.opset) };
        let model = ModelProto {
            ir_version: Some(8),
            graph: Some(self.graph),
            opset_import: vec![opset],
            ..ModelProto::default()
        };
        model.write_buf().unwrap()
    }
}

pub(crate) fn fixed(length: i64) -> Dimension {
    Dimension { dim_value: Some(length), dim_param: None }
}

pub(crate) fn symbolic(name: &str) -> Dimension {
    Dimension { dim_value: None, dim_param: Some(name.into()) }
}

pub(crate) fn value_info(name: &str, dim: Vec<Dimension>) -> ValueInfoProto {
    let tensor = TypeProtoTensor { elem_type: Some(DataType::FLOAT), shape: Some(TensorShapeProto { dim }) };
    let kind = TypeProto { tensor_type: Some(tensor), ..TypeProto::default() };
    ValueInfoProto { name: Some(name.into()), r#type: Some(kind) }
}

fn attribute(name: &str, kind: AttributeType) -> AttributeProto {
    AttributeProto { name: Some(name.into()), r#type: Some(kind), ..AttributeProto::default() }
}

pub(crate) fn int(name: &str, value: i64) -> AttributeProto {
    AttributeProto { i: Some(value), ..attribute(name, AttributeType::INT) }
}

pub(crate) fn float(name: &str, value: f32) -> AttributeProto {
    AttributeProto { f: Some(value), ..attribute(name, AttributeType::FLOAT) }
}

pub(crate) fn ints(name: &str, values: &[i64]) -> AttributeProto {
    AttributeProto { ints: values.to_vec(), ..attribute(name, AttributeType::INTS) }
}

pub(crate) fn text(name: &str, value: &str) -> AttributeProto {
    AttributeProto { s: Some(value.into()), ..attribute(name, AttributeType::STRING) }
}
