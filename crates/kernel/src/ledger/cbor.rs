//! The little CBOR the ledger speaks: RFC 8949 §4.2.1 deterministic encoding, nothing else.
//!
//! Integers, byte strings, texts, arrays and maps with ascending integer keys. The [`Reader`] accepts exactly
//! what the [`Writer`] can produce: shortest heads, definite lengths, no tags, floats or simple values. It never
//! recurses, so what nests is only what the caller asks for, and it never allocates from a claimed length.

use super::LedgerError;

const UINT: u8 = 0;
const NINT: u8 = 1;
const BYTES: u8 = 2;
const TEXT: u8 = 3;
const ARRAY: u8 = 4;
const MAP: u8 = 5;

/// Writes deterministic CBOR; the caller writes map keys in ascending order.
#[derive(Debug, Default)]
pub struct Writer {
    out: Vec<u8>,
}

impl Writer {
    /// An empty writer.
    pub fn new() -> Self {
        Self::default()
    }

    fn head(&mut self, major: u8, value: u64) {
        let m = major.wrapping_shl(5);
        let [a, b, c, d, e, f, g, h] = value.to_be_bytes();
        match value {
            0..=23 => self.out.push(m | h),
            24..=0xff => self.out.extend([m | 24, h]),
            0x100..=0xffff => self.out.extend([m | 25, g, h]),
            0x1_0000..=0xffff_ffff => self.out.extend([m | 26, e, f, g, h]),
            _ => self.out.extend([m | 27, a, b, c, d, e, f, g, h]),
        }
    }

    /// An unsigned integer.
    pub fn uint(&mut self, value: u64) -> &mut Self {
        self.head(UINT, value);
        self
    }

    /// A signed integer.
    pub fn int(&mut self, value: i64) -> &mut Self {
        match u64::try_from(value) {
            Ok(n) => self.head(UINT, n),
            Err(_) => self.head(NINT, (!value).cast_unsigned()),
        }
        self
    }

    /// A byte string.
    pub fn bytes(&mut self, value: &[u8]) -> &mut Self {
        self.head(BYTES, value.len() as u64);
        self.out.extend_from_slice(value);
        self
    }

    /// A text string.
    pub fn text(&mut self, value: &str) -> &mut Self {
        self.head(TEXT, value.len() as u64);
        self.out.extend_from_slice(value.as_bytes());
        self
    }

    /// The head of an array; the caller writes `len` items after it.
    pub fn array(&mut self, len: usize) -> &mut Self {
        self.head(ARRAY, len as u64);
        self
    }

    /// The head of a map; the caller writes `len` pairs after it.
    pub fn map(&mut self, len: usize) -> &mut Self {
        self.head(MAP, len as u64);
        self
    }

    /// The bytes written.
    pub fn finish(self) -> Vec<u8> {
        self.out
    }
}

/// Reads deterministic CBOR strictly, item by item.
#[derive(Debug)]
pub struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// Starts reading; refuses input longer than `max` bytes.
    pub fn new(input: &'a [u8], max: usize) -> Result<Self, LedgerError> {
        if input.len() > max {
            return Err(LedgerError::Malformed("cbor too long"));
        }
        Ok(Self { rest: input })
    }

    fn take(&mut self, len: usize) -> Result<&'a [u8], LedgerError> {
        let (taken, rest) =
            self.rest.split_at_checked(len).ok_or(LedgerError::Malformed("cbor cut short"))?;
        self.rest = rest;
        Ok(taken)
    }

    fn head(&mut self) -> Result<(u8, u64), LedgerError> {
        let first = self.take(1)?.first().copied().unwrap_or_default();
        let (major, info) = (first.wrapping_shr(5), first & 31);
        let (width, least) = match info {
            0..=23 => return Ok((major, u64::from(info))),
            24 => (1, 24),
            25 => (2, 0x100),
            26 => (4, 0x1_0000),
            27 => (8, 0x1_0000_0000),
            _ => return Err(LedgerError::Malformed("cbor indefinite or reserved length")),
        };
        let value = self.take(width)?.iter().fold(0u64, |n, byte| n.wrapping_shl(8) | u64::from(*byte));
        if value < least {
            Err(LedgerError::Malformed("cbor number not shortest"))
        } else {
            Ok((major, value))
        }
    }

    fn expect_major(&mut self, major: u8) -> Result<u64, LedgerError> {
        match self.head()? {
            (found, value) if found == major => Ok(value),
            _ => Err(LedgerError::Malformed("cbor item of another type")),
        }
    }

    fn sized(&mut self, major: u8, max: usize) -> Result<usize, LedgerError> {
        let len = usize::try_from(self.expect_major(major)?).unwrap_or(usize::MAX);
        if len > max { Err(LedgerError::Malformed("cbor item too long")) } else { Ok(len) }
    }

    /// The next item is an unsigned integer.
    pub fn uint(&mut self) -> Result<u64, LedgerError> {
        self.expect_major(UINT)
    }

    /// The next item is an integer that fits an `i64`.
    pub fn int(&mut self) -> Result<i64, LedgerError> {
        let (major, value) = self.head()?;
        let small = i64::try_from(value).map_err(|_| LedgerError::Malformed("cbor integer out of range"))?;
        match major {
            UINT => Ok(small),
            NINT => Ok(!small),
            _ => Err(LedgerError::Malformed("cbor item of another type")),
        }
    }

    /// The next item is a byte string of at most `max` bytes.
    pub fn bytes(&mut self, max: usize) -> Result<&'a [u8], LedgerError> {
        let len = self.sized(BYTES, max)?;
        self.take(len)
    }

    /// The next item is a byte string of exactly `N` bytes.
    pub fn fixed<const N: usize>(&mut self) -> Result<[u8; N], LedgerError> {
        self.bytes(N)?.try_into().map_err(|_| LedgerError::Malformed("cbor bytes of another length"))
    }

    /// The next item is a text of at most `max` bytes.
    pub fn text(&mut self, max: usize) -> Result<&'a str, LedgerError> {
        let len = self.sized(TEXT, max)?;
        std::str::from_utf8(self.take(len)?).map_err(|_| LedgerError::Malformed("cbor text not UTF-8"))
    }

    /// The next item is an array of at most `max` items; returns how many.
    pub fn array(&mut self, max: usize) -> Result<usize, LedgerError> {
        self.sized(ARRAY, max)
    }

    /// The next item is a map of exactly `len` pairs.
    pub fn map(&mut self, len: usize) -> Result<(), LedgerError> {
        if self.sized(MAP, len)? == len { Ok(()) } else { Err(LedgerError::Malformed("cbor map size")) }
    }

    /// The next item is a map of at most `max` pairs; returns how many.
    pub fn map_of(&mut self, max: usize) -> Result<usize, LedgerError> {
        self.sized(MAP, max)
    }

    /// The next item is the map key `key`; asking in ascending order makes order and uniqueness certain.
    pub fn key(&mut self, key: u64) -> Result<&mut Self, LedgerError> {
        if self.uint()? == key { Ok(self) } else { Err(LedgerError::Malformed("cbor map key")) }
    }

    /// The type of the next item without reading it: the major type, if there is one.
    pub fn peek_major(&self) -> Option<u8> {
        self.rest.first().map(|byte| byte.wrapping_shr(5))
    }

    /// Nothing may follow.
    pub fn finish(self) -> Result<(), LedgerError> {
        if self.rest.is_empty() { Ok(()) } else { Err(LedgerError::Malformed("bytes after the end")) }
    }
}
