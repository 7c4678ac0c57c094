//! Chance that falls the same way every time: splitmix64, and ids made from names.

/// A stream of numbers that depends on its seed alone.
pub(crate) struct Dice(u64);

impl Dice {
    /// The stream of a name within a world.
    pub(crate) fn of(seed: u64, name: &str) -> Self {
        // FNV-1a: any mixing will do here, nothing secret hangs on it.
        let mixed = name.bytes().fold(0xcbf2_9ce4_8422_2325 ^ seed, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        Self(mixed)
    }
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
    /// A number from 0 to `n - 1`; 0 when `n` is 0.
    pub(crate) fn below(&mut self, n: u64) -> u64 {
        self.next().checked_rem(n).unwrap_or(0)
    }
    /// A number in a range, both ends included.
    pub(crate) fn between(&mut self, low: u32, high: u32) -> u32 {
        let span = u64::from(high.saturating_sub(low)).saturating_add(1);
        low.saturating_add(u32::try_from(self.below(span)).unwrap_or(0))
    }
    /// Yes so many times out of a hundred.
    pub(crate) fn chance(&mut self, percent: u32) -> bool {
        self.below(100) < u64::from(percent)
    }
    /// The index of one of so many.
    pub(crate) fn index(&mut self, len: usize) -> usize {
        usize::try_from(self.below(u64::try_from(len).unwrap_or(0))).unwrap_or(0)
    }
    /// One of some things.
    pub(crate) fn pick<'a, T>(&mut self, all: &'a [T]) -> Option<&'a T> {
        let index = self.index(all.len());
        all.get(index)
    }
    /// One of some texts; nothing of none.
    pub(crate) fn text<'a>(&mut self, all: &'a [String]) -> &'a str {
        self.pick(all).map_or("", String::as_str)
    }
    /// One of some things, each as likely as its weight.
    pub(crate) fn weighted<'a, T>(&mut self, all: &'a [T], weight: impl Fn(&T) -> u32) -> Option<&'a T> {
        let total: u64 = all.iter().map(|one| u64::from(weight(one))).sum();
        let mut left = self.below(total);
        all.iter().find(|one| {
            let weight = u64::from(weight(one));
            let hit = left < weight;
            left = left.saturating_sub(weight);
            hit
        })
    }
    /// The tail of an id.
    pub(crate) fn ten(&mut self) -> [u8; 10] {
        let mut out = [0; 10];
        let bytes = self.next().to_be_bytes().into_iter().chain(self.next().to_be_bytes());
        for (slot, byte) in out.iter_mut().zip(bytes) {
            *slot = byte;
        }
        out
    }
    /// A pattern in which every `#` becomes a digit.
    pub(crate) fn digits(&mut self, pattern: &str) -> String {
        let mut digit = |c| if c == '#' { char::from(b'0'.saturating_add(self.below(10) as u8)) } else { c };
        pattern.chars().map(&mut digit).collect()
    }
}

/// The tail of the id of something with a name.
pub(crate) fn stable(name: &str) -> [u8; 10] {
    Dice::of(0, name).ten()
}
