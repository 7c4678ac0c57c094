//! Memory that is read at random: in huge pages where the system has them, so that where a line lies is known without
//! a walk through page tables. Zeroed, of a fixed length, in words of eight bytes.

use memmap2::MmapMut;
use zerocopy::FromBytes as _;

/// Below this many bytes huge pages gain nothing.
const LARGE: usize = 4 << 20;

/// Words of memory.
#[derive(Debug)]
pub(crate) enum Pages {
    /// Mapped for this alone; begins with a page, so that lines of 64 bytes are lines of the cache.
    Mapped(MmapMut),
    /// Few, or the system maps none.
    Plain(Vec<u64>),
}

impl Default for Pages {
    fn default() -> Self {
        Self::Plain(Vec::new())
    }
}

impl Pages {
    /// So many words of zero.
    pub(crate) fn zeroed(words: usize) -> Self {
        if words * 8 >= LARGE
            && let Ok(map) = MmapMut::map_anon(words * 8)
        {
            // Advice only: without huge pages everything is the same, but slower.
            #[cfg(target_os = "linux")]
            let _advised = map.advise(memmap2::Advice::HugePage);
            return Self::Mapped(map);
        }
        Self::Plain(vec![0; words])
    }
    #[inline]
    pub(crate) fn words(&self) -> &[u64] {
        match self {
            Self::Mapped(map) => <[u64]>::ref_from_bytes(map).unwrap_or_default(),
            Self::Plain(words) => words,
        }
    }
    #[inline]
    pub(crate) fn words_mut(&mut self) -> &mut [u64] {
        match self {
            Self::Mapped(map) => <[u64]>::mut_from_bytes(map).unwrap_or_default(),
            Self::Plain(words) => words,
        }
    }
    /// Lines of eight words.
    #[inline]
    pub(crate) fn lines(&self) -> &[[u64; 8]] {
        self.words().as_chunks().0
    }
    #[inline]
    pub(crate) fn lines_mut(&mut self) -> &mut [[u64; 8]] {
        self.words_mut().as_chunks_mut().0
    }
}

/// Words that grow, by an eighth at a time.
#[derive(Debug, Default)]
pub(crate) struct Growing {
    pages: Pages,
    len: usize,
}

impl Growing {
    #[inline]
    pub(crate) fn words(&self) -> &[u64] {
        self.pages.words().get(..self.len).unwrap_or_default()
    }
    #[inline]
    pub(crate) fn words_mut(&mut self) -> &mut [u64] {
        self.pages.words_mut().get_mut(..self.len).unwrap_or_default()
    }
    /// Everything there is, those that wait for more included: they are zero.
    #[inline]
    pub(crate) fn room(&self) -> &[u64] {
        self.pages.words()
    }
    /// The same, in lines.
    #[inline]
    pub(crate) fn lines(&self) -> &[[u64; 8]] {
        self.pages.lines()
    }
    pub(crate) const fn len(&self) -> usize {
        self.len
    }
    pub(crate) fn extend(&mut self, more: &[u64]) {
        let from = self.len;
        self.reach(from + more.len());
        if let Some(free) = self.words_mut().get_mut(from..) {
            free.copy_from_slice(more);
        }
    }
    /// At least so many words, the new ones zero.
    pub(crate) fn reach(&mut self, len: usize) {
        let room = self.pages.words().len();
        if len > room {
            let mut fresh = Pages::zeroed((room + room / 8).max(len).next_multiple_of(512));
            fresh.words_mut().iter_mut().zip(self.words()).for_each(|(to, from)| *to = *from);
            self.pages = fresh;
        }
        self.len = self.len.max(len);
    }
    /// Bytes, those that wait for more included.
    pub(crate) fn bytes(&self) -> usize {
        self.pages.words().len() * 8
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_and_small_memory_is_zero_and_grows_without_loss() {
        for words in [0, 8, LARGE / 8 + 8] {
            let mut pages = Pages::zeroed(words);
            assert!(pages.words().len() == words && pages.words().iter().all(|word| *word == 0));
            assert_eq!(pages.lines().len(), words / 8);
            if let Some(last) = pages.lines_mut().last_mut() {
                last[7] = 9;
                assert_eq!(pages.words().last(), Some(&9));
            }
        }
        let mut all = Growing::default();
        (0..LARGE as u64 / 4).for_each(|n| all.extend(&[n, n * 3]));
        assert_eq!(all.len(), LARGE / 2);
        assert!((0..).zip(all.words().chunks(2)).all(|(n, two)| two == [n, n * 3]));
        all.words_mut()[1] = 7;
        assert_eq!(all.words()[1], 7);
    }
}
