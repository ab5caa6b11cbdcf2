//! Recurrent layers, unrolled: plain ones, GRU (Cho et al. 2014) and LSTM (Hochreiter, Schmidhuber 1997), as ONNX defines them.
//!
//! The inputs of all steps are multiplied by one layer; the state of each step by a layer of its own, since it depends on the step before. The
//! first step's state is constant, so what it is multiplied by is computed here.

use super::Outcome;
use super::dense::matrix_product;
use crate::building::Import;
use crate::constant::{ChannelScale, Constant};
use crate::error::Problem;
use crate::node::OnnxNode;
use crate::value::{Feature, Value};
use std::sync::Arc;
use tilewright::network::{Activation, Dense, NodeId, Op, Tensor, Weights};

/// A kind of recurrent layer.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Plain,
    Gru,
    Lstm,
}

impl Kind {
    /// Products of each value of the state.
    const fn gates(self) -> usize {
        match self {
            Self::Plain => 1,
            Self::Gru => 3,
            Self::Lstm => 4,
        }
    }

    /// The functions of one direction unless the model says otherwise.
    const fn functions(self) -> &'static [&'static str] {
        match self {
            Self::Plain => &["Tanh"],
            Self::Gru => &["Sigmoid", "Tanh"],
            Self::Lstm => &["Sigmoid", "Tanh", "Tanh"],
        }
    }
}

/// What a step leaves to the next one.
#[derive(Clone)]
enum State {
    Constant(Vec<f32>),
    Node(NodeId),
}

/// The matrices of one direction.
struct Direction {
    kind: Kind,
    /// Values of the state.
    hidden: usize,
    /// `[gates · hidden, inputs]`
    input: Weights,
    /// `[gates · hidden, hidden]`, in parts that are multiplied by different vectors.
    state: Vec<Weights>,
    /// Of the input's products: those of the state are in it, but for one that a gate multiplies.
    bias: Arc<[f32]>,
    /// Of the products of the state that a gate multiplies.
    gated_bias: Option<Arc<[f32]>>,
    /// The function of a plain layer.
    function: Activation,
    /// The state before the first step, and that of an LSTM's cells.
    start: [State; 2],
}

pub(super) fn plain(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    recurrent(import, node, Kind::Plain)
}

pub(super) fn gru(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    recurrent(import, node, Kind::Gru)
}

pub(super) fn lstm(import: &mut Import, node: &OnnxNode<'_>) -> Result<Outcome, Problem> {
    recurrent(import, node, Kind::Lstm)
}

/// X `[steps, batch, inputs]`, W, R, B, the lengths of sequences, the first state, that of an LSTM's cells, and its peepholes → the states
/// of all steps `[steps, directions, batch, hidden]`, and the last ones `[directions, batch, hidden]`.
fn recurrent(import: &mut Import, node: &OnnxNode<'_>, kind: Kind) -> Result<Outcome, Problem> {
    if [1, 2, 3, 4, 5, 6, 7].into_iter().any(|index| node.varies(index)) {
        return Ok(Outcome::Digital);
    }
    node.attributes.only_int("layout", 0)?;
    node.attributes.only_int("input_forget", 0)?;
    let (input, steps) = sequence(import, node)?;
    check_lengths(node, steps)?;
    if node.input(7).is_some() {
        return Err(node.fail("has peepholes, input 7; leave them out"));
    }
    let backward: &[bool] = match node.attributes.string("direction", "forward")? {
        "forward" => &[false],
        "reverse" => &[true],
        "bidirectional" => &[false, true],
        other => {
            let allowed = "forward, reverse and bidirectional are allowed";
            return Err(node.attributes.unsupported("direction", format!("{other:?}"), allowed));
        }
    };
    let directions = Direction::all(import, node, kind, backward.len())?;
    let mut states = vec![];
    for (direction, &backward) in directions.iter().zip(backward) {
        let name = match (directions.len(), backward) {
            (1, _) => node.name.clone(),
            (_, false) => format!("{}.forward", node.name),
            (_, true) => format!("{}.backward", node.name),
        };
        states.push(direction.run(import, node, &name, input, (steps, backward))?);
    }
    outputs(import, node, kind, &states)
}

/// The input, and its steps. As everywhere, an axis of length 1 where the batch belongs is the batch.
fn sequence(import: &mut Import, node: &OnnxNode<'_>) -> Result<(Feature, usize), Problem> {
    let input = node.runtime(0)?;
    match (input.batch, import.full_shape(input).as_slice()) {
        (Some(1), &[steps, _, _]) => Ok((input, steps)),
        (None, &[steps, 1, inputs]) => {
            let id = import.push_part(node, Op::Reshape { shape: vec![steps, inputs] }, &[input.id])?;
            Ok((Feature { id, batch: Some(1) }, steps))
        }
        (_, shape) => Err(node.fail(format!(
            "takes a tensor of shape {shape:?}; a sequence is expected whose second axis of three is the batch, or images would mix"
        ))),
    }
}

/// Sequences shorter than the input are refused: their ends depend on the image.
fn check_lengths(node: &OnnxNode<'_>, steps: usize) -> Result<(), Problem> {
    let Some(lengths) = node.constant(4) else { return Ok(()) };
    match node.integers(lengths)?.iter().find(|&&length| usize::try_from(length) != Ok(steps)) {
        None => Ok(()),
        Some(length) => {
            Err(node.fail(format!("has a sequence of {length} steps in {steps}; all of them are expected")))
        }
    }
}

/// What each direction yields: its states in the order of the steps, the last one computed, and that of its cells.
struct States {
    all: Vec<NodeId>,
    last: [NodeId; 2],
}

/// The outputs up to the last one that is taken.
fn outputs(import: &mut Import, node: &OnnxNode<'_>, kind: Kind, states: &[States]) -> Result<Outcome, Problem> {
    let is_used = |name: &String| import.used.contains(name);
    let most = if kind == Kind::Lstm { 3 } else { 2 };
    let count = node.outputs.iter().rposition(is_used).map_or(0, |last| most.min(last + 1));
    let mut values = vec![];
    if count > 0 {
        let mut steps = vec![];
        for step in 0..states[0].all.len() {
            let rows = states.iter().map(|states| row(import, node, states.all[step], 2));
            let rows = rows.collect::<Result<Vec<_>, _>>()?;
            steps.push(joined(import, node, &rows, 1)?);
        }
        values.push(Value::Node(Feature { id: joined(import, node, &steps, 0)?, batch: Some(2) }));
    }
    for of in 0..count.saturating_sub(1) {
        let rows = states.iter().map(|states| row(import, node, states.last[of], 1));
        let rows = rows.collect::<Result<Vec<_>, _>>()?;
        values.push(Value::Node(Feature { id: joined(import, node, &rows, 0)?, batch: Some(1) }));
    }
    Ok(Outcome::Values(values))
}

/// A vector as the only row along so many axes.
fn row(import: &mut Import, node: &OnnxNode<'_>, id: NodeId, axes: usize) -> Result<NodeId, Problem> {
    let shape = [&vec![1; axes][..], import.network.shape(id)].concat();
    import.push_part(node, Op::Reshape { shape }, &[id])
}

fn joined(import: &mut Import, node: &OnnxNode<'_>, parts: &[NodeId], axis: usize) -> Result<NodeId, Problem> {
    match parts {
        &[one] => Ok(one),
        parts => import.push_part(node, Op::Concat { axis }, parts),
    }
}

impl Direction {
    fn all(import: &mut Import, node: &OnnxNode<'_>, kind: Kind, count: usize) -> Result<Vec<Self>, Problem> {
        let missing = |what: &str| node.fail(format!("lacks its {what}"));
        let input = node.constant(1).ok_or_else(|| missing("weights, input 1"))?;
        let state = node.constant(2).ok_or_else(|| missing("recurrent weights, input 2"))?;
        let (&[directions, rows, _], &[_, _, hidden]) = (input.shape(), state.shape()) else {
            return Err(node.fail("has weights that do not have three axes"));
        };
        let expected = [count, kind.gates() * hidden, hidden];
        if hidden == 0 || directions != count || rows != expected[1] || state.shape() != expected {
            let found = format!("{:?} and {:?}", input.shape(), state.shape());
            return Err(
                node.fail(format!("has weights of shapes {found} for {count} directions of {} gates", kind.gates()))
            );
        }
        if node.attributes.int("hidden_size", hidden as i64)? != hidden as i64 {
            return Err(node.fail(format!("has another hidden_size than its recurrent weights, {hidden}")));
        }
        import.spend(node, input.len() + state.len())?;
        let functions = functions(node, kind, count)?;
        let one = |direction| Self::one(node, kind, [input, state], (direction, count), functions[direction]);
        (0..count).map(one).collect()
    }

    fn one(
        node: &OnnxNode<'_>,
        kind: Kind,
        [input, state]: [&Constant; 2],
        (direction, count): (usize, usize),
        function: Activation,
    ) -> Result<Self, Problem> {
        let [rows, hidden] = [state.shape()[1], state.shape()[2]];
        let linear_before_reset = kind == Kind::Gru && node.attributes.flag("linear_before_reset", false)?;
        let bias = vector(node, 3, (direction, count), 2 * rows)?.unwrap_or_else(|| vec![0.0; 2 * rows]);
        let (of_input, of_state) = bias.split_at(rows);
        // What a reset gate multiplies keeps its own bias.
        let added = if linear_before_reset { 2 * hidden } else { rows };
        let sums = of_input[..added].iter().zip(of_state).map(|(a, b)| a + b);
        // A reset gate multiplies either the state or its product, so that part is multiplied by itself.
        let ungated = if kind == Kind::Gru { 2 * hidden } else { rows };
        let parts = [0..ungated, ungated..rows].into_iter().filter(|rows| !rows.is_empty());
        let start = |index: usize| -> Result<State, Problem> {
            let given = vector(node, index, (direction, count), hidden)?;
            Ok(State::Constant(given.unwrap_or_else(|| vec![0.0; hidden])))
        };
        Ok(Self {
            kind,
            hidden,
            input: matrix(node, input, direction, 0..rows)?,
            state: parts.map(|rows| matrix(node, state, direction, rows)).collect::<Result<_, _>>()?,
            bias: sums.chain(of_input[added..].iter().copied()).collect(),
            gated_bias: linear_before_reset.then(|| of_state[added..].into()),
            function,
            start: [start(5)?, if kind == Kind::Lstm { start(6)? } else { State::Constant(vec![]) }],
        })
    }

    /// Runs the steps, the last one first if `backward`; layers are called after `name`.
    fn run(
        &self,
        import: &mut Import,
        node: &OnnxNode<'_>,
        name: &str,
        input: Feature,
        (steps, backward): (usize, bool),
    ) -> Result<States, Problem> {
        let called = format!("{name}.input");
        let products = matrix_product(import, node, &called, input, self.input.clone(), Some(Arc::clone(&self.bias)))?;
        let [mut state, mut cells] = self.start.clone();
        let mut all = vec![];
        for step in 0..steps {
            let start = if backward { steps - 1 - step } else { step };
            let cut = import.push_part(node, Op::Slice { axis: 0, start, end: start + 1, step: 1 }, &[products.id])?;
            let shape = vec![self.kind.gates() * self.hidden];
            let products = import.push_part(node, Op::Reshape { shape }, &[cut])?;
            let mut own = Step { direction: self, import: &mut *import, node, name };
            let next = match self.kind {
                Kind::Plain => own.plain(products, &state)?,
                Kind::Gru => own.gru(products, &state)?,
                Kind::Lstm => {
                    let [next, next_cells] = own.lstm(products, &state, &cells)?;
                    cells = State::Node(next_cells);
                    next
                }
            };
            all.push(next);
            state = State::Node(next);
        }
        let last = *all.last().ok_or_else(|| node.fail("has no steps"))?;
        if backward {
            all.reverse();
        }
        let cells = if let State::Node(cells) = cells { cells } else { last };
        Ok(States { all, last: [last, cells] })
    }
}

/// One step of a direction.
struct Step<'a, 'n> {
    direction: &'a Direction,
    import: &'a mut Import,
    node: &'a OnnxNode<'n>,
    name: &'a str,
}

impl Step<'_, '_> {
    fn plain(&mut self, products: NodeId, state: &State) -> Result<NodeId, Problem> {
        let recurrent = self.times(0, state, None)?;
        let sum = self.add(products, &recurrent)?;
        self.push(Op::Activation(self.direction.function), &[sum])
    }

    /// Update gate z, reset gate r and new state n: (1 − z) n + z h.
    fn gru(&mut self, products: NodeId, state: &State) -> Result<NodeId, Problem> {
        let hidden = self.direction.hidden;
        let recurrent = self.times(0, state, None)?;
        let gates = self.part(products, 0, 2)?;
        let sum = self.add(gates, &recurrent)?;
        let gates = self.push(Op::Activation(Activation::Sigmoid), &[sum])?;
        let [update, reset] = [self.part(gates, 0, 1)?, self.part(gates, 1, 1)?];
        let gated = match self.direction.gated_bias.clone() {
            Some(bias) => {
                let product = self.times(1, state, Some(bias))?;
                self.gated(reset, &product)?
            }
            None => {
                let gated = self.gated(reset, state)?;
                self.times(1, &gated, None)?
            }
        };
        let own = self.part(products, 2, 1)?;
        let sum = self.add(own, &gated)?;
        let new = self.push(Op::Activation(Activation::Tanh), &[sum])?;
        let minus = self.push(Op::Activation(Activation::Neg), &[update])?;
        let rest = self.add(minus, &State::Constant(vec![1.0; hidden]))?;
        let new = self.push(Op::Mul, &[rest, new])?;
        let old = self.gated(update, state)?;
        self.add(new, &old)
    }

    /// Input gate i, output gate o, forget gate f and new cells c: the cells are f C + i c, the state o tanh of them.
    fn lstm(&mut self, products: NodeId, state: &State, cells: &State) -> Result<[NodeId; 2], Problem> {
        let recurrent = self.times(0, state, None)?;
        let sum = self.add(products, &recurrent)?;
        let gates = self.part(sum, 0, 3)?;
        let gates = self.push(Op::Activation(Activation::Sigmoid), &[gates])?;
        let [input, output, forget] = [self.part(gates, 0, 1)?, self.part(gates, 1, 1)?, self.part(gates, 2, 1)?];
        let new = self.part(sum, 3, 1)?;
        let new = self.push(Op::Activation(Activation::Tanh), &[new])?;
        let new = self.push(Op::Mul, &[input, new])?;
        let kept = self.gated(forget, cells)?;
        let cells = self.add(new, &kept)?;
        let bent = self.push(Op::Activation(Activation::Tanh), &[cells])?;
        Ok([self.push(Op::Mul, &[output, bent])?, cells])
    }

    fn push(&mut self, op: Op, inputs: &[NodeId]) -> Result<NodeId, Problem> {
        self.import.push_part(self.node, op, inputs)
    }

    /// So many gates of a vector, from one on.
    fn part(&mut self, id: NodeId, first: usize, count: usize) -> Result<NodeId, Problem> {
        let hidden = self.direction.hidden;
        self.push(Op::Slice { axis: 0, start: first * hidden, end: (first + count) * hidden, step: 1 }, &[id])
    }

    fn constant(&mut self, values: &[f32]) -> Result<NodeId, Problem> {
        self.push(Op::Constant(Tensor::new(vec![values.len()], values.to_vec()).into()), &[])
    }

    /// The product with a part of the recurrent weights.
    fn times(&mut self, part: usize, state: &State, bias: Option<Arc<[f32]>>) -> Result<State, Problem> {
        let weights = &self.direction.state[part];
        match state {
            State::Constant(values) => {
                let rows = weights.values.values().chunks_exact(values.len()).enumerate();
                let product = rows.map(|(row, weights)| {
                    let bias = bias.as_ref().map_or(0.0, |bias| f64::from(bias[row]));
                    weights.iter().zip(values).fold(bias, |sum, (&w, &x)| sum + f64::from(w) * f64::from(x)) as f32
                });
                Ok(State::Constant(product.collect()))
            }
            State::Node(id) => {
                let out_features = weights.values.shape()[0];
                let dense = Op::Dense(Dense { out_features, weights: Some(weights.clone()), bias });
                let name = format!("{}.state", self.name);
                Ok(State::Node(self.import.push_named(self.node, &name, dense, &[*id])?))
            }
        }
    }

    /// A sum, which a constant of zeros leaves as it is.
    fn add(&mut self, id: NodeId, other: &State) -> Result<NodeId, Problem> {
        let other = match other {
            State::Constant(values) if values.iter().all(|&value| value == 0.0) => return Ok(id),
            State::Constant(values) => self.constant(values)?,
            State::Node(other) => *other,
        };
        self.push(Op::Add, &[id, other])
    }

    /// A product, which is zero for a constant of zeros.
    fn gated(&mut self, gate: NodeId, other: &State) -> Result<State, Problem> {
        let other = match other {
            State::Constant(values) if values.iter().all(|&value| value == 0.0) => return Ok(other.clone()),
            State::Constant(values) => self.constant(values)?,
            State::Node(other) => *other,
        };
        Ok(State::Node(self.push(Op::Mul, &[gate, other])?))
    }
}

/// The functions of plain layers, one a direction; those of the other kinds are their own.
fn functions(node: &OnnxNode<'_>, kind: Kind, count: usize) -> Result<Vec<Activation>, Problem> {
    let own = kind.functions();
    let given = node.attributes.strings("activations")?;
    let names: Vec<&str> = match given {
        Some(names) => names.iter().map(String::as_str).collect(),
        None => own.repeat(count),
    };
    let refused = |found: &[&str]| {
        let allowed = if kind == Kind::Plain {
            "Tanh and Relu are allowed".into()
        } else {
            format!("{} are allowed", own.join(", "))
        };
        node.attributes.unsupported("activations", found.join(", "), &allowed)
    };
    if names.len() != own.len() * count {
        return Err(refused(&names));
    }
    let of_direction = |names: &[&str]| match (kind, names) {
        (Kind::Plain, ["Relu"]) => Ok(Activation::Relu),
        (_, names) if names == own => Ok(Activation::Tanh),
        _ => Err(refused(names)),
    };
    names.chunks_exact(own.len()).map(of_direction).collect()
}

/// Rows of one direction's matrix, of weights `[directions, rows, columns]`.
fn matrix(
    node: &OnnxNode<'_>,
    constant: &Constant,
    direction: usize,
    rows: std::ops::Range<usize>,
) -> Result<Weights, Problem> {
    let &[_, all, columns] = constant.shape() else { return Err(node.fail("has weights that do not have three axes")) };
    let scale = match &constant.scale {
        None => None,
        Some(ChannelScale { per_channel, .. }) if per_channel.len() == 1 => Some(per_channel.to_vec()),
        Some(_) => return Err(node.fail("has weights quantised by channel; one scale for all is supported")),
    };
    let values = &node.finite(constant)?.values()[(direction * all + rows.start) * columns..][..rows.len() * columns];
    Ok(Weights { values: Tensor::new(vec![rows.len(), columns], values.to_vec()).into(), scale })
}

/// One direction's share of an optional constant with so many values for each direction.
fn vector(
    node: &OnnxNode<'_>,
    index: usize,
    (direction, count): (usize, usize),
    length: usize,
) -> Result<Option<Vec<f32>>, Problem> {
    let Some(constant) = node.constant(index) else { return Ok(None) };
    let values = node.finite(constant)?.values();
    if values.len() != count * length {
        let found = values.len();
        return Err(node.fail(format!("has {found} values as input {index}; {count} × {length} are expected")));
    }
    Ok(Some(values[direction * length..][..length].to_vec()))
}
