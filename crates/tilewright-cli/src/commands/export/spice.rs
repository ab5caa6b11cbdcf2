//! `export spice`: a crossbar of a programmed network as a netlist.

use crate::args::export::SpiceArgs;
use crate::args::parse::Typed;
use crate::hardware::{programmable, verify};
use crate::images::{Fitted, Images};
use crate::{Outcome, heed, output, progress};
use anyhow::Result;
use tilewright::circuit::spice::netlist;
use tilewright::circuit::{CellCurve, SolveOptions, solve_nonlinear};
use tilewright::hardware::LineOrder;
use tilewright::network::{Tensor, is_rounded};
use tilewright::simulate::{Chip, CrossbarAccess, CrossbarMap, Programmable};

pub(super) fn run(args: &SpiceArgs, typed: &Typed) -> Result<Outcome> {
    verify(&args.hardware)?;
    let network = args.input.resolve(&args.model)?;
    network.verify_kept_digital()?;
    tilewright_models::check_weights(&network)?;
    let mut calibration = vec![];
    let mut image: Option<(u64, Tensor<f32>)> = None;
    // Lines are chosen by what the calibration images drive them with.
    let by_faults = args.hardware.design.design()?.compensation.order == LineOrder::ByFaults;
    if args.image.is_some() || by_faults || !is_rounded(&network) {
        let needed = args.image.map_or(1, |number| number as usize + 1);
        let images = Images::find(&args.model, &network, &args.set, needed)?;
        if let Some(number) = args.image {
            image = Some((number.into(), images.test_image(number)?));
        }
        calibration =
            images.calibration(&network, (&args.set, &args.calibration), Fitted::of(&network, &[&args.hardware]))?;
    } else {
        heed::refuse(typed, &heed::of_unshown())?;
    }
    // What only says how currents are read needs no images where none is shown.
    let read = args.image.is_some();
    let network = programmable(&network, &calibration, &args.hardware, read, args.threads)?;
    heed::refuse(typed, &heed::of_ready(&network))?;
    let text = text(args, &network, image.as_ref())?;
    output::write(&args.output, |to| Ok(to.write_all(text.as_bytes())?))?;
    Ok(Outcome::Done)
}

/// The crossbar of the chip, driven as asked for.
fn text(args: &SpiceArgs, network: &Programmable<'_>, image: Option<&(u64, Tensor<f32>)>) -> Result<String> {
    let plan = network.plan();
    let access = CrossbarAccess { layer: &args.layer, crossbar: args.index, access: args.access };
    let map = CrossbarMap::of(&plan, args.seed, &access)?;
    let rows = access.driven_rows(&plan)?;
    let inputs = match image {
        Some((number, image)) => program(network, args.seed)?.row_inputs(&plan, &access, *number, image)?,
        None => (0..map.rows).map(|row| if rows.contains(&row) { 1.0 } else { 0.0 }).collect(),
    };
    let volts: Vec<f64> = map.on_word_lines(&inputs).into_iter().map(|input| args.volt * input).collect();
    let hardware = network.hardware.of_layer(&map.layer);
    let crossbar = map.circuit(hardware.wiring)?;
    let driven = match args.image {
        Some(image) => format!("image {image}"),
        None if rows.len() < map.rows => format!("rows {} to {} alike", rows.start, rows.end - 1),
        None => "all rows alike".into(),
    };
    let title = title(args, network, &map, &driven);
    let curve = hardware.device.curve();
    let currents = match &curve {
        CellCurve::Linear => map.currents(&volts),
        bent => solve_nonlinear(&crossbar, bent, &volts, &SolveOptions::default())?.currents,
    };
    Ok(netlist(&crossbar, &curve, &title, &volts, &currents)?)
}

fn program(network: &Programmable<'_>, seed: u64) -> Result<Chip> {
    let bar = progress::bar("crossbars");
    let chip = Chip::program(&network.plan(), seed, &progress::on(&bar));
    bar.finish_and_clear();
    Ok(chip?)
}

fn title(
    args: &SpiceArgs,
    Programmable { bits, mapping, .. }: &Programmable<'_>,
    map: &CrossbarMap,
    driven: &str,
) -> String {
    let SpiceArgs { model, layer, index, access, seed, .. } = args;
    let of = map.crossbars;
    format!(
        "{}, layer {layer}, crossbar {index} of {of}, {}, seed {seed}, access {access}, {driven}; weights: {}; inputs: {}",
        model.display(),
        mapping.scheme,
        bits.weights,
        bits.inputs
    )
}
