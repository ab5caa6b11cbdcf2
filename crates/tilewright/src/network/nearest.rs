//! The name a person probably meant.

/// The candidate with the least Damerau–Levenshtein distance from `name`, the first of equals; `None` if more than half of
/// the letters would have to change.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let distance = |candidate: &str| strsim::damerau_levenshtein(&name.to_lowercase(), &candidate.to_lowercase());
    let (steps, candidate) =
        candidates.into_iter().map(|candidate| (distance(candidate), candidate)).min_by_key(|(steps, _)| *steps)?;
    (2 * steps <= name.chars().count()).then_some(candidate)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn a_slip_is_mended_and_nonsense_is_not() {
        let candidates = ["resnet20", "resnet110", "vgg16"];
        for (name, expected) in [
            ("resnet-20", Some("resnet20")),
            ("resent110", Some("resnet110")),
            ("VGG16", Some("vgg16")),
            ("transformer", None),
            ("", None),
        ] {
            assert_eq!(nearest(name, candidates), expected, "{name}");
        }
        assert_eq!(nearest("resnet20", []), None);
    }
}
