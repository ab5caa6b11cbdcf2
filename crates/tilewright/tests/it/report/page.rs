//! The page as text: its numbers, its names, and that it needs nothing else.

use super::recognition::{examples, tested};
use super::{HOSTILE, hostile_page, page, priced_page};
use tilewright::mapping::scheme::SCHEMES;
use tilewright::mapping::search::Objective;
use tilewright::mapping::{CrossbarSize, Encoding, SignRule, Target, map_network, scheme};
use tilewright::network::{Network, zoo};
use tilewright::report::html::{Family, Page, render, reproduction};
use tilewright::report::reproduction::Oh2023;

const SIZE_LIMIT: usize = 2_000_000;

/// The JSON of `#summary` as text: reading it as numbers would round their last digit.
fn embedded_json(html: &str) -> String {
    json_in(html, "summary")
}

pub(super) fn json_in(html: &str, id: &str) -> String {
    let start = format!("id=\"{id}\">");
    let start = html.find(&start).expect("the data are embedded") + start.len();
    let end = start + html[start..].find("</script>").expect("the script ends");
    let json = &html[start..end];
    assert!(!json.contains('<'), "nothing in it looks like a tag");
    json.replace("\\u003c", "<")
}

/// Every element is closed in order; void and empty elements close themselves.
pub(super) fn assert_well_formed(html: &str) {
    let mut open: Vec<&str> = Vec::new();
    let mut rest = html.strip_prefix("<!DOCTYPE html>").expect("a document type");
    while let Some(start) = rest.find('<') {
        assert!(!rest[..start].contains('>'), "a stray > before {:.80}", &rest[start..]);
        let end = start + rest[start..].find('>').expect("a tag ends");
        let tag = &rest[start + 1..end];
        rest = &rest[end + 1..];
        let name = tag.trim_start_matches('/').split([' ', '/']).next().expect("a tag has a name");
        if tag.starts_with('/') {
            assert_eq!(open.pop(), Some(name));
        } else if !tag.ends_with('/') {
            open.push(name);
            if ["script", "style"].contains(&name) {
                rest = &rest[rest.find(&format!("</{name}>")).expect("it ends")..];
            }
        }
    }
    assert!(open.is_empty(), "never closed: {open:?}");
}

fn check(page: &Page) -> String {
    let html = render(page);
    assert!(embedded_json(&html) == serde_json::to_string(&page.summary).expect("a summary has a JSON form"));
    assert_well_formed(&html);
    assert_self_contained(&html);
    assert_eq!(html, render(&page.clone()), "the same page gives the same bytes");
    html
}

pub(super) fn assert_self_contained(html: &str) {
    assert!(html.len() <= SIZE_LIMIT, "{} bytes", html.len());
    for outside in ["http://", "https://", "src=", "@import", "<link"] {
        assert!(!html.contains(outside), "{outside}");
    }
    assert!(!html.contains("url(") || html.matches("url(").count() == html.matches("url(#hatch)").count());
}

#[test]
fn pages_are_self_contained_and_carry_their_json() {
    check(&page("resnet20", 128, "sub-image", None));
    check(&page("lenet5", 128, "im2col", None));
    check(&page("resnet20", 128, "optimal", Some(Objective::Cycles { budget: Some(500) })));
    check(&page("alexnet", 256, "unfolded", None));
}

#[test]
fn every_network_of_the_zoo_has_a_page() {
    for name in zoo::names() {
        check(&page(name, 256, "vw-sdk", None));
    }
}

#[test]
fn a_priced_page_shows_both_kernels_and_every_converter() {
    let page = priced_page("resnet8", "sub-image", "generic-22nm");
    let html = check(&page);
    let price = page.price.as_ref().expect("it is priced");
    let forms: Vec<(&str, &str)> = price.variants.iter().map(|form| (form.kernels, form.mapping.as_str())).collect();
    let least = "least area × latency";
    let expected = ["im2col", "sub-image", least].map(|mapping| [("3D", mapping), ("2D+1D", mapping)]).concat();
    assert_eq!(forms, expected);
    assert!(json_in(&html, "cost-data") == serde_json::to_string(&price.variants[0].cost).expect("JSON"));
    for model in tilewright::cost::adc::MODELS {
        assert!(html.contains(&format!(">{}</text>", model.name())), "{}", model.name());
    }
    assert!(html.contains("layout overhead"));
    check(&priced_page("lenet5", "optimal", "seed"));
}

#[test]
fn names_of_layers_are_only_text() {
    let page = hostile_page();
    let html = render(&page);
    assert!(embedded_json(&html) == serde_json::to_string(&page.summary).expect("a summary has a JSON form"));
    assert_well_formed(&html);
    for name in HOSTILE.iter().chain([&page.summary.basis.network.as_str()]) {
        assert!(!html.contains(name), "{name:?} is on the page as it is");
    }
    // Our own script, our own data and nothing else.
    assert_eq!(html.matches("<script").count(), 2);
    assert!(html.contains("&lt;script&gt;alert(1)&lt;/script&gt;"));
}

#[test]
fn a_scheme_that_does_not_fit_is_a_row_that_says_why() {
    let network = zoo::build("lenet5").expect("a network of the zoo");
    let page = Page::new(&network, &super::target(16), &scheme::Im2col, None).expect("im2col always fits");
    let misfits: Vec<_> = page.comparison.schemes.iter().filter(|scheme| scheme.outcome.is_err()).collect();
    assert!(!misfits.is_empty());
    let html = check(&page);
    assert_eq!(html.matches("<td class=\"misfit\"").count(), misfits.len());
    assert!(html.contains("does not fit: "));
}

#[test]
fn every_encoding_and_crossbar_shape_has_a_page() {
    let network = zoo::build("lenet5").expect("a network of the zoo");
    for sign in [SignRule::Differential, SignRule::Offset, SignRule::Single] {
        for (rows, columns) in [(64, 64), (25, 500), (400, 30)] {
            let encoding = Encoding { sign, weight_bits: 8, cell_bits: 2 };
            let target = Target::new(CrossbarSize { rows, columns }, encoding);
            check(&Page::new(&network, &target, &scheme::Im2col, None).expect("im2col always fits"));
        }
    }
}

#[test]
fn crossbars_too_large_to_draw_are_said_to_be() {
    let html = check(&page("lenet5", 4096, "sub-image", None));
    assert!(html.contains("0 of 5 layers are drawn"));
    assert_eq!(html.matches(" (not drawn)").count(), 5);
}

#[test]
fn a_network_without_layers_has_a_page() {
    let network = Network::new("empty", vec![1, 4, 4]);
    check(&Page::new(&network, &super::target(64), &scheme::Optimal, None).expect("nothing to fit"));
}

#[test]
fn the_comparison_is_what_each_scheme_alone_gives() {
    let page = page("resnet20", 128, "im2col", None);
    let network = zoo::build("resnet20").expect("a network of the zoo");
    assert_eq!(page.comparison.schemes.len(), SCHEMES.len());
    for scheme in SCHEMES {
        let alone = map_network(&network, scheme, &super::target(128), None).expect("it fits");
        let row = page.comparison.find(scheme.name()).expect("a row").outcome.as_ref().expect("it fits");
        assert_eq!(
            (row.crossbars, row.bottleneck_cycles),
            (alone.total().unwrap().crossbars, alone.bottleneck_cycles())
        );
    }
}

#[test]
fn the_trade_off_is_the_optimum_under_each_limit() {
    let network = zoo::build("resnet20").expect("a network of the zoo");
    let page = page("resnet20", 128, "sub-image", None);
    let points = &page.trade_off.points;
    for point in points {
        let objective = Objective::Crossbars { max_cycles: Some(point.max_cycles) };
        let best = map_network(&network, &scheme::Optimal, &super::target(128), Some(objective)).expect("it fits");
        assert_eq!(best.total().unwrap().crossbars, point.crossbars, "{point:?}");
        assert!(best.bottleneck_cycles() <= point.max_cycles);
    }
    let fewest = Some(Objective::Crossbars { max_cycles: None });
    let folded = map_network(&network, &scheme::Optimal, &super::target(128), fewest).expect("it fits");
    assert_eq!(points.last().unwrap().crossbars, folded.total().unwrap().crossbars);
    assert!(points.windows(2).all(|pair| pair[0].max_cycles < pair[1].max_cycles));
    assert!(points.windows(2).all(|pair| pair[0].crossbars >= pair[1].crossbars));
    for scheme in page.comparison.schemes.iter().filter_map(|scheme| scheme.outcome.as_ref().ok()) {
        let last = points.last().unwrap();
        let within = points.iter().find(|point| point.max_cycles == scheme.bottleneck_cycles.min(last.max_cycles));
        assert!(within.unwrap().crossbars <= scheme.crossbars, "the optimum is never beaten");
    }
}

#[test]
fn trained_networks_have_a_section_where_there_are_some() {
    let mut page = page("resnet20", 128, "sub-image", None);
    assert!(!check(&page).contains("id=\"trained\""));
    page.family = Family::new("resnet20", &examples()).expect("networks of the zoo");
    let html = check(&page);
    assert_eq!(html.matches("id=\"trained\"").count(), 1);
    // Six networks of the family in three figures, one of which has two points each.
    assert_eq!(html.matches("data-name=").count(), 6 * (1 + 2 + 1 + 1));
    assert!(html.contains("resnet20-chosen") && !html.contains("resnet8-3d"));
    assert_eq!(Family::new("resnet110", &examples()), Ok(None));
    page.family =
        Family::new("lenet5", &[tested("lenet5-fashion", "lenet5", "3d", &[890, 892])]).expect("it is in the zoo");
    let html = check(&page);
    assert!(html.contains("lenet5-fashion") && html.contains("89.10 ± 0.14"));
}

#[test]
fn a_reproduction_is_one_page() {
    for trained in [vec![], examples(), examples()[..1].to_vec()] {
        let oh2023 = Oh2023::count(&trained).expect("networks of the zoo");
        let html = reproduction(&oh2023);
        assert_well_formed(&html);
        assert_self_contained(&html);
        assert!(json_in(&html, "reproduction") == serde_json::to_string(&oh2023).expect("it has a JSON form"));
        assert!(html.contains("not trained yet"));
        assert_eq!(html.contains("class=\"error"), trained.len() > 1);
    }
}
