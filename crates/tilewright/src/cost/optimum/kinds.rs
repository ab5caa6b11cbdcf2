//! The kind of macro of each layer, chosen together with its tiling and copies.
//!
//! Each layer's choices are those on macros of every kind, and so the search and its bound are of all of them. What it finds is then
//! searched for anew with the kinds held as settings of the layers, so that a file of these settings gives the same mapping again;
//! and so is the network with the design's own macros alone, so that kinds never make a result worse.

use super::choice::Offer;
use super::whole::Totals;
use super::{Optimum, verify_limit};
use crate::cost::{Cost, CostError, CostModel, Library};
use crate::hardware::{Design, LayerSettings, MacroKind, MacroKinds, Weights};
use crate::mapping::network_mapping::{Options, verify_searched};
use crate::mapping::scheme::Scheme;
use crate::mapping::search::{Priced, SearchRecord, Within};
use crate::mapping::{CrossbarSize, Encoding, Mapping, MappingError, Targets};
use crate::network::{Layer, Network};
use std::collections::BTreeSet;

/// A kind of macro that a layer may be on instead of the design's.
struct Kind<'a> {
    name: &'a MacroKind,
    model: CostModel,
}

impl Kind<'_> {
    /// What a layer of so many bits of a weight is mapped onto there.
    fn target(&self, weight_bits: u32) -> (CrossbarSize, Encoding) {
        let chip = self.model.chip();
        (chip.crossbar, Weights { weight_bits, ..chip.encoding }.encoding())
    }
}

impl CostModel {
    /// The mapping of a network that is best for `least`, each layer on macros of the design or of one of `kinds`, and the model of the
    /// chip with these macros: its design has the kinds as settings of layers. Layers that have settings already keep them. Kinds whose
    /// converters would lose something of a layer's sums are none for that layer.
    ///
    /// # Errors
    /// As [`CostModel::optimize`]; [`CostError::Hardware`] for a kind that no design can have, [`CostError::Setting`] for kinds that are
    /// the same, that are the design's own, or that no layer can be on.
    pub fn choose_kinds(
        &self,
        (kinds, library): (&MacroKinds, &Library),
        network: &Network,
        (scheme, targets): (&dyn Scheme, &Targets),
        search: (Priced, Option<Within>),
    ) -> Result<(Self, Mapping), CostError> {
        verify_limit(search.0, search.1)?;
        self.verify(network)?;
        targets.verify(network)?;
        verify_searched(&targets.common)?;
        let kinds = self.kinds(kinds, library)?;
        let found = self.offered(&kinds, network, (scheme, targets), search)?;
        let layers = network.layers();
        let chosen: Vec<usize> = found.chosen.iter().map(|choice| choice.kind).collect();
        let alone = vec![0; layers.len()];
        let (mut best, mut compared): (Option<Assigned>, u64) = (None, found.compared);
        let mut unmapped = None;
        for assigned in BTreeSet::from([chosen, alone]) {
            let of_layers = layers.iter().zip(assigned);
            let named = of_layers.filter_map(|(layer, kind)| Some((layer, &kinds[kind.checked_sub(1)?])));
            let tried = match self.on_kinds(&named.collect::<Vec<_>>(), library, network, (scheme, targets), search) {
                Err(CostError::Mapping(
                    error @ (MappingError::DoesNotFit { .. } | MappingError::Infeasible { .. }),
                )) => {
                    unmapped = Some(error);
                    continue;
                }
                tried => tried?,
            };
            compared += tried.mapping.search.map_or(0, |record| record.compared);
            if best.as_ref().is_none_or(|best| tried.value < best.value) {
                best = Some(tried);
            }
        }
        match (best, unmapped) {
            (Some(Assigned { value, model, mapping }), _) => {
                let stop = Optimum { value: value[0], ..found }.stop();
                let search = mapping.search.map(|record| SearchRecord { stop, compared, ..record });
                Ok((model, Mapping { search, ..mapping }))
            }
            (None, Some(error)) => Err(error.into()),
            (None, None) => unreachable!("each assignment is mapped or it is not"),
        }
    }

    /// The models of kinds other than the design's own.
    fn kinds<'a>(&self, kinds: &'a MacroKinds, library: &Library) -> Result<Vec<Kind<'a>>, CostError> {
        let bare = |design: &Design| Design {
            file: String::new(),
            given: BTreeSet::new(),
            layers: LayerSettings::default(),
            layer_settings: None,
            ..design.clone()
        };
        let own = bare(&self.chip);
        let mut known: Vec<(Design, &MacroKind)> = Vec::new();
        let mut models = Vec::new();
        for name in kinds.iter() {
            let chip = self.chip.of_kind(name)?;
            let design = bare(&chip);
            if let Some((_, other)) = known.iter().find(|known| known.0 == design) {
                let problem = format!("the macro kinds {other} and {name} are the same; give one of them");
                return Err(CostError::Setting { problem });
            }
            if design != own {
                models.push(Kind { name, model: Self::new(&chip, library, self.settings.clone())? });
            }
            known.push((design, name));
        }
        if models.is_empty() {
            let problem = format!(
                "the macro kind {kinds} is the design's own, so that there is nothing to choose; give another one"
            );
            return Err(CostError::Setting { problem });
        }
        Ok(models)
    }

    /// The best combination of tilings, copies and kinds.
    fn offered(
        &self,
        kinds: &[Kind<'_>],
        network: &Network,
        (scheme, targets): (&dyn Scheme, &Targets),
        search: (Priced, Option<Within>),
    ) -> Result<Optimum, CostError> {
        let layers = network.layers();
        let is_free = |layer: &Layer| self.chip.layers.of(&layer.name).is_none();
        let mut of_kinds = vec![targets.clone()];
        for kind in kinds {
            let mut of_kind = targets.clone();
            for layer in layers.iter().filter(|layer| is_free(layer)) {
                of_kind.put(&layer.name, kind.target(targets.of(&layer.name).encoding.weight_bits));
            }
            of_kinds.push(of_kind);
        }
        let options: Vec<Options> = of_kinds.iter().map(|targets| Options::new(&layers, scheme, targets)).collect();
        let mut offers = Vec::with_capacity(layers.len());
        // Of each kind whether a layer is on it, else the fewest bits that it lacks; none if no layer fits.
        let mut lacks: Vec<Option<u32>> = vec![None; of_kinds.len()];
        for layer in &layers {
            let (mut of_layer, mut misfit) = (Vec::new(), None);
            for (kind, (targets, options)) in of_kinds.iter().zip(&options).enumerate() {
                let candidates = match options.of(layer, targets) {
                    Err(error @ MappingError::DoesNotFit { .. }) => {
                        misfit.get_or_insert(error);
                        continue;
                    }
                    candidates => candidates.map_err(|error| error.of_layer(&layer.name))?,
                };
                let model = match kind.checked_sub(1) {
                    None => self.of_layer(&layer.name),
                    Some(_) if !is_free(layer) => continue,
                    Some(kind) => &kinds[kind].model,
                };
                let target = targets.of(&layer.name);
                let offer = Offer { kind, model, target, candidates };
                let short = if kind == 0 { 0 } else { offer.fewest_bits_short(layer)? };
                lacks[kind] = Some(lacks[kind].map_or(short, |before| before.min(short)));
                if short == 0 {
                    of_layer.push(offer);
                }
            }
            if let (true, Some(misfit)) = (of_layer.is_empty(), misfit) {
                return Err(misfit.of_layer(&layer.name).into());
            }
            offers.push(of_layer);
        }
        if !layers.iter().any(is_free) {
            let problem = "every layer has settings of its own, so that there is no macro kind to choose; leave one of the two out";
            return Err(CostError::Setting { problem: problem.into() });
        }
        for (Kind { name, .. }, lacks) in kinds.iter().zip(&lacks[1..]) {
            let problem = match lacks {
                Some(0) => continue,
                Some(bits) => format!(
                    "macro kind {name}: its converters are {bits} bits short of telling the sums of any layer apart; give `adc-bits` \
                     lossless, or fewer `active-rows`"
                ),
                None => {
                    format!("macro kind {name}: no layer of {} can be on it; give a larger `crossbar`", network.name)
                }
            };
            return Err(CostError::Setting { problem });
        }
        self.least_of(network, &offers, search)
    }

    /// The network with these layers on macros of kinds.
    fn on_kinds(
        &self,
        named: &[(&Layer, &Kind<'_>)],
        library: &Library,
        network: &Network,
        (scheme, targets): (&dyn Scheme, &Targets),
        (least, within): (Priced, Option<Within>),
    ) -> Result<Assigned, CostError> {
        let (mut design, mut targets) = (self.chip.clone(), targets.clone());
        for (layer, kind) in named {
            design.layers.insert(&layer.name, kind.name);
            targets.put(&layer.name, kind.target(targets.of(&layer.name).encoding.weight_bits));
        }
        let model = Self::new(&design, library, self.settings.clone())?;
        let mapping = model.optimize(network, scheme, &targets, (least, within))?;
        let Cost { area_mm2, energy_uj, latency_ms, .. } = model.cost(network, &mapping)?;
        let totals = Totals { area_um2: area_mm2 * 1e6, energy_pj: energy_uj * 1e6, latency_ns: latency_ms * 1e6 };
        Ok(Assigned { value: totals.value(least), model, mapping })
    }
}

/// A network with each layer on a kind of macro.
struct Assigned {
    value: [f64; 2],
    model: CostModel,
    mapping: Mapping,
}
