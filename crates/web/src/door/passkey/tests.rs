//! What a browser says is read in its one form or not at all.

use super::*;

fn new_key(length: u16) -> Vec<u8> {
    let mut data = Sha256::digest(b"localhost").to_vec();
    data.push(PRESENT | VERIFIED | WITH_KEY);
    data.extend([0, 0, 0, 7]);
    data.extend([0; 16]);
    data.extend(length.to_be_bytes());
    data.extend(vec![9; usize::from(length)]);
    data.extend([0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20]);
    data.extend([1; 32]);
    data.extend([0x22, 0x58, 0x20]);
    data.extend([2; 32]);
    data
}

#[test]
fn a_new_key_is_read_in_its_one_form() {
    let data = new_key(16);
    let told = said(&data).unwrap();
    assert!(told.fits("localhost") && !told.fits("example.org"));
    assert_eq!(told.count, 7);
    let new = credential(told.rest).unwrap();
    assert_eq!((new.credential.len(), new.key[0], new.key[1], new.key[33]), (16, 4, 1, 2));
    assert_eq!(Credential::unpacked(&new.packed()), Some(new));
    for cut in 0..data.len() {
        assert!(said(&data[..cut]).and_then(|said| credential(said.rest)).is_none(), "{cut}");
    }
    for length in [0, 1_024] {
        let data = new_key(length);
        assert!(credential(said(&data).unwrap().rest).is_none(), "{length}");
    }
    let mut other = new_key(16);
    other[37 + 18 + 16 + 4] = 0x27;
    assert!(credential(said(&other).unwrap().rest).is_none(), "another algorithm");
}

#[test]
fn whoever_was_not_there_or_not_known_does_not_fit() {
    for flags in [0, PRESENT, VERIFIED, WITH_KEY] {
        let mut data = new_key(16);
        data[32] = flags;
        assert!(!said(&data).unwrap().fits("localhost"), "{flags}");
    }
}

#[test]
fn the_browser_s_words_are_about_this_act_at_this_place() {
    let challenge = URL_SAFE_NO_PAD.encode([5; 32]);
    let words = |kind: &str, origin: &str, cross: bool| {
        format!(
            r#"{{"type":"{kind}","challenge":"{challenge}","origin":"{origin}","crossOrigin":{cross},"more":1}}"#
        )
    };
    let here = "https://assent.example.org";
    let read = |words: String| client(words.as_bytes(), "webauthn.get", here);
    assert_eq!(read(words("webauthn.get", here, false)), Some([5; 32]));
    assert_eq!(read(words("webauthn.create", here, false)), None);
    assert_eq!(read(words("webauthn.get", "https://evil.example.org", false)), None);
    assert_eq!(read(words("webauthn.get", "https://assent.example.org.evil.org", false)), None);
    assert_eq!(read(words("webauthn.get", here, true)), None);
    assert_eq!(read("{}".into()), None);
}
