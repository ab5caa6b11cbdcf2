//! The generator's known answers, and that streams do not meet.

use proptest::prelude::*;
use std::collections::BTreeSet;
use tilewright::random::{Draws, Effect, Stream, philox4x32};

const STREAM: Stream = Stream { seed: 1, layer: 2, crossbar: 3, effect: Effect::Programming, sample: 4 };

const EFFECTS: [Effect; 9] = [
    Effect::Stuck,
    Effect::Programming,
    Effect::Drift,
    Effect::ReadNoise,
    Effect::Converter,
    Effect::Choice,
    Effect::ConverterMismatch,
    Effect::NeuronMismatch,
    Effect::NeuronNoise,
];

fn words(stream: Stream, count: usize) -> Vec<u32> {
    let mut draws = Draws::new(stream);
    (0..count).map(|_| draws.u32()).collect()
}

/// The known-answer vectors of Random123 1.14, file `kat_vectors`, lines `philox4x32 10`.
#[test]
fn philox_has_the_published_answers() {
    let all = u32::MAX;
    for (counter, key, words) in [
        ([0; 4], [0; 2], [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]),
        ([all; 4], [all; 2], [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]),
        (
            [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344],
            [0xa409_3822, 0x299f_31d0],
            [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1],
        ),
    ] {
        assert_eq!(philox4x32(counter, key), words, "counter {counter:x?}, key {key:x?}");
    }
}

/// One round less or more, or other factors, would still look random: the counter's layout is part of every stored result.
#[test]
fn a_stream_is_its_counter() {
    let expected: Vec<u32> = (0..3).flat_map(|block| philox4x32([block, 4, 3, 2 << 16 | 1], [1, 0])).collect();
    assert_eq!(words(STREAM, 12), expected);
    let far =
        Stream { seed: 5 << 32 | 6, layer: u16::MAX, crossbar: u32::MAX, effect: Effect::Choice, sample: u32::MAX };
    assert_eq!(words(far, 4), philox4x32([0, u32::MAX, u32::MAX, 0xffff_0005], [6, 5]));
}

#[test]
fn neighbouring_streams_share_no_word() {
    let mut streams = vec![];
    for seed in [0, 1, 1 << 32] {
        for layer in [0, 1, 256] {
            for crossbar in [0, 1, 65_536] {
                streams.extend(
                    EFFECTS
                        .into_iter()
                        .flat_map(|effect| (0..4).map(move |sample| Stream { seed, layer, crossbar, effect, sample })),
                );
            }
        }
    }
    let pairs: BTreeSet<[u32; 4]> =
        streams.iter().map(|&stream| words(stream, 4).try_into().expect("four words")).collect();
    assert_eq!(pairs.len(), streams.len());
    assert_eq!(streams.len(), 3 * 3 * 3 * EFFECTS.len() * 4);
}

proptest! {
    #[test]
    fn other_places_have_other_numbers(
        a in any::<(u64, u16, u32, usize, u32)>(),
        b in any::<(u64, u16, u32, usize, u32)>(),
    ) {
        let stream = |(seed, layer, crossbar, effect, sample): (u64, u16, u32, usize, u32)| {
            Stream { seed, layer, crossbar, effect: EFFECTS[effect % EFFECTS.len()], sample }
        };
        let (a, b) = (stream(a), stream(b));
        prop_assert_eq!(a == b, words(a, 8) == words(b, 8));
    }
}

#[test]
fn numbers_do_not_depend_on_the_order_of_streams() {
    let stream = |sample| Stream { sample, ..STREAM };
    let forward: Vec<Vec<u32>> = (0..50).map(|sample| words(stream(sample), 9)).collect();
    let mut backward: Vec<Vec<u32>> = (0..50).rev().map(|sample| words(stream(sample), 9)).collect();
    backward.reverse();
    let threads: Vec<Vec<u32>> = std::thread::scope(|scope| {
        let running: Vec<_> = (0..50).map(|sample| scope.spawn(move || words(stream(sample), 9))).collect();
        running.into_iter().map(|thread| thread.join().expect("no panic")).collect()
    });
    assert_eq!(forward, backward);
    assert_eq!(forward, threads);
}

#[test]
fn numbers_in_turn_equal_one_another() {
    // A pair of normal numbers is kept across other draws, and bulk numbers come from blocks of their own.
    let mut draws = Draws::new(STREAM);
    let mut bulk = [0.0; 70];
    draws.fill_normal(&mut bulk);
    assert_eq!(draws.u32(), philox4x32([32, 4, 3, 2 << 16 | 1], [1, 0])[0], "two groups of sixteen blocks were used");
    let mut again = [0.0; 64];
    Draws::new(STREAM).fill_normal(&mut again);
    assert_eq!(bulk[..64], again);
    let mut empty = Draws::new(STREAM);
    empty.fill_normal(&mut []);
    assert_eq!(empty.u32(), words(STREAM, 1)[0]);
}

#[test]
fn recorded_numbers_stay() {
    // Every stored result depends on these. They were computed once by this code; the distribution's tests say that they are right.
    let mut draws = Draws::new(STREAM);
    assert_eq!(
        [draws.uniform(), draws.normal(), draws.normal()].map(f64::to_bits),
        [4604466675538916422, 4585083576404249090, 4608750701577339127]
    );
    let mut bulk = [0.0; 64];
    Draws::new(STREAM).fill_normal(&mut bulk);
    assert_eq!([bulk[0], bulk[17], bulk[63]].map(f32::to_bits), [3181897010, 1051681768, 1076405666]);
}
