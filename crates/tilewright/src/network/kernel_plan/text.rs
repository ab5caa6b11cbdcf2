//! Kernel plans as text: what is read is what is printed.

use super::{Between, KernelPlan, NamedLayer, ReplaceRule, ReplacedLayers, check_ratio, fail};
use crate::network::NetworkError;
use std::fmt;
use std::str::FromStr;

impl FromStr for KernelPlan {
    type Err = NetworkError;

    fn from_str(text: &str) -> Result<Self, NetworkError> {
        // A layer's name may have a plus of its own, so only a known word is what lies between the kernels.
        let suffix = text.rsplit_once('+').and_then(|(layers, word)| Some((layers, word.parse().ok()?)));
        let (layers, between) = suffix.unwrap_or((text, Between::Nothing));
        Ok(Self { layers: parse_layers(layers)?, between })
    }
}

impl fmt::Display for KernelPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let layers = self.layers.to_string();
        let reads_alone = || layers.parse::<Self>().is_ok_and(|plan| plan == *self);
        if self.between == Between::Nothing && (!layers.contains('+') || reads_alone()) {
            return f.pad(&layers);
        }
        f.pad(&format!("{layers}+{}", self.between))
    }
}

fn parse_layers(text: &str) -> Result<ReplacedLayers, NetworkError> {
    let text = text.trim();
    // Not a layer's name with a plus in it, so what comes after the plus should have been a word.
    if let Some((layers, word)) = text.split_once('+')
        && (layers == "3d" || is_ranked(layers, "2d1d") || layers.starts_with("ratio="))
    {
        return word.parse::<Between>().and_then(|_| fail(format!("is {text:?} and more; give one word after the +")));
    }
    match text {
        "3d" => Ok(ReplacedLayers::None),
        text if is_ranked(text, "2d1d") => Ok(ReplacedLayers::All { rank: ranked(text).1 }),
        text => match text.strip_prefix("ratio=") {
            Some(ratio) => parse_ratio(ratio),
            None => parse_names(text),
        },
    }
}

/// A word and the rank after its star; 1 where there is none.
fn ranked(text: &str) -> (&str, usize) {
    // A layer's name may have a star of its own, so only a number after the last one is a rank.
    let rank = text.rsplit_once('*').and_then(|(word, rank)| Some((word.trim_end(), rank.trim().parse().ok()?)));
    rank.unwrap_or((text, 1))
}

fn is_ranked(text: &str, word: &str) -> bool {
    ranked(text).0 == word
}

/// What reads as this word and rank.
fn with_rank(word: &str, rank: usize) -> String {
    if rank == 1 && ranked(word) == (word, 1) { word.into() } else { format!("{word}*{rank}") }
}

fn parse_ratio(text: &str) -> Result<ReplacedLayers, NetworkError> {
    let (text, rank) = ranked(text);
    let (ratio, rule) = text.split_once(':').map_or((text, None), |(ratio, rule)| (ratio, Some(rule)));
    let Ok(ratio) = ratio.trim().parse::<f64>() else {
        return fail(format!("has the ratio {ratio:?}; give a number from 0 to 1, as in ratio=0.5"));
    };
    check_ratio(ratio)?;
    Ok(ReplacedLayers::Ratio { ratio, rule: rule.map_or(Ok(ReplaceRule::default()), str::parse)?, rank })
}

fn parse_names(text: &str) -> Result<ReplacedLayers, NetworkError> {
    let named = |text: &str| {
        let (name, rank) = ranked(text.trim());
        NamedLayer { name: name.into(), rank }
    };
    let names: Vec<NamedLayer> = text.split(',').map(named).collect();
    if names.iter().any(|layer| layer.name.is_empty()) {
        return fail(format!("is {text:?}; give 3d, 2d1d, ratio=0.5, or layer names such as conv1,conv2"));
    }
    Ok(ReplacedLayers::Named(names))
}

impl fmt::Display for ReplacedLayers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.pad("3d"),
            Self::All { rank } => f.pad(&with_rank("2d1d", *rank)),
            Self::Ratio { ratio, rule, rank } => f.pad(&with_rank(&format!("ratio={ratio}:{rule}"), *rank)),
            Self::Named(layers) => {
                let names: Vec<String> = layers.iter().map(|layer| with_rank(&layer.name, layer.rank)).collect();
                f.pad(&names.join(","))
            }
        }
    }
}

impl FromStr for Between {
    type Err = NetworkError;

    fn from_str(text: &str) -> Result<Self, NetworkError> {
        match text.trim() {
            "nothing" => Ok(Self::Nothing),
            "norm" => Ok(Self::Norm),
            "norm-relu" => Ok(Self::NormRelu),
            _ => fail(format!("puts {text:?} between the 2D and the 1D kernel; give nothing, norm or norm-relu")),
        }
    }
}

impl fmt::Display for Between {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Nothing => "nothing",
            Self::Norm => "norm",
            Self::NormRelu => "norm-relu",
        })
    }
}

impl FromStr for ReplaceRule {
    type Err = NetworkError;

    fn from_str(text: &str) -> Result<Self, NetworkError> {
        match text.trim() {
            "first" => Ok(Self::First),
            "last" => Ok(Self::Last),
            "most-saved" => Ok(Self::MostSaved),
            _ => fail(format!("has the rule {text:?}; give first, last or most-saved")),
        }
    }
}

impl fmt::Display for ReplaceRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::First => "first",
            Self::Last => "last",
            Self::MostSaved => "most-saved",
        })
    }
}
