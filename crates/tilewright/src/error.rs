//! One error for programs that use several stages.

use crate::accuracy::AccuracyError;
use crate::circuit::CircuitError;
use crate::circuit::device::DeviceError;
use crate::cost::CostError;
use crate::dataset::DatasetError;
use crate::explore::ExploreError;
use crate::hardware::HardwareError;
use crate::mapping::MappingError;
use crate::mapping::verification::VerificationError;
use crate::network::NetworkError;
use crate::report::recognition::RecognitionError;
use crate::simulate::SimulateError;

/// What any stage refuses. Each stage has an error of its own, which `?` turns into this one; its text is that error's.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Of a network: its layers, weights, images and names.
    #[error(transparent)]
    Network(#[from] NetworkError),
    /// Of a mapping: what does not fit, and budgets that nothing meets.
    #[error(transparent)]
    Mapping(#[from] MappingError),
    /// Of a mapping's proof.
    #[error(transparent)]
    Verification(#[from] VerificationError),
    /// Of labelled images.
    #[error(transparent)]
    Dataset(#[from] DatasetError),
    /// Of recognition.
    #[error(transparent)]
    Accuracy(#[from] AccuracyError),
    /// Of a circuit.
    #[error(transparent)]
    Circuit(#[from] CircuitError),
    /// Of a device's file or of measurements.
    #[error(transparent)]
    Device(#[from] DeviceError),
    /// Of a design and its settings.
    #[error(transparent)]
    Hardware(#[from] HardwareError),
    /// Of a chip's simulation.
    #[error(transparent)]
    Simulate(#[from] SimulateError),
    /// Of a price.
    #[error(transparent)]
    Cost(#[from] CostError),
    /// Of a space of designs and its front.
    #[error(transparent)]
    Explore(#[from] ExploreError),
    /// Of recorded recognition.
    #[error(transparent)]
    Recognition(#[from] RecognitionError),
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::zoo;

    #[test]
    fn errors_of_stages_keep_their_text() {
        fn unknown() -> Result<(), Error> {
            zoo::build("resnet21")?;
            Ok(())
        }
        let own = zoo::build("resnet21").unwrap_err().to_string();
        assert_eq!(unknown().unwrap_err().to_string(), own);
    }
}
