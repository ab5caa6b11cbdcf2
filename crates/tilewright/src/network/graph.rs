//! The network: a list of nodes in execution order.

use super::{Activation, BatchNorm, Conv, ConvShape, Dense, LayerKind, NetworkError, Op, Pool, infer, nearest};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The place of a node in its network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct NodeId(pub usize);

/// One operation with its inputs and the shape of its output.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Node {
    /// Unique within the network.
    pub name: String,
    /// What it computes.
    pub op: Op,
    /// The nodes whose outputs it takes, all earlier in the list.
    pub inputs: Vec<NodeId>,
    /// Output shape: `[channels, height, width]` of a feature map, `[features]` of a vector.
    pub shape: Vec<usize>,
}

/// A convolutional network, inputs before users; node 0 is the image and the last node the result.
///
/// Made by [`Network::new`] and [`Network::push`], which infer every shape; [`Network::verify`] lists what always holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Network {
    /// The network's name, as the zoo or the file gives it.
    pub name: String,
    nodes: Vec<Node>,
    /// Names of nodes by further names they go by.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    further: BTreeMap<String, String>,
    /// Names of convolutions and dense layers that are on no crossbar ([`Network::keep_digital`]).
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    kept_digital: BTreeSet<String>,
    /// Kinds of such layers, those of a later kernel plan included.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    kinds_kept_digital: BTreeSet<LayerKind>,
}

/// A layer that is mapped onto crossbars: a convolution or a dense layer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Layer {
    /// Its node.
    pub node: NodeId,
    /// Its node's name.
    pub name: String,
    /// Its shape; a dense layer is a 1×1 convolution of a 1×1 image.
    pub shape: ConvShape,
}

impl Network {
    /// A network of one node, `"input"`, that yields the image.
    pub fn new(name: impl Into<String>, input: Vec<usize>) -> Self {
        let node = Node { name: "input".into(), op: Op::Input, inputs: vec![], shape: input };
        Self {
            name: name.into(),
            nodes: vec![node],
            further: BTreeMap::new(),
            kept_digital: BTreeSet::new(),
            kinds_kept_digital: BTreeSet::new(),
        }
    }

    /// An empty network of the same name, input, further names of nodes and layers kept digital.
    pub(crate) fn like(&self) -> Self {
        let mut network = Self::new(self.name.clone(), self.shape(self.input()).to_vec());
        network.further.clone_from(&self.further);
        network.kept_digital.clone_from(&self.kept_digital);
        network.kinds_kept_digital.clone_from(&self.kinds_kept_digital);
        network
    }

    /// The same network with these layers on no crossbar, given by name or by kind (`"2d"`): they are computed as the model says, and count
    /// as digital operations. A kind also is that of the layers that a kernel plan makes later.
    ///
    /// # Errors
    /// [`NetworkError::Setting`] for what is neither a kind nor a name that a layer goes by, with the nearest one.
    pub fn keep_digital(mut self, layers: &[impl AsRef<str>]) -> Result<Self, NetworkError> {
        let known: Vec<String> = self.iter().filter_map(|(node, _)| Some(self.convolution(node)?.name)).collect();
        for asked in layers.iter().map(AsRef::as_ref) {
            let name = self.name_of(asked);
            if known.iter().any(|layer| layer == name) {
                self.kept_digital.insert(name.to_owned());
            } else if let Some(kind) = LayerKind::ALL.into_iter().find(|kind| kind.name() == asked) {
                self.kinds_kept_digital.insert(kind);
            } else {
                let offer = nearest(asked, known.iter().map(String::as_str));
                let offer = offer.map(|near| format!("; did you mean {near:?}?")).unwrap_or_default();
                let kinds = LayerKind::ALL.map(LayerKind::name).join(", ");
                let problem = format!(
                    "{asked:?} kept digital: {} has no layer of this name, and the kinds of layers are {kinds}{offer}",
                    self.name
                );
                return Err(NetworkError::Setting { problem });
            }
        }
        Ok(self)
    }

    /// Checks that there are layers of every kind that is kept digital ([`Network::keep_digital`]), once kernels are what they shall be.
    ///
    /// # Errors
    /// [`NetworkError::Setting`] for a kind that no layer is of, with those there are.
    pub fn verify_kept_digital(&self) -> Result<(), NetworkError> {
        let kinds: BTreeSet<LayerKind> =
            self.iter().filter_map(|(node, _)| Some(self.convolution_shape(node)?.kind())).collect();
        let Some(idle) = self.kinds_kept_digital.difference(&kinds).next() else { return Ok(()) };
        let kinds: Vec<&str> = kinds.iter().map(|kind| kind.name()).collect();
        let problem =
            format!("{idle} kept digital: {} has no layer of this kind; it has {}", self.name, kinds.join(", "));
        Err(NetworkError::Setting { problem })
    }

    /// Whether layers of a kind are on no crossbar.
    pub fn keeps_digital(&self, kind: LayerKind) -> bool {
        self.kinds_kept_digital.contains(&kind)
    }

    /// Lets a node go by a further name, such as the one an exporter made up; a name that a node has stays that node's.
    pub fn also_called(&mut self, name: impl Into<String>, further: impl Into<String>) {
        self.further.insert(further.into(), name.into());
    }

    /// The name of the node that goes by a name: that itself, unless no node has it and one goes by it.
    pub fn name_of<'a>(&'a self, name: &'a str) -> &'a str {
        if self.nodes.iter().any(|node| node.name == name) {
            return name;
        }
        self.further.get(name).map_or(name, String::as_str)
    }

    /// The image's node.
    pub const fn input(&self) -> NodeId {
        NodeId(0)
    }

    /// Whether an image of this shape can be run: one of the input's shape, or for a vector `[features]` any of as many values, which
    /// are then taken in row-major order.
    pub fn takes(&self, image: &[usize]) -> bool {
        takes(self.shape(self.input()), image)
    }

    /// The node whose output is the network's.
    pub const fn output(&self) -> NodeId {
        NodeId(self.nodes.len() - 1)
    }

    /// All nodes in execution order.
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// All nodes with their places.
    pub fn iter(&self) -> impl Iterator<Item = (NodeId, &Node)> {
        self.nodes.iter().enumerate().map(|(index, node)| (NodeId(index), node))
    }

    /// For each node how often others take its output.
    pub(crate) fn uses(&self) -> Vec<usize> {
        let mut uses = vec![0; self.nodes.len()];
        self.nodes.iter().flat_map(|node| &node.inputs).for_each(|input| uses[input.0] += 1);
        uses
    }

    /// One node.
    ///
    /// # Panics
    /// If `id` is of another network.
    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.0]
    }

    /// Output shape of one node.
    pub fn shape(&self, id: NodeId) -> &[usize] {
        &self.nodes[id.0].shape
    }

    /// The same network with other operations of one input, which leave shapes as they are, in place of some.
    pub(super) fn with_ops(mut self, other: impl Fn(NodeId, &Node) -> Option<Op>) -> Self {
        for (index, node) in self.nodes.iter_mut().enumerate() {
            if let Some(op) = other(NodeId(index), node) {
                node.op = op;
            }
        }
        self
    }

    /// Appends a node and infers its shape.
    ///
    /// # Errors
    /// If the name is taken, or the operation cannot take these inputs.
    pub fn push(&mut self, name: impl Into<String>, op: Op, inputs: &[NodeId]) -> Result<NodeId, NetworkError> {
        let name = name.into();
        if self.nodes.iter().any(|node| node.name == name) {
            return Err(NetworkError::Layer { layer: name, problem: "has the name of an earlier node".into() });
        }
        if let Some(NodeId(missing)) = inputs.iter().find(|id| id.0 >= self.nodes.len()) {
            let problem = format!("takes node {missing}, but only {} nodes come before it", self.nodes.len());
            return Err(NetworkError::Layer { layer: name, problem });
        }
        let shapes: Vec<&[usize]> = inputs.iter().map(|&id| self.shape(id)).collect();
        let shape = infer::output_shape(&name, &op, &shapes)?;
        self.nodes.push(Node { name, op, inputs: inputs.to_vec(), shape });
        Ok(self.output())
    }

    /// Appends a convolution.
    ///
    /// # Errors
    /// As [`Network::push`].
    pub fn conv(&mut self, name: &str, input: NodeId, conv: Conv) -> Result<NodeId, NetworkError> {
        self.push(name, Op::Conv(conv), &[input])
    }

    /// Appends a dense layer.
    ///
    /// # Errors
    /// As [`Network::push`].
    pub fn dense(&mut self, name: &str, input: NodeId, out_features: usize) -> Result<NodeId, NetworkError> {
        self.push(name, Op::Dense(Dense::new(out_features)), &[input])
    }

    /// Appends an operation of one input, named after that input: `conv1` → `conv1.relu`.
    ///
    /// # Errors
    /// As [`Network::push`].
    pub fn then(&mut self, input: NodeId, op: Op) -> Result<NodeId, NetworkError> {
        let name = format!("{}.{}", self.node(input).name, op.name());
        self.push(name, op, &[input])
    }

    /// Appends a batch normalisation without parameters.
    ///
    /// # Errors
    /// As [`Network::push`].
    pub fn batch_norm(&mut self, input: NodeId) -> Result<NodeId, NetworkError> {
        self.then(input, Op::BatchNorm(BatchNorm::default()))
    }

    /// Appends max(0, x).
    ///
    /// # Errors
    /// As [`Network::push`].
    pub fn relu(&mut self, input: NodeId) -> Result<NodeId, NetworkError> {
        self.then(input, Op::Activation(Activation::Relu))
    }

    /// Appends a pooling layer.
    ///
    /// # Errors
    /// As [`Network::push`].
    pub fn pool(&mut self, input: NodeId, pool: Pool) -> Result<NodeId, NetworkError> {
        self.then(input, Op::Pool(pool))
    }

    /// Appends the mean over height and width: `[channels, height, width]` → `[channels]`.
    ///
    /// # Errors
    /// As [`Network::push`].
    pub fn global_average(&mut self, input: NodeId) -> Result<NodeId, NetworkError> {
        self.then(input, Op::Mean { axes: vec![1, 2], keep_axes: false })
    }

    /// Appends a reshape to one axis.
    ///
    /// # Errors
    /// As [`Network::push`].
    pub fn flatten(&mut self, input: NodeId) -> Result<NodeId, NetworkError> {
        let shape = vec![self.shape(input).iter().product()];
        self.then(input, Op::Reshape { shape })
    }

    /// The layers that are mapped onto crossbars, in execution order.
    pub fn layers(&self) -> Vec<Layer> {
        self.iter().filter_map(|(node, _)| self.layer(node)).collect()
    }

    /// The layer at a node, if it is one that is mapped onto crossbars.
    pub fn layer(&self, node: NodeId) -> Option<Layer> {
        Some(Layer { node, name: self.node(node).name.clone(), shape: self.layer_shape(node)? })
    }

    /// Whether a node is a layer that is mapped onto crossbars.
    pub fn is_layer(&self, node: NodeId) -> bool {
        self.layer_shape(node).is_some()
    }

    fn layer_shape(&self, node: NodeId) -> Option<ConvShape> {
        let shape = self.convolution_shape(node)?;
        let kept = self.kept_digital.contains(&self.node(node).name) || self.kinds_kept_digital.contains(&shape.kind());
        (!kept).then_some(shape)
    }

    /// The convolution or dense layer at a node, on crossbars or kept digital.
    pub(crate) fn convolution(&self, node: NodeId) -> Option<Layer> {
        Some(Layer { node, name: self.node(node).name.clone(), shape: self.convolution_shape(node)? })
    }

    fn convolution_shape(&self, node: NodeId) -> Option<ConvShape> {
        let Node { op, inputs, .. } = self.node(node);
        match op {
            Op::Conv(conv) => match *self.shape(inputs[0]) {
                [channels, height, width] => Some(conv.on([channels, height, width])),
                _ => None,
            },
            Op::Dense(dense) => Some(ConvShape::dense(self.shape(inputs[0])[0], dense.out_features)),
            _ => None,
        }
    }

    /// The axes of the weights of a convolution or dense layer, as [`super::Weights::values`] has them, on crossbars or kept digital;
    /// `None` for any other node.
    pub fn weight_axes(&self, node: NodeId) -> Option<Vec<usize>> {
        let shape = self.convolution_shape(node)?;
        Some(match self.node(node).op {
            Op::Dense(_) => vec![shape.out_channels, shape.in_channels],
            _ => vec![shape.out_channels, shape.group_inputs(), shape.kernel[0], shape.kernel[1]],
        })
    }

    /// Shapes of the layers, in execution order.
    fn layer_shapes(&self) -> impl Iterator<Item = ConvShape> {
        self.iter().filter_map(|(node, _)| self.layer_shape(node))
    }

    /// Multiply-accumulate operations per image of one node: of a layer for crossbars, of any other product with weights and of a
    /// product of two feature maps. Functions of each value, sums and scalings count as 0. `None` if the operation is known by name
    /// only and its products are not ([`Op::Opaque`]).
    pub fn macs_of(&self, node: NodeId) -> Option<u64> {
        match (&self.node(node).op, self.convolution_shape(node)) {
            (_, Some(shape)) => Some(shape.macs()),
            (Op::Opaque { macs, .. }, None) => *macs,
            (Op::MatMul, None) => {
                let node = self.node(node);
                let inner = self.shape(node.inputs[0]).last().copied().unwrap_or(1);
                Some(node.shape.iter().fold(inner as u64, |macs, &length| macs * length as u64))
            }
            _ => Some(0),
        }
    }

    /// Whether a node is a convolution, a dense layer or a product of two feature maps: one whose products are known.
    pub fn is_product(&self, node: NodeId) -> bool {
        matches!(self.node(node).op, Op::MatMul) || self.convolution_shape(node).is_some()
    }

    /// The nodes that multiply by weights, or two feature maps, but are no layers for crossbars, in execution order, each with its
    /// multiply-accumulates per image as [`Network::macs_of`] has them.
    pub fn digital_products(&self) -> impl Iterator<Item = (NodeId, Option<u64>)> {
        let off_crossbars = self.iter().map(|(id, _)| id).filter(|&id| !self.is_layer(id));
        off_crossbars.map(|id| (id, self.macs_of(id))).filter(|(_, macs)| *macs != Some(0))
    }

    /// Multiply-accumulate operations per image of all mapped layers.
    pub fn macs(&self) -> u64 {
        self.layer_shapes().map(|shape| shape.macs()).sum()
    }

    /// Weights of all mapped layers, biases and normalisation not counted.
    pub fn weights(&self) -> u64 {
        self.layer_shapes().map(|shape| shape.weights()).sum()
    }

    /// Checks a network that came from elsewhere than [`Network::push`], for example from a file. What always holds:
    ///
    /// - node 0 is the only [`Op::Input`];
    /// - names are unique, and every node takes earlier nodes only;
    /// - every shape is the one the operation yields from its inputs' shapes;
    /// - weights and biases have the shapes their layers call for.
    ///
    /// # Errors
    /// The first node that breaks one of these, and how.
    pub fn verify(&self) -> Result<(), NetworkError> {
        let Some(first) = self.nodes.first().filter(|node| node.op == Op::Input) else {
            return Err(NetworkError::Layer {
                layer: self.name.clone(),
                problem: "does not start with an input".into(),
            });
        };
        infer::check_image(&first.name, &first.shape)?;
        let mut rebuilt = Self::new(self.name.clone(), first.shape.clone());
        for node in &self.nodes[1..] {
            let id = rebuilt.push(node.name.clone(), node.op.clone(), &node.inputs)?;
            if rebuilt.shape(id) != node.shape {
                let problem = format!("says its shape is {:?}, but it yields {:?}", node.shape, rebuilt.shape(id));
                return Err(NetworkError::Layer { layer: node.name.clone(), problem });
            }
        }
        Ok(())
    }
}

/// Whether an input of one shape takes an image of another.
pub(super) fn takes(input: &[usize], image: &[usize]) -> bool {
    input == image || matches!(input, &[features] if image.iter().product::<usize>() == features)
}
