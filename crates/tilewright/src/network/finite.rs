//! Numbers that are none: what a network must not hold to be run.

use super::{Network, NetworkError, Node, Op};

impl Network {
    /// Checks that every weight, bias and factor is a finite number, and every constant a number (a mask may be infinite). One
    /// that is not would vanish in the next pooling or rounding, and the network would yield scores all the same.
    ///
    /// # Errors
    /// [`NetworkError::Layer`] with the first node that holds one, and how many it holds of what.
    pub fn verify_finite(&self) -> Result<(), NetworkError> {
        self.nodes().iter().try_for_each(verify)
    }
}

fn verify(node: &Node) -> Result<(), NetworkError> {
    for (what, values) in numbers(&node.op) {
        let masks = matches!(node.op, Op::Constant(_));
        let wrong = values.iter().filter(|value| if masks { value.is_nan() } else { !value.is_finite() }).count();
        if wrong > 0 {
            let problem = format!("has {wrong} of {} {what} that are NaN or infinite; mend the model", values.len());
            return Err(NetworkError::Layer { layer: node.name.clone(), problem });
        }
    }
    Ok(())
}

/// The numbers an operation holds, by what they are.
fn numbers(op: &Op) -> Vec<(&'static str, &[f32])> {
    match op {
        op if op.is_weighted() => {
            let weights = op.weights();
            let scales = weights.and_then(|weights| weights.scale.as_deref());
            let numbers = [
                ("weights", weights.map(|weights| weights.values.values())),
                ("weight scales", scales),
                ("biases", op.bias().map(|bias| &**bias)),
            ];
            numbers.into_iter().filter_map(|(what, values)| Some((what, values?))).collect()
        }
        Op::BatchNorm(norm) => norm.parameters.iter().fold(vec![], |mut numbers, parameters| {
            numbers.extend([("scales", &*parameters.scale), ("shifts", &*parameters.shift)]);
            numbers
        }),
        Op::FakeQuantize { scale, .. } => vec![("scales", std::slice::from_ref(scale))],
        Op::Constant(constant) => vec![("constants", constant.values())],
        _ => vec![],
    }
}
