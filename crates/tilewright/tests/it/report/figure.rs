//! The figures' data: areas, cells and bars that add up to the counts.

use super::{page, target};
use std::collections::BTreeMap;
use tilewright::mapping::scheme::SCHEMES;
use tilewright::mapping::{GroupRule, Target, Tiles};
use tilewright::network::{ConvShape, Padding};
use tilewright::report::figure::{self, CellColour, CrossbarDrawing, FeatureMapDrawing};

fn same(channels: usize, side: usize, outputs: usize, kernel: usize) -> ConvShape {
    ConvShape { padding: Padding::all(kernel / 2), ..ConvShape::new(channels, [side, side], outputs, kernel) }
}

/// Layers of every kind: standard, strided, dilated, depthwise, pointwise, dense, and one with a large image.
fn shapes() -> Vec<ConvShape> {
    vec![
        same(3, 20, 8, 3),
        ConvShape { stride: [2, 2], ..same(4, 15, 6, 3) },
        ConvShape { stride: [2, 3], ..same(4, 15, 6, 1) },
        ConvShape { dilation: [2, 2], padding: Padding::all(2), ..ConvShape::new(2, [14, 11], 4, 3) },
        ConvShape { groups: 12, ..same(12, 9, 12, 3) },
        same(40, 8, 24, 1),
        ConvShape::dense(100, 30),
        same(3, 224, 8, 7),
    ]
}

fn for_all_tiles(targets: &[Target], check: impl Fn(&Tiles)) {
    for shape in shapes() {
        for target in targets {
            for scheme in SCHEMES {
                let Ok(tiling) = scheme.tile(&shape, target) else { continue };
                check(
                    &Tiles::new(&shape, tiling, target.crossbar, target.encoding).expect("a scheme yields what fits"),
                );
            }
        }
    }
}

/// The summed area of a path of rectangles `M… h… v… h… z`.
fn path_area(path: &str) -> f64 {
    let number = |text: &str| text.parse::<f64>().expect("a number");
    let rectangles = path.split('M').skip(1).map(|rectangle| {
        let mut sides = rectangle.split(['h', 'v', 'z']).skip(1);
        number(sides.next().expect("a width")) * number(sides.next().expect("a height"))
    });
    rectangles.sum()
}

/// The value of an attribute of an element that is written `<name …`.
fn attribute<'a>(element: &'a str, name: &str) -> &'a str {
    let start = format!(" {name}=\"");
    element.split(start.as_str()).nth(1).expect("the attribute").split('"').next().expect("its end")
}

/// The cells that a crossbar's patterns cover where they are used.
fn covered(svg: &str) -> f64 {
    let patterns: BTreeMap<&str, f64> = svg
        .split("<path")
        .skip(1)
        .filter(|path| path.contains(" id=\"test-") && !path.starts_with(" class"))
        .map(|path| (attribute(path, "id"), path_area(attribute(path, "d"))))
        .collect();
    svg.split("<use class=\"weight").skip(1).map(|place| patterns[&attribute(place, "href")[1..]]).sum()
}

#[test]
fn every_weight_of_the_crossbar_is_drawn_once() {
    let in_turns = Target { groups: Some(GroupRule::Turns), ..target(128) };
    for_all_tiles(&[target(64), target(128), in_turns], |tiles| {
        let drawing = CrossbarDrawing::new(tiles).expect("a crossbar");
        let drawn: usize = drawing.patches.iter().map(|patch| patch.rows * patch.columns).sum();
        assert_eq!(drawn, drawing.turns.iter().map(|turn| turn.weights.len()).sum::<usize>(), "{tiles:?}");
        let mut cells: Vec<(usize, usize)> = drawing
            .patches
            .iter()
            .flat_map(|patch| {
                let columns = patch.column..patch.column + patch.columns;
                columns.flat_map(|column| (patch.row..patch.row + patch.rows).map(move |row| (row, column)))
            })
            .collect();
        let mut held: Vec<(usize, usize)> = vec![];
        for turn in &drawing.turns {
            let [row, column] = turn.corner;
            held.extend(turn.weights.iter().map(|cell| (row + cell.row, column + cell.column)));
        }
        cells.sort_unstable();
        held.sort_unstable();
        assert_eq!(cells, held);
        let area = covered(&drawing.draw("test").to_string());
        assert!((area - drawing.weight_cells() as f64).abs() < 1e-6, "{area} {}", drawing.weight_cells());
    });
}

#[test]
fn a_full_crossbar_is_small() {
    let target = target(512);
    let tiling = tilewright::mapping::scheme::find("im2col").unwrap().tile(&same(512, 8, 512, 3), &target).unwrap();
    let tiles = Tiles::new(&same(512, 8, 512, 3), tiling, target.crossbar, target.encoding).unwrap();
    let drawing = CrossbarDrawing::new(&tiles).expect("a crossbar");
    assert_eq!(drawing.weight_cells(), 512 * 512);
    let svg = drawing.draw("test").to_string();
    assert_eq!(covered(&svg), 512.0 * 512.0);
    assert!(svg.len() < 50_000, "{}", svg.len());
    let magnified = drawing.magnified("test").expect("its cells are too fine to see").to_string();
    assert!(svg.contains("id=\"test-all\"") && magnified.contains("href=\"#test-all\""));
}

#[test]
fn colours_are_what_tells_cells_apart() {
    let colour = |shape: ConvShape, scheme: &str| {
        let target = target(128);
        let tiling = tilewright::mapping::scheme::find(scheme).unwrap().tile(&shape, &target).unwrap();
        CrossbarDrawing::new(&Tiles::new(&shape, tiling, target.crossbar, target.encoding).unwrap()).unwrap().colour
    };
    assert_eq!(colour(same(16, 32, 16, 3), "sub-image"), CellColour::KernelRow);
    assert_eq!(colour(same(16, 32, 16, 3), "im2col"), CellColour::OutputChannel);
    assert_eq!(colour(ConvShape::dense(100, 1), "im2col"), CellColour::InputChannel);
}

#[test]
fn the_halo_is_the_sub_image_without_its_own_pixels() {
    for_all_tiles(&[target(64), target(128)], |tiles| {
        let drawing = FeatureMapDrawing::new(tiles);
        let shape = &tiles.shape;
        assert_eq!(drawing.sub_image.size, tiles.partition.sub_image());
        assert_eq!(drawing.window.size, tiles.tiling.window);
        assert_eq!(drawing.halo_area(), drawing.sub_image.area() - drawing.own.area());
        if shape.stride == [1, 1] {
            assert_eq!(drawing.own.size, tiles.tiling.window);
        }
        let svg = drawing.draw().to_string();
        assert!(svg.contains(&format!("data-pixels=\"{}\"", drawing.halo_area())));
        for axis in [0, 1] {
            let inside = drawing.sub_image.corner[axis] <= drawing.own.corner[axis]
                && drawing.own.corner[axis] + drawing.own.size[axis]
                    <= drawing.sub_image.corner[axis] + drawing.sub_image.size[axis];
            assert!(inside, "{tiles:?}");
        }
    });
}

#[test]
fn the_halo_of_the_paper() {
    // Oh, An, Min 2023: m = 8 and K = 3 overlap by (10² − 8²) / 8² = 0.5625.
    let target = target(128);
    let shape = same(16, 32, 16, 3);
    let tiling = tilewright::mapping::scheme::find("sub-image").unwrap().tile(&shape, &target).unwrap();
    let drawing = FeatureMapDrawing::new(&Tiles::new(&shape, tiling, target.crossbar, target.encoding).unwrap());
    assert_eq!((drawing.halo_area(), drawing.own.area()), (36, 64));
    assert!(!drawing.is_cut());
    // Four windows an axis: three seams, two pixels wide, read twice; their nine crossings, read four times.
    let pixels = |reads: usize| -> usize {
        drawing.reads.iter().filter(|(_, times)| *times == reads).map(|(region, _)| region.area()).sum()
    };
    assert_eq!(pixels(4), 9 * 2 * 2);
    assert_eq!(pixels(2), 2 * 3 * 2 * 34 - 2 * pixels(4));
}

#[test]
fn large_maps_are_cut() {
    let target = target(128);
    let shape = same(3, 224, 8, 3);
    let tiling = tilewright::mapping::scheme::find("im2col").unwrap().tile(&shape, &target).unwrap();
    let drawing = FeatureMapDrawing::new(&Tiles::new(&shape, tiling, target.crossbar, target.encoding).unwrap());
    assert!(drawing.is_cut());
    let svg = drawing.draw().to_string();
    assert!(svg.contains("of 226×226, padding included"), "{svg:.400}");
    assert!(svg.len() < 40_000, "{}", svg.len());
}

#[test]
fn utilization_has_a_bar_a_layer() {
    for name in ["lenet5", "resnet110"] {
        let page = page(name, 128, "vw-sdk", None);
        let svg = figure::utilization(&page.summary).to_string();
        assert_eq!(svg.matches(" data-layer=").count(), page.summary.layers.len());
    }
}

#[test]
fn the_trade_off_draws_every_point_and_scheme() {
    let page = page("lenet5", 128, "sub-image", None);
    let svg = figure::trade_off(&page.trade_off, &page.comparison, ("sub-image", &page.summary.total)).to_string();
    assert_eq!(svg.matches("optimum-dot").count(), page.trade_off.points.len());
    for scheme in page.comparison.schemes.iter().filter(|scheme| scheme.outcome.is_ok()) {
        assert!(svg.contains(&format!("{}: ", scheme.name)), "{}", scheme.name);
    }
    assert_eq!(svg.matches("class=\"point own\"").count(), 1);
}

/// The parts of a stacked bar are as wide as their values, one behind the other.
#[test]
fn stacked_bars_add_up() {
    let bar =
        |label: &str, parts: [Vec<f64>; 2]| figure::StackedBar { label: label.into(), note: String::new(), parts };
    let bars = [bar("a", [vec![1.0, 3.0], vec![0.0, 2.0]]), bar("b", [vec![2.0, 0.0], vec![1.0, 1.0]])];
    let svg = figure::stacked_bars(["area", "energy"], &["x", "y"], &bars, |value| format!("{value}")).to_string();
    let attribute = |tag: &str, name: &str| -> f64 {
        let value = tag.split(&format!(" {name}=\"")).nth(1).expect("it has the attribute");
        value.split('"').next().expect("it ends").parse().expect("a number")
    };
    let drawn: Vec<(f64, f64)> = svg
        .split("<rect")
        .filter(|tag| tag.contains("data-part"))
        .map(|tag| (attribute(tag, "x"), attribute(tag, "width")))
        .collect();
    // Zeros are not drawn: a has 1, 3 and 2, b has 2 and 1, 1.
    assert_eq!(drawn.len(), 6);
    let unit = drawn[0].1;
    assert!((drawn[1].1 - 3.0 * unit).abs() < 0.05 && (drawn[1].0 - drawn[0].0 - unit).abs() < 0.05, "{drawn:?}");
    assert!((drawn[3].1 - 2.0 * unit).abs() < 0.05, "the panels of both bars have one scale: {drawn:?}");
}
