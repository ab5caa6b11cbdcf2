//! `circuit spice`: a crossbar of a mapped network as a netlist.

use crate::args::circuit::SpiceArgs;
use crate::settings::combine;
use crate::{Outcome, output};
use anyhow::{Context, Result, anyhow};
use tilewright::circuit::device::ConductanceRange;
use tilewright::circuit::spice::netlist;
use tilewright::circuit::{Crossbar, transfer};
use tilewright::mapping::placement::crossbars;
use tilewright::mapping::scheme::find;
use tilewright::mapping::{Tiles, map_network};
use tilewright::simulate::{IntegerLayer, LevelScale, Rounding, integer_layers};

pub(super) fn run(args: &SpiceArgs) -> Result<Outcome> {
    let (crossbar, title) = programmed(args)?;
    let voltages = vec![args.volt; crossbar.rows()];
    let currents = transfer(&crossbar)?.currents(&voltages)?;
    let text = netlist(&crossbar, &title, &voltages, &currents)?;
    output::write(&args.output, |to| Ok(to.write_all(text.as_bytes())?))?;
    Ok(Outcome::Done)
}

/// The crossbar with the layer's weights as conductances, and what it is.
fn programmed(args: &SpiceArgs) -> Result<(Crossbar, String)> {
    let target = combine(&args.target, &args.rules)?;
    let network = tilewright_onnx::resolve(&args.model)?;
    let mapping = map_network(&network, find(&args.scheme)?, &target, None)?;
    let names = || mapping.layers.iter().map(|layer| layer.name.as_str()).collect::<Vec<_>>().join(", ");
    let place = mapping.layers.iter().position(|layer| layer.name == args.layer);
    let place = place.with_context(|| format!("no layer {:?} in {}; there are {}", args.layer, args.model, names()))?;
    let rounding = Rounding { weight_bits: target.encoding.weight_bits, input_bits: 8 };
    let layers = integer_layers(&network, &[], rounding).with_context(|| {
        format!("{} has no integer weights; give a network in integers such as resnet8-3d-int8", args.model)
    })?;
    let IntegerLayer { weights, .. } = &layers[place];
    let layer = &mapping.layers[place];
    let tiles = Tiles::new(&layer.shape, layer.tiling, target.crossbar, target.encoding)?;
    let count = crossbars(&tiles).count();
    let placed = crossbars(&tiles).nth(args.index).ok_or_else(|| {
        anyhow!("no crossbar {} in layer {}; one copy of it has {count}, from 0", args.index, args.layer)
    })?;
    let range = ConductanceRange { off: args.cells.g_on / args.cells.on_off, on: args.cells.g_on };
    let cells = LevelScale::new(&target.encoding, range).target(&placed, weights, &target.encoding);
    let crossbar = Crossbar::new(cells.rows, cells.columns, cells.siemens, crate::hardware::wiring(&args.wires, 2.5))?;
    let title = format!("{}, layer {}, crossbar {} of {count}, {}", args.model, args.layer, args.index, args.scheme);
    Ok((crossbar, title))
}
