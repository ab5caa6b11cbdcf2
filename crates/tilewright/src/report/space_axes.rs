//! What the designs of a space differ in.

use crate::explore::Space;

/// Networks, designs before their settings, and every setting that varies, each with its values.
pub(super) fn axes(space: &Space) -> impl Iterator<Item = (&str, &[String])> {
    let named = [("network", &space.networks[..]), ("design", &space.designs[..])];
    named.into_iter().chain(space.vary.iter().map(|variable| (variable.name.as_str(), &variable.values[..])))
}

/// Which value of each axis a design has.
pub(super) fn at(space: &Space, place: u64) -> Vec<usize> {
    let point = space.point(place);
    let values = [point.network, point.design].into_iter().chain(point.settings.iter().map(|(_, value)| *value));
    let of = |(value, (_, known)): (&str, (_, &[String]))| known.iter().position(|known| known == value).unwrap_or(0);
    values.zip(axes(space)).map(of).collect()
}
