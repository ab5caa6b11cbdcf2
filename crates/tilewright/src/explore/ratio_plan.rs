//! The plain partner of a searched plan: layers replaced in a fixed order until the same budget is met.

use super::{KernelOption, KernelSearch, Kernels, PlannedKernels};
use crate::mapping::kernels::difference;
use crate::network::{KernelPlan, NamedLayer, ReplaceRule, ReplacedLayers};

/// One 2D kernel per input channel, as Oh, An, Min 2023 have it.
const RANK: usize = 1;

/// A plan that replaces a share of the layers by a rule, all with rank 1, with what it takes and loses.
#[derive(Clone, Debug, PartialEq)]
pub struct RatioPlan {
    /// Which layers go first.
    pub rule: ReplaceRule,
    /// What results.
    pub planned: PlannedKernels,
}

impl RatioPlan {
    /// The plan, with nothing between the 2D and the 1D kernels.
    pub fn plan(&self) -> KernelPlan {
        ReplacedLayers::Ratio { ratio: self.planned.ratio(), rule: self.rule, rank: RANK }.into()
    }
}

impl KernelSearch {
    /// The plan of `rule` with the fewest replaced layers whose network takes at most `budget` crossbars: what to compare
    /// [`KernelSearch::best`] with at the same budget. `None` if no number of layers does.
    pub fn ratio_plan(&self, rule: ReplaceRule, budget: u64) -> Option<RatioPlan> {
        let option = |place: usize, kernels| self.layers[place].option(kernels);
        let both = [Kernels::Kernel3d, Kernels::Kernel2d1d { rank: RANK }];
        let saved = |place| match both.map(|kernels| option(place, kernels)) {
            [Some(kernel_3d), Some(kernels_2d1d)] => difference(kernel_3d.crossbars, kernels_2d1d.crossbars),
            _ => 0,
        };
        let named = |place: usize| NamedLayer { name: self.layers[place].name.clone(), rank: RANK };
        let order = rule.order(self.layers.len(), saved);
        (0..=order.len()).find_map(|count| {
            let mut chosen: Vec<&KernelOption> = Vec::with_capacity(order.len());
            let mut replaced = order[..count].to_vec();
            replaced.sort_unstable();
            for place in 0..order.len() {
                let is_replaced = replaced.binary_search(&place).is_ok();
                chosen.push(option(place, both[usize::from(is_replaced)])?);
            }
            let crossbars = chosen
                .iter()
                .try_fold(self.fixed_crossbars, |sum, option| sum.checked_add(option.crossbars))
                .filter(|&crossbars| crossbars <= budget)?;
            let planned = PlannedKernels {
                crossbars,
                loss: chosen.iter().fold(0.0, |sum, option| sum + option.loss),
                replaceable: order.len(),
                replaced: replaced.into_iter().map(named).collect(),
            };
            Some(RatioPlan { rule, planned })
        })
    }
}
