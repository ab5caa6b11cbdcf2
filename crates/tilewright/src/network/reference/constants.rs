//! What a network computes from constants only.

use super::digital::execute;
use crate::network::{Network, NetworkError, NodeId, Op, Tensor};
use std::sync::Arc;

impl Network {
    /// The same function with every digital operation on constants only replaced by what it yields. Constants that no operation takes any
    /// more go.
    ///
    /// # Errors
    /// If rebuilding the network fails, which [`Network::verify`] would have said too.
    pub fn fold_constants(&self) -> Result<Self, NetworkError> {
        let mut constants: Vec<Option<Arc<Tensor<f32>>>> = vec![];
        for node in self.nodes() {
            let inputs: Option<Vec<&Tensor<f32>>> =
                node.inputs.iter().map(|input| constants[input.0].as_deref()).collect();
            let computed = match (&node.op, inputs) {
                (Op::Constant(values), _) => Some(Arc::clone(values)),
                (op, Some(inputs)) if !inputs.is_empty() => execute(op, &inputs, &node.shape).map(Arc::new),
                _ => None,
            };
            constants.push(computed);
        }
        let mut taken = vec![false; self.nodes().len()];
        for (node, _) in self.nodes().iter().zip(&constants).filter(|(_, constant)| constant.is_none()) {
            node.inputs.iter().for_each(|input| taken[input.0] = true);
        }
        taken[self.output().0] = true;
        let mut folded = self.like();
        let mut places = vec![self.input(); self.nodes().len()];
        for (id, node) in self.iter().skip(1) {
            let (op, inputs) = match &constants[id.0] {
                Some(_) if !taken[id.0] => continue,
                Some(values) => (Op::Constant(Arc::clone(values)), vec![]),
                None => (node.op.clone(), node.inputs.iter().map(|input| places[input.0]).collect::<Vec<NodeId>>()),
            };
            places[id.0] = folded.push(node.name.clone(), op, &inputs)?;
        }
        Ok(folded)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::reference::float;

    #[test]
    fn operations_on_constants_are_computed_and_the_result_stays() {
        let mut network = Network::new("constants", vec![2]);
        let constant = |values: [f32; 2]| Op::Constant(Tensor::new(vec![2], values.to_vec()).into());
        let a = network.push("a", constant([1.0, 2.0]), &[]).unwrap();
        let b = network.push("b", constant([3.0, 5.0]), &[]).unwrap();
        let sum = network.push("sum", Op::Add, &[a, b]).unwrap();
        network.push("product", Op::Mul, &[network.input(), sum]).unwrap();
        let folded = network.fold_constants().unwrap();
        let names: Vec<&str> = folded.nodes().iter().map(|node| node.name.as_str()).collect();
        assert_eq!(names, ["input", "sum", "product"]);
        assert_eq!(folded.nodes()[1].op, constant([4.0, 7.0]));
        let image = Tensor::new(vec![2], vec![10.0, -1.0]);
        let [before, after] = [&network, &folded].map(|network| float::run(network, &image).unwrap().pop());
        assert_eq!(before, after);
        assert_eq!(after.unwrap().values(), [40.0, -7.0]);
    }
}
