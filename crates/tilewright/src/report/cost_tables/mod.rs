//! A priced network as tables: what each component takes, the totals, the spread over models of converters.

mod compared;

use crate::cost::schedule::Bound;
use crate::cost::{AdcSpread, Breakdown, Cost};
use crate::hardware::Order;
use crate::mapping::Bits;
use crate::mapping::search::SearchRecord;
use crate::report::CostSummary;
use crate::report::table::{Column, Document, Kind, Table, Value, bits_of, counted, number, of_bits, thousands};
use std::fmt::Write;

impl CostSummary {
    /// The tables with a title above and what a reader must know below; a spreadsheet gets the leaves.
    pub fn document(&self, search: Option<&SearchRecord>, by_layer: bool) -> Document<'_> {
        let Self { cost, bits, compared, .. } = self;
        let title = format!("{}, scheme {}, chip {} at {} nm", cost.network, cost.scheme, cost.chip, cost.node_nm);
        let mut document = Document::new(&title)
            .lines(format!("{title}\n{}\n", onto(cost)))
            .table(components(cost))
            .data(leaves(self));
        if by_layer {
            document = document.table(layers(cost));
            if !cost.products.is_empty() {
                document = document.table(products(cost));
            }
        }
        document = document.lines(totals(cost));
        if let Some(spread) = &cost.adc_spread {
            document = document.table(spread_table(spread, cost));
        }
        let mut notes = format!("Weights: {}. Inputs: {}.\n", bits.weights, bits.inputs);
        if let Some(SearchRecord { stop, compared, .. }) = search {
            let _ = writeln!(notes, "Search: {stop} ({} compared), priced in full.", thousands(*compared));
        }
        cost.notes.iter().for_each(|note| {
            let _ = writeln!(notes, "Note: {note}.");
        });
        compared::parts(document.lines(notes), cost, compared)
    }
}

/// A row for every leaf of the tree by layer, and one without numbers for every operation that has no price.
fn leaves(CostSummary { cost, bits, .. }: &CostSummary) -> Table {
    let columns = ["network", "scheme", "chip", "part", "component", "area_um2", "energy_pj", "leakage_pj"];
    let columns = columns.into_iter().chain(["network_macs_share"]).map(Column::data);
    let mut table = Table::new(columns.chain(of_bits()).collect());
    let mut row = |part: &str, component: &str, numbers: [Value; 3]| {
        let words = [&cost.network, cost.scheme, &cost.chip, part, component].map(Value::from);
        let layer = cost.layers.iter().find(|layer| layer.name == part);
        let inputs = Bits { bits: layer.map_or(cost.input_bits, |layer| layer.input_bits), ..bits.inputs };
        let bits = bits_of(bits.weights, inputs);
        table.row(words.into_iter().chain(numbers).chain([cost.coverage.share.into()]).chain(bits));
    };
    for part in &cost.by_layer.parts {
        let leaves: &[Breakdown] = if part.parts.is_empty() { std::slice::from_ref(part) } else { &part.parts };
        for leaf in leaves {
            row(&part.name, &leaf.name, [leaf.area_um2, leaf.energy_pj, leaf.leakage_pj].map(Value::from));
        }
    }
    let is_priced = |name: &str| cost.products.iter().any(|product| product.name == name);
    let unpriced = cost.coverage.off_crossbars.iter().filter(|off| !is_priced(&off.name));
    unpriced.for_each(|off| row(&off.name, "off crossbars", [const { Value::Missing }; 3]));
    cost.unpriced.iter().for_each(|of| row(&of.name, "not priced", [const { Value::Missing }; 3]));
    table
}

fn onto(cost: &Cost) -> String {
    let sign = cost.encoding.sign.words();
    let adc = cost.adc.as_ref().map_or("no converters".into(), |adc| {
        format!("{}-bit converters ({}), {} sums each", adc.bits, adc.model, adc.columns)
    });
    let rows = match cost.active_rows {
        all if all == cost.crossbar.rows => String::new(),
        some => format!(", {} at a time", counted(some as u64, "row")),
    };
    format!(
        "{} crossbars{rows}, {sign}, {}-bit weights in {}-bit cells, {}, {adc}",
        cost.crossbar,
        cost.encoding.weight_bits,
        cost.encoding.cell_bits,
        inputs(cost)
    )
}

/// `8-bit inputs in 8 pulses`, or `4- to 8-bit inputs in 4 to 8 pulses` where layers differ.
fn inputs(cost: &Cost) -> String {
    let pulses = counted(cost.pulses as u64, "pulse");
    match cost.layers.iter().min_by_key(|layer| layer.input_bits) {
        Some(least) if least.input_bits < cost.input_bits => {
            format!("{}- to {}-bit inputs in {} to {pulses}", least.input_bits, cost.input_bits, least.pulses)
        }
        _ => format!("{}-bit inputs in {pulses}", cost.input_bits),
    }
}

fn components(cost: &Cost) -> Table {
    let mut table = Table::new(vec![
        Column::shown(Kind::Words, "component"),
        Column::shown(Kind::Quantity, "mm²"),
        Column::shown(Kind::Share, "of area").hidden_at(2),
        Column::shown(Kind::Quantity, "µJ an image"),
        Column::shown(Kind::Quantity, "leaked").hidden_at(1),
        Column::shown(Kind::Share, "of energy").hidden_at(3),
    ]);
    for group in &cost.by_component.parts {
        let leaves: &[Breakdown] = if group.parts.is_empty() { std::slice::from_ref(group) } else { &group.parts };
        let mut leaves: Vec<&Breakdown> = leaves.iter().collect();
        leaves.sort_by(|a, b| b.area_um2.total_cmp(&a.area_um2));
        leaves.iter().for_each(|part| table.row(row(part, &cost.by_component)));
    }
    table.total(row(&Breakdown { name: "total".into(), ..cost.by_component.clone() }, &cost.by_component));
    table
}

fn row(part: &Breakdown, whole: &Breakdown) -> [Value; 6] {
    let of = |part: f64, whole: f64| if whole > 0.0 { Value::Number(part / whole) } else { Value::Missing };
    [
        (*part.name).into(),
        (part.area_um2 * 1e-6).into(),
        of(part.area_um2, whole.area_um2),
        (part.total_energy_pj() * 1e-6).into(),
        (part.leakage_pj * 1e-6).into(),
        of(part.total_energy_pj(), whole.total_energy_pj()),
    ]
}

fn layers(cost: &Cost) -> Table {
    // Settings of their own in words, where layers have some.
    let has_own = !cost.layer_settings.is_empty();
    let own = |layer: &str| has_own.then(|| Value::from(cost.layer_settings.of(layer)));
    let mut columns = vec![
        Column::shown(Kind::Words, "layer"),
        Column::shown(Kind::Whole, "crossbars"),
        Column::shown(Kind::Whole, "macros").hidden_at(3),
        Column::shown(Kind::Quantity, "mm²"),
        Column::shown(Kind::Quantity, "µJ"),
        Column::shown(Kind::Whole, "input bits").hidden_at(3),
        Column::shown(Kind::Whole, "cycles").hidden_at(2),
        Column::shown(Kind::Whole, "steps a cycle").hidden_at(3),
        Column::shown(Kind::Quantity, "ns a cycle").hidden_at(2),
        Column::shown(Kind::Words, "waits for").hidden_at(1),
        Column::shown(Kind::Quantity, "starts µs").hidden_at(1),
        Column::shown(Kind::Quantity, "ends µs"),
    ];
    columns.extend(has_own.then(|| Column::shown(Kind::Words, "macros of its own")));
    let mut table = Table::new(columns);
    for (layer, part) in cost.layers.iter().zip(&cost.by_layer.parts) {
        let cells = [
            (&layer.name).into(),
            layer.crossbars.into(),
            Value::Whole(layer.macros as u64),
            (part.area_um2 * 1e-6).into(),
            (part.total_energy_pj() * 1e-6).into(),
            layer.input_bits.into(),
            layer.cycles.into(),
            layer.steps.into(),
            layer.cycle_ns.into(),
            waits_for(layer.bound).into(),
            (layer.span_ns[0] * 1e-3).into(),
            (layer.span_ns[1] * 1e-3).into(),
        ];
        table.row(cells.into_iter().chain(own(&layer.name)));
    }
    table
}

fn waits_for(bound: Bound) -> &'static str {
    match bound {
        Bound::Read => "read",
        Bound::Convert => "conversion",
        Bound::Transfer => "bus",
        Bound::Multiply => "products",
    }
}

/// What multiply-accumulate units compute.
fn products(cost: &Cost) -> Table {
    let mut table = Table::new(vec![
        Column::shown(Kind::Words, "off crossbars"),
        Column::shown(Kind::Words, "operation").hidden_at(2),
        Column::shown(Kind::Whole, "multiply-accumulates"),
        Column::shown(Kind::Quantity, "kB read, written").hidden_at(1),
        Column::shown(Kind::Words, "waits for").hidden_at(1),
        Column::shown(Kind::Quantity, "starts µs").hidden_at(1),
        Column::shown(Kind::Quantity, "ends µs"),
    ]);
    for product in &cost.products {
        table.row([
            (&product.name).into(),
            (&product.operation).into(),
            product.macs.into(),
            (product.buffer_bits / 8.0 / 1024.0).into(),
            waits_for(product.bound).into(),
            (product.span_ns[0] * 1e-3).into(),
            (product.span_ns[1] * 1e-3).into(),
        ]);
    }
    table
}

fn totals(cost: &Cost) -> String {
    let order = match cost.order {
        Order::LayerByLayer => "layer by layer",
        Order::Pipelined => "pipelined",
    };
    let on_crossbars = thousands(2 * cost.coverage.macs_on_crossbars);
    let of_network = match (cost.coverage.is_whole(), cost.products.is_empty()) {
        (true, _) => String::new(),
        (false, true) => format!(" on crossbars of {}", thousands(2 * cost.coverage.macs)),
        (false, false) => format!(", {on_crossbars} of them on crossbars"),
    };
    let chips = if cost.chips > 1.0 { format!(" of {} chips", cost.chips) } else { String::new() };
    format!(
        "{} in {} on {}{chips}, {} kB of buffer.\n\
         {} mm², {} µJ an image (of it {} leak), {} mW on average.\n\
         {order}: latency {} ms, an image every {} ms, {} images/s.\n\
         {} operations an image{of_network} (2 a multiply-accumulate, padding counted): {} TOPS, {} TOPS/W, {} TOPS/mm².\n",
        counted(cost.crossbars, "crossbar"),
        counted(cost.macros as u64, "macro"),
        counted(cost.tiles as u64, "tile"),
        number(cost.buffer_bytes / 1024.0),
        number(cost.area_mm2),
        number(cost.energy_uj),
        number(cost.leakage_uj),
        number(cost.power_mw),
        number(cost.latency_ms),
        number(cost.interval_ms),
        number(cost.images_per_second),
        thousands(cost.operations),
        number(cost.tops),
        number(cost.tops_per_w),
        number(cost.tops_per_mm2),
    )
}

fn spread_table(spread: &AdcSpread, cost: &Cost) -> Table {
    let used = cost.adc.as_ref().map_or("", |adc| adc.model.as_str());
    let marks: Vec<(&str, &str)> = spread
        .low_typical_high()
        .map(|points| points.map(|point| point.model).into_iter().zip(["low", "typical", "high"]).collect())
        .unwrap_or_default();
    let mut table = Table::new(vec![
        Column::shown(Kind::Words, "converters by"),
        Column::shown(Kind::Words, ""),
        Column::shown(Kind::Quantity, "pJ each").hidden_at(1),
        Column::shown(Kind::Quantity, "µm² each").hidden_at(1),
        Column::shown(Kind::Quantity, "µJ an image"),
        Column::shown(Kind::Quantity, "mm²"),
        Column::shown(Kind::Quantity, "TOPS/W"),
    ]);
    for point in &spread.models {
        let mut words: Vec<&str> =
            marks.iter().filter(|(model, _)| *model == point.model).map(|(_, mark)| *mark).collect();
        if point.model == used {
            words.push("used");
        }
        table.row([
            point.model.into(),
            words.join(", ").into(),
            point.conversion_pj.into(),
            point.converter_um2.into(),
            point.energy_uj.into(),
            point.area_mm2.into(),
            point.tops_per_w.into(),
        ]);
    }
    table
}
