//! The designs of a front one by one: how each maps its layers and what its price is made of, for the script to show one at a time.

use super::drawings::Gallery;
use crate::cost::{Breakdown, Cost};
use crate::mapping::Mapping;
use crate::report::markup::Element;
use serde::Serialize;
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// Bytes that the drawings of all designs together may take; the layers that take the fewest crossbars of their designs stay undrawn.
const DRAWINGS_LIMIT: usize = 6_000_000;
/// Designs that are mapped and priced for a page at most.
pub(in crate::report) const MOST_DETAILED: usize = 400;

/// A design mapped and priced.
#[derive(Clone, Debug, PartialEq)]
pub struct Detail {
    /// Its place in the space.
    pub place: u64,
    /// Its mapping.
    pub mapping: Mapping,
    /// Its price.
    pub cost: Cost,
}

/// What the script shows of designs.
#[derive(Serialize)]
struct Shown<'a> {
    /// Names of layers and of parts of prices, to which the others refer by their places.
    names: Vec<&'a str>,
    designs: BTreeMap<u64, ShownDesign>,
}

#[derive(Serialize)]
struct ShownDesign {
    /// A name, crossbars and drawing of each layer.
    layers: Vec<(usize, u64, Option<usize>)>,
    by_component: Node,
    by_layer: Node,
}

/// A part of a price: its name, area in µm², energy of an image in pJ with what leaks, and its own parts. Seven digits are enough to look at.
#[derive(Serialize)]
struct Node(usize, f32, f32, Vec<Node>);

/// The names so far, each once.
#[derive(Default)]
struct Names<'a> {
    list: Vec<&'a str>,
    places: BTreeMap<&'a str, usize>,
}

impl<'a> Names<'a> {
    fn place(&mut self, name: &'a str) -> usize {
        *self.places.entry(name).or_insert_with(|| {
            self.list.push(name);
            self.list.len() - 1
        })
    }

    fn node(&mut self, part: &'a Breakdown) -> Node {
        let parts = part.parts.iter().map(|part| self.node(part)).collect();
        Node(self.place(&part.name), part.area_um2 as f32, part.total_energy_pj() as f32, parts)
    }
}

/// The data of designs, and their drawings as templates.
///
/// # Panics
/// Never: what is shown always has a JSON form.
pub(super) fn data(details: &[Detail]) -> Element {
    let mappings: Vec<&Mapping> = details.iter().map(|detail| &detail.mapping).collect();
    let (panels, drawn) = drawings(&mappings, DRAWINGS_LIMIT);
    let mut names = Names::default();
    let mut designs = BTreeMap::new();
    for (Detail { place, mapping, cost }, drawn) in details.iter().zip(drawn) {
        let layers = mapping.layers.iter().zip(drawn);
        let layers = layers.map(|(layer, drawing)| (names.place(&layer.name), layer.counts.crossbars, drawing));
        let layers = layers.collect();
        let (by_component, by_layer) = (names.node(&cost.by_component), names.node(&cost.by_layer));
        designs.insert(*place, ShownDesign { layers, by_component, by_layer });
    }
    let json = serde_json::to_string(&Shown { names: names.list, designs }).expect("it has a JSON form");
    let templates = panels
        .iter()
        .enumerate()
        .map(|(place, panel)| Element::new("template").with("id", format!("drawing-{place}")).child(panel));
    Element::new("div").children(templates).child(&Element::json("details", &json))
}

/// The drawings, and which of them each layer of each mapping has. Of every mapping the layer with the most crossbars is drawn before the
/// next one of any.
fn drawings(mappings: &[&Mapping], limit: usize) -> (Vec<Element>, Vec<Vec<Option<usize>>>) {
    let order = |mapping: &&Mapping| {
        let mut layers: Vec<usize> = (0..mapping.layers.len()).collect();
        layers.sort_by_key(|&layer| Reverse(mapping.layers[layer].counts.crossbars));
        layers
    };
    let orders: Vec<Vec<usize>> = mappings.iter().map(order).collect();
    let mut gallery = Gallery::new(limit);
    let mut drawn: Vec<Vec<Option<usize>>> = orders.iter().map(|order| vec![None; order.len()]).collect();
    for rank in 0..orders.iter().map(Vec::len).max().unwrap_or(0) {
        for ((mapping, order), drawn) in mappings.iter().zip(&orders).zip(&mut drawn) {
            let Some(&layer) = order.get(rank) else { continue };
            drawn[layer] = gallery.panel_of(&mapping.layers[layer]);
        }
    }
    (gallery.panels, drawn)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mapping::{CrossbarSize, Encoding, SignRule, Target, map_network, scheme};
    use crate::network::zoo;

    /// Where there is no room for all drawings, every design has those of its largest layers.
    #[test]
    fn the_layers_with_most_crossbars_are_drawn_first() {
        let network = zoo::build("resnet8").expect("a network of the zoo");
        let mapped = |side| {
            let crossbar = CrossbarSize::new(side, side).expect("a sane size");
            let target = Target::new(crossbar, Encoding::whole(SignRule::Differential));
            map_network(&network, &scheme::Im2col, &target, None).expect("im2col always fits")
        };
        let mappings = [mapped(64), mapped(96), mapped(128)];
        let mappings: Vec<&Mapping> = mappings.iter().collect();
        let (all, _) = drawings(&mappings, usize::MAX);
        let bytes: usize = all.iter().map(|panel| panel.to_string().len()).sum();
        let (some, drawn) = drawings(&mappings, bytes / 2);
        assert!(!some.is_empty() && some.len() < all.len());
        for (mapping, drawn) in mappings.iter().zip(&drawn) {
            let with = |is_drawn: bool| {
                let layers = mapping.layers.iter().zip(drawn).filter(move |(_, of)| of.is_some() == is_drawn);
                layers.map(|(layer, _)| layer.counts.crossbars)
            };
            assert!(with(true).count() > 0 && with(false).count() > 0);
            assert!(with(true).max() >= with(false).max());
        }
        assert!(drawings(&mappings, 0).0.is_empty());
    }
}
