//! One-time codes (RFC 6238, RFC 4226): six digits, thirty seconds, SHA-1, as every authenticator app expects. And codes for the
//! day the phone is lost.

use ring::hmac;

/// How long a code holds, in seconds.
const STEP: i64 = 30;
/// Steps before and after now that count: clocks are never quite in step.
const SLACK: i64 = 1;
const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";

/// The code of a time step.
fn code(seed: &[u8], step: i64) -> u32 {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, seed);
    let tag = hmac::sign(&key, &step.to_be_bytes());
    let bytes = tag.as_ref();
    let at = usize::from(bytes.last().copied().unwrap_or(0) & 0x0f);
    let four = bytes.get(at..at.saturating_add(4)).and_then(|four| four.try_into().ok()).unwrap_or([0; 4]);
    (u32::from_be_bytes(four) & 0x7fff_ffff) % 1_000_000
}

/// The step of a code that fits now, after a step that was used already.
pub(crate) fn fits(seed: &[u8], typed: &str, micros: i64, used: i64) -> Option<i64> {
    let typed: String = typed.chars().filter(|c| !c.is_whitespace()).collect();
    let digits = typed.len() == 6 && typed.bytes().all(|b| b.is_ascii_digit());
    let wanted: u32 = typed.parse().ok().filter(|_| digits)?;
    let now = micros.div_euclid(1_000_000).div_euclid(STEP);
    (now.saturating_sub(SLACK)..=now.saturating_add(SLACK))
        .filter(|step| *step > used)
        .find(|step| code(seed, *step) == wanted)
}

/// Bytes in base 32 without padding (RFC 4648), in lower case.
pub(crate) fn base32(bytes: &[u8]) -> String {
    let mut out = String::new();
    let (mut held, mut bits) = (0u32, 0u32);
    for byte in bytes {
        held = (held << 8) | u32::from(*byte);
        bits = bits.saturating_add(8);
        while bits >= 5 {
            bits = bits.saturating_sub(5);
            out.push(letter(held >> bits));
        }
    }
    if bits > 0 {
        out.push(letter(held << 5u32.saturating_sub(bits)));
    }
    out
}

fn letter(five: u32) -> char {
    let at = usize::try_from(five & 31).unwrap_or(0);
    char::from(ALPHABET.get(at).copied().unwrap_or(b'a'))
}

/// What an authenticator app reads.
pub(crate) fn uri(company: &str, email: &str, seed: &[u8]) -> String {
    let part =
        |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20");
    let (company, email, secret) = (part(company), part(email), base32(seed).to_uppercase());
    format!(
        "otpauth://totp/{company}:{email}?secret={secret}&issuer={company}&algorithm=SHA1&digits=6&period=30"
    )
}

/// A code in groups of four, as people copy it.
pub(crate) fn grouped(code: &str) -> String {
    let letters: Vec<char> = code.chars().collect();
    letters.chunks(4).map(|four| four.iter().collect::<String>()).collect::<Vec<_>>().join("-")
}

/// A recovery code as it is compared: without dashes, spaces and capitals.
pub(crate) fn plain(typed: &str) -> String {
    typed.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEED: &[u8] = b"12345678901234567890";

    #[test]
    fn the_codes_are_those_of_the_standard() {
        // RFC 6238, appendix B, the last six of eight digits.
        for (seconds, wanted) in [
            (59, 287_082),
            (1_111_111_109, 81_804),
            (1_111_111_111, 50_471),
            (1_234_567_890, 5_924),
            (2_000_000_000, 279_037),
            (20_000_000_000, 353_130),
        ] {
            assert_eq!(code(SEED, seconds / STEP), wanted, "{seconds}");
        }
    }

    #[test]
    fn a_code_fits_for_a_minute_and_a_half_and_once() {
        let at = 59_000_000;
        assert_eq!(fits(SEED, "287082", at, 0), Some(1));
        assert_eq!(fits(SEED, " 287 082 ", at + 30_000_000, 0), Some(1));
        assert_eq!(fits(SEED, "287082", at + 60_000_000, 0), None, "too old");
        assert_eq!(fits(SEED, "287082", at, 1), None, "used already");
        for wrong in ["287083", "28708", "0287082", "2870829", "", "ééé", "+87082"] {
            assert_eq!(fits(SEED, wrong, at, 0), None, "{wrong}");
        }
    }

    #[test]
    fn base_32_is_that_of_the_standard() {
        for (plain, wanted) in
            [("f", "my"), ("fo", "mzxq"), ("foo", "mzxw6"), ("foobar", "mzxw6ytboi"), ("", "")]
        {
            assert_eq!(base32(plain.as_bytes()), wanted);
        }
        assert_eq!(grouped("abcdefghij"), "abcd-efgh-ij");
        assert_eq!(plain(" ABCD-efgh 12"), "abcdefgh12");
        let uri = uri("Halden Home", "a+b@example.org", b"foobar");
        assert_eq!(
            uri,
            "otpauth://totp/Halden%20Home:a%2Bb%40example.org?secret=MZXW6YTBOI&issuer=Halden%20Home&algorithm=SHA1&digits=6&period=30"
        );
    }
}
