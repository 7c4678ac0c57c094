//! Numbers drawn from a seed (splitmix64): the same on every machine.

/// Draws numbers.
#[derive(Debug, Clone)]
pub struct Dice(u64);

impl Dice {
    /// From a seed.
    #[must_use]
    pub const fn seeded(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0xd6e8_feb8_6659_fd93)
    }
    /// The next 64 bits.
    pub const fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
    /// Below a number.
    pub const fn below(&mut self, n: usize) -> usize {
        (self.draw() % n as u64) as usize
    }
    /// So many times in a hundred.
    pub const fn often(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }
    /// That many different ones of so many, as bits.
    pub fn some(&mut self, most: usize, of: usize) -> u64 {
        (0..most).fold(0, |bits, _| bits | 1 << self.below(of))
    }
    /// One of the bits that are set.
    ///
    /// # Panics
    /// When none is.
    pub fn one_of(&mut self, bits: u64) -> usize {
        let nth = self.below(bits.count_ones() as usize);
        (0..64).filter(|n| bits >> n & 1 == 1).nth(nth).expect("a bit")
    }
}
