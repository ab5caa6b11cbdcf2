//! Searched kernel plans as flat numbers: the documented JSON of `plan`.

use super::basis::Basis;
use crate::explore::{ExploreError, KernelSearch, LayerOptions, PlannedKernels, RatioPlan};
use crate::network::{KernelPlan, ReplaceRule};
use serde::Serialize;

/// Kernel plans of a network as flat numbers. Its JSON form is the output of `tilewright plan --format json`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PlanSummary {
    /// What was searched, and onto what.
    #[serde(flatten)]
    pub basis: Basis,
    /// Crossbars of the layers that cannot be replaced.
    pub fixed_crossbars: u64,
    /// The replaceable layers with their options, in execution order.
    pub layers: Vec<LayerOptions>,
    /// Greatest number of crossbars asked for; none: the whole front.
    pub budget: Option<u64>,
    /// The best plan within the budget; or the best for every budget, fewest crossbars first.
    pub plans: Vec<PlanNumbers>,
}

/// One plan as flat numbers.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PlanNumbers {
    /// Crossbars of the whole network.
    pub crossbars: u64,
    /// Sum of the losses of the replaced layers.
    pub loss: f64,
    /// Replaced / replaceable layers.
    pub ratio: f64,
    /// The plan as [`KernelPlan`] reads it.
    pub kernels: String,
    /// Names of the replaced layers in execution order.
    pub replaced: Vec<String>,
    /// 2D kernels per input channel of each of them.
    pub ranks: Vec<usize>,
    /// Plans by rule with the fewest replaced layers that keep to the same crossbars (or budget, where one was asked for).
    pub ratio_plans: Vec<RatioNumbers>,
}

/// A plan by rule as flat numbers.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RatioNumbers {
    /// Which layers go first.
    pub rule: ReplaceRule,
    /// Crossbars of the whole network.
    pub crossbars: u64,
    /// Sum of the losses of the replaced layers.
    pub loss: f64,
    /// Replaced / replaceable layers.
    pub ratio: f64,
    /// The plan as [`KernelPlan`] reads it.
    pub kernels: String,
}

impl PlanSummary {
    /// The best plan of a search within a budget, or the best for every budget.
    ///
    /// # Errors
    /// As [`KernelSearch::best`] and [`KernelSearch::front`].
    pub fn new(search: &KernelSearch, budget: Option<u64>) -> Result<Self, ExploreError> {
        let planned = match budget {
            Some(budget) => vec![search.best(budget)?],
            None => search.front()?,
        };
        let plans =
            planned.iter().map(|planned| PlanNumbers::new(search, planned, budget.unwrap_or(planned.crossbars)));
        Ok(Self {
            basis: Basis::new(&search.network, search.scheme, &search.target),
            fixed_crossbars: search.fixed_crossbars,
            layers: search.layers.clone(),
            budget,
            plans: plans.collect(),
        })
    }
}

impl PlanNumbers {
    fn new(search: &KernelSearch, planned: &PlannedKernels, budget: u64) -> Self {
        let rules = [ReplaceRule::First, ReplaceRule::Last, ReplaceRule::MostSaved];
        let partners = rules.into_iter().filter_map(|rule| search.ratio_plan(rule, budget));
        Self {
            crossbars: planned.crossbars,
            loss: planned.loss,
            ratio: planned.ratio(),
            kernels: planned.plan().to_string(),
            replaced: planned.replaced.iter().map(|layer| layer.name.clone()).collect(),
            ranks: planned.replaced.iter().map(|layer| layer.rank).collect(),
            ratio_plans: partners.map(|partner| RatioNumbers::new(&partner)).collect(),
        }
    }
}

impl RatioNumbers {
    fn new(plan: &RatioPlan) -> Self {
        let PlannedKernels { crossbars, loss, .. } = plan.planned;
        let kernels: KernelPlan = plan.plan();
        Self { rule: plan.rule, crossbars, loss, ratio: plan.planned.ratio(), kernels: kernels.to_string() }
    }
}
