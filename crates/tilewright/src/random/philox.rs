//! Philox4x32-10.

/// Factors of a round.
pub(super) const FACTORS: [u32; 2] = [0xd251_1f53, 0xcd9e_8d57];
/// What a round adds to the key: the fractional parts of the golden ratio and of √3.
pub(super) const KEY_STEPS: [u32; 2] = [0x9e37_79b9, 0xbb67_ae85];
/// Rounds.
pub(super) const ROUNDS: usize = 10;

/// Four random words, a bijection of the counter for every key: Philox4x32-10 (Salmon, Moraes, Dror, Shaw 2011, "Parallel
/// random numbers: as easy as 1, 2, 3", section 3.3).
///
/// ```
/// use tilewright::random::philox4x32;
/// assert_eq!(philox4x32([0; 4], [0; 2]), [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]);
/// ```
pub const fn philox4x32(counter: [u32; 4], key: [u32; 2]) -> [u32; 4] {
    let ([mut a, mut b, mut c, mut d], [mut left, mut right]) = (counter, key);
    let mut round = 0;
    while round < ROUNDS {
        let (first, second) = (a as u64 * FACTORS[0] as u64, c as u64 * FACTORS[1] as u64);
        (a, b, c, d) =
            ((second >> 32) as u32 ^ b ^ left, second as u32, (first >> 32) as u32 ^ d ^ right, first as u32);
        (left, right) = (left.wrapping_add(KEY_STEPS[0]), right.wrapping_add(KEY_STEPS[1]));
        round += 1;
    }
    [a, b, c, d]
}
