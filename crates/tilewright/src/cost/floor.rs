//! The macros of each layer: its own ones, those of the layer that holds its weights, or ones that layers share.

use super::activity::Work;
use super::floor_plan::{self, Chips, Point};
use super::model::CostModel;
use crate::mapping::Mapping;
use crate::mapping::sharing::Sharing;
use std::collections::BTreeMap;

/// Where each layer lies.
pub(super) struct Floor {
    /// Macros at work while it runs.
    pub at_work: Vec<f64>,
    /// Macros that are counted as its own: all of them, none if another layer holds its weights, and of macros that layers share the part
    /// of the cells that it uses. Their sum is the macros of the network.
    pub macros: Vec<f64>,
    /// The middle of its tiles.
    pub centres: Vec<Point>,
    /// The chips that it lies on.
    pub chips: Vec<Chips>,
}

impl CostModel {
    /// Where the layers of a mapping lie.
    pub(super) fn floor(&self, mapping: &Mapping, works: &[Work]) -> Floor {
        let mut floor = match &mapping.sharing {
            Some(sharing) => self.shared_floor(sharing, mapping.layers.len()),
            None => self.own_floor(mapping, works),
        };
        for (place, holder) in mapping.holders().into_iter().enumerate().filter(|&(place, holder)| place != holder) {
            (floor.centres[place], floor.chips[place]) = (floor.centres[holder], floor.chips[holder]);
            floor.at_work[place] = floor.at_work[holder];
        }
        floor
    }

    /// The chips that layers of so many macros lie on.
    pub(super) fn chips(&self, macros: &[f64]) -> Vec<Chips> {
        floor_plan::chips(macros, self.macros_per_chip())
    }

    fn macros_per_chip(&self) -> Option<f64> {
        self.chip().tiles_per_chip.map(|tiles| f64::from(tiles) * f64::from(self.chip().macros_per_tile))
    }

    fn own_floor(&self, mapping: &Mapping, works: &[Work]) -> Floor {
        let at_work: Vec<f64> = works.iter().map(|work| self.macros(work)).collect();
        let of = mapping.layers.iter().zip(&at_work);
        let macros: Vec<f64> = of.map(|(layer, &own)| if layer.held_by.is_some() { 0.0 } else { own }).collect();
        let centres = floor_plan::centres(&macros, f64::from(self.chip().macros_per_tile));
        Floor { at_work, centres, chips: self.chips(&macros), macros }
    }

    fn shared_floor(&self, sharing: &Sharing, layers: usize) -> Floor {
        let per_macro = self.chip().crossbars_per_macro as usize;
        // For each layer the cells that it uses of each macro.
        let mut cells = vec![BTreeMap::<usize, f64>::new(); layers];
        for member in &sharing.members {
            let used = cells[member.layer].entry(member.place.bin / per_macro).or_default();
            *used += (member.size.rows * member.size.columns) as f64;
        }
        let mut of_macros = BTreeMap::<usize, f64>::new();
        for (place, used) in cells.iter().flatten() {
            *of_macros.entry(*place).or_default() += used;
        }
        let share =
            |of_layer: &BTreeMap<usize, f64>| of_layer.iter().map(|(place, used)| used / of_macros[place]).sum();
        let total = (sharing.crossbars as f64 / per_macro as f64).ceil();
        let per_tile = f64::from(self.chip().macros_per_tile);
        let places = |of_layer: &BTreeMap<usize, f64>| of_layer.keys().map(|&place| place as f64).collect::<Vec<_>>();
        Floor {
            at_work: cells.iter().map(|of_layer| of_layer.len() as f64).collect(),
            macros: cells.iter().map(share).collect(),
            centres: cells.iter().map(|of_layer| floor_plan::mean_centre(&places(of_layer), total, per_tile)).collect(),
            chips: cells.iter().map(|of_layer| Chips::of_places(&places(of_layer), self.macros_per_chip())).collect(),
        }
    }
}
