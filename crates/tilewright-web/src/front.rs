//! Area, energy and latency of a network under one scheme and several kernel plans.

use crate::session::{AskError, Session};
use crate::setup::{Mapped, Setup};
use serde::Serialize;

/// The points, and why others are missing.
#[derive(Serialize)]
pub(crate) struct Front {
    points: Vec<Point>,
    missing: Vec<Missing>,
}

/// One mapping priced.
#[derive(Serialize)]
struct Point {
    scheme: String,
    kernels: String,
    crossbars: u64,
    area_mm2: f64,
    energy_uj: f64,
    latency_ms: f64,
}

/// A mapping that there is not.
#[derive(Serialize)]
struct Missing {
    scheme: String,
    kernels: String,
    because: String,
}

impl Front {
    pub(crate) fn new(session: &Session, setup: &Setup, kernels: &[String]) -> Self {
        let mut front = Self { points: vec![], missing: vec![] };
        for plan in kernels {
            let setup = Setup { kernels: Some(plan.clone()), ..setup.clone() };
            match point(session, &setup, plan) {
                Ok(point) => front.points.push(point),
                Err(error) => front.missing.push(Missing {
                    scheme: setup.scheme,
                    kernels: plan.clone(),
                    because: error.to_string(),
                }),
            }
        }
        front
    }
}

fn point(session: &Session, setup: &Setup, kernels: &str) -> Result<Point, AskError> {
    let Mapped { network, mapping, model, .. } = setup.mapped(session)?;
    let cost = model.cost(&network, &mapping)?;
    Ok(Point {
        scheme: setup.scheme.clone(),
        kernels: kernels.into(),
        crossbars: cost.crossbars,
        area_mm2: cost.area_mm2,
        energy_uj: cost.energy_uj,
        latency_ms: cost.latency_ms,
    })
}
