//! What is mapped onto what, from the options that the command has under these names.

use crate::session::{AskError, Session};
use serde::Deserialize;
use tilewright::cost::{CostModel, Settings};
use tilewright::hardware::{Design, setting};
use tilewright::mapping::scheme::{self, Scheme};
use tilewright::mapping::{Mapping, NetworkBits, SignRule, Target, kernels};
use tilewright::network::{KernelPlan, Network, NetworkError, zoo};

/// The greatest side of a crossbar here: addresses have 32 bits, and cells are drawn one by one.
const MAX_SIDE: usize = 1024;

/// Options of `tilewright cost`; what is left out is the design's.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Setup {
    /// A network of the zoo; the opened file without it.
    pub model: Option<String>,
    /// A preset.
    pub chip: String,
    /// A scheme's name.
    pub scheme: String,
    /// A kernel plan.
    pub kernels: Option<String>,
    /// As in `128` or `512x256`.
    pub crossbar: Option<String>,
    /// How the sign of a weight is stored.
    pub encoding: Option<SignRule>,
    /// Bits of a signed weight.
    pub weight_bits: Option<u32>,
    /// Bits of a cell.
    pub cell_bits: Option<u32>,
    /// Bits of an input.
    pub input_bits: Option<u32>,
}

/// A network under its kernel plan, mapped for a design.
pub(crate) struct Mapped {
    pub(crate) network: Network,
    pub(crate) mapping: Mapping,
    pub(crate) model: CostModel,
    pub(crate) bits: NetworkBits,
}

impl Setup {
    pub(crate) fn mapped(&self, session: &Session) -> Result<Mapped, AskError> {
        let original = self.network(session)?;
        let (design, bits) = self.design()?.for_network(&original)?;
        let settings = Settings { layer_inputs: bits.layer_inputs.clone(), ..Settings::default() };
        let model = CostModel::new(&design, &session.library, settings)?;
        let scheme = scheme::find(&self.scheme)?;
        let target = Target { weight_bits_from: bits.weights.origin, ..model.target() };
        let network = self.replaced(original, scheme, &target)?;
        let targets = model.chip().targets(&target, &bits.layer_weights)?;
        let mapping = model.map_for(&network, scheme, &targets, (None, None))?;
        Ok(Mapped { network, mapping, model, bits })
    }

    fn network(&self, session: &Session) -> Result<Network, AskError> {
        match (&self.model, &session.opened) {
            (Some(name), _) => Ok(zoo::build(name)?),
            (None, Some(opened)) => Ok(opened.clone()),
            (None, None) => Err(AskError::Other("no file is open; pick a network or an ONNX file".into())),
        }
    }

    /// The preset with what is given set over it.
    fn design(&self) -> Result<Design, AskError> {
        let mut design = Design::preset(&self.chip)?;
        let given = [
            ("crossbar", self.crossbar.clone()),
            ("encoding", self.encoding.map(|sign| sign.name().to_owned())),
            ("weight-bits", self.weight_bits.map(|bits| bits.to_string())),
            ("cell-bits", self.cell_bits.map(|bits| bits.to_string())),
            ("input-bits", self.input_bits.map(|bits| bits.to_string())),
        ];
        for (name, value) in given {
            if let Some(value) = value {
                design.set(setting(name)?, &value)?;
            }
        }
        let size = design.crossbar;
        if size.rows.max(size.columns) > MAX_SIDE {
            return Err(AskError::Other(format!(
                "crossbar {size}: this page has up to {MAX_SIDE} rows and columns; the command has more"
            )));
        }
        Ok(design)
    }

    /// The network with its kernels replaced as planned.
    fn replaced(&self, network: Network, scheme: &dyn Scheme, target: &Target) -> Result<Network, AskError> {
        let Some(plan) = &self.kernels else { return Ok(network) };
        let plan: KernelPlan = plan.parse().map_err(|error: NetworkError| AskError::Network(error))?;
        Ok(kernels::replaced(&network, &plan, scheme, target)?)
    }
}
