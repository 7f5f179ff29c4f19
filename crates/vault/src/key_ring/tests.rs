use super::*;
use aws_lc_rs::{hkdf, hmac};
use domain::FixedEntropy;
use proptest::prelude::*;

const NOW: Time = Time::from_micros(1_700_000_000_000_000);

fn ring() -> KeyRing {
    KeyRing::create(&FixedEntropy::new(1), NOW)
}

fn rotated() -> KeyRing {
    let mut ring = ring();
    ring.rotate(&FixedEntropy::new(2), NOW);
    ring
}

fn bytes(hex: &str) -> Vec<u8> {
    let digits = hex.as_bytes().chunks(2).map(|pair| str::from_utf8(pair).unwrap());
    digits.map(|pair| u8::from_str_radix(pair, 16).unwrap()).collect()
}

#[test]
fn hmac_agrees_with_rfc_4231_case_2() {
    let key = hmac::Key::new(hmac::HMAC_SHA256, b"Jefe");
    let tag = hmac::sign(&key, b"what do ya want for nothing?");
    let expected = bytes("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    assert_eq!(tag.as_ref(), expected);
}

#[test]
fn hkdf_agrees_with_rfc_5869_case_1() {
    let prk = hkdf::Salt::new(hkdf::HKDF_SHA256, &bytes("000102030405060708090a0b0c")).extract(&[0x0b; 22]);
    let info = bytes("f0f1f2f3f4f5f6f7f8f9");
    let mut output = [0; 32];
    prk.expand(&[&info], hkdf::HKDF_SHA256).unwrap().fill(&mut output).unwrap();
    let expected = bytes("3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf");
    assert_eq!(output, *expected);
}

#[test]
fn a_ring_reads_back_from_its_text() {
    let (ring, text) = (rotated(), rotated().to_text());
    let read = KeyRing::parse(&text).unwrap();
    assert_eq!(*read.to_text(), *text);
    assert_eq!(read.fingerprint(), ring.fingerprint());
    assert_eq!(read.digest(Purpose::Token, b"x"), ring.digest(Purpose::Token, b"x"));
    let longest = text.lines().skip(1).map(str::len).max().unwrap();
    assert!(longest < 128, "the text has outgrown the room that is made for it");
}

#[test]
fn a_damaged_line_is_named_and_not_shown() {
    let text = rotated().to_text();
    let secret = text.lines().nth(2).unwrap().split(' ').nth(3).unwrap().to_owned();
    let flipped = if secret.starts_with('A') { "B" } else { "A" };
    let damaged = text.replace(&secret, &format!("{flipped}{}", secret.get(1..).unwrap()));
    let error = KeyRing::parse(&damaged).unwrap_err();
    assert_eq!(error, KeyRingError::Damaged { line: 3 });
    assert!(!error.to_string().contains(secret.get(1..).unwrap()));
}

#[test]
fn what_is_no_ring_is_refused_with_its_reason() {
    let text = ring().to_text();
    let line = text.lines().nth(1).unwrap();
    assert_eq!(KeyRing::parse("# nothing\n").unwrap_err(), KeyRingError::Empty);
    assert_eq!(KeyRing::parse("v2 something else\n").unwrap_err(), KeyRingError::Newer { line: 1 });
    assert_eq!(KeyRing::parse(&format!("{line}\n{line}\n")).unwrap_err(), KeyRingError::Repeated { line: 2 });
    assert_eq!(KeyRing::parse(line.get(..60).unwrap()).unwrap_err(), KeyRingError::Damaged { line: 1 });
}

#[test]
fn rule_18_digests_differ_by_purpose_and_root_key() {
    let ring = rotated();
    assert_ne!(ring.digest(Purpose::Session, b"x").bytes, ring.digest(Purpose::Token, b"x").bytes);
    let [current, older] = ring.digests(Purpose::Token, b"x").collect::<Vec<_>>().try_into().unwrap();
    assert_eq!(current, ring.digest(Purpose::Token, b"x"));
    assert_ne!(current.bytes, older.bytes);
    assert_ne!(current.key, older.key);
}

#[test]
fn rule_18_what_an_older_key_made_still_counts_after_a_rotation() {
    let (before, after) = (ring(), rotated());
    let sealed = before.seal(Purpose::Seal, b"place", b"text", &FixedEntropy::new(3));
    assert_eq!(*after.open(Purpose::Seal, b"place", &sealed).unwrap(), b"text");
    let digest = before.digest(Purpose::Session, b"x");
    assert!(after.digests(Purpose::Session, b"x").any(|known| known == digest));
    assert_ne!(before.fingerprint(), after.fingerprint());
}

#[test]
fn rule_18_what_a_retired_key_made_counts_no_more() {
    let sealed = ring().seal(Purpose::Seal, b"", b"text", &FixedEntropy::new(3));
    let text = rotated().to_text();
    let retired = KeyRing::parse(text.lines().last().unwrap()).unwrap();
    assert!(retired.open(Purpose::Seal, b"", &sealed).is_err());
}

#[test]
fn a_rotation_gives_every_root_key_an_id_of_its_own() {
    let mut ring = ring();
    ring.rotate(&FixedEntropy::new(1), NOW);
    assert!(KeyRing::parse(&ring.to_text()).is_ok());
}

#[test]
fn a_key_id_survives_the_store() {
    let id = KeyId(u32::MAX);
    assert_eq!(KeyId::try_from(i64::from(id)), Ok(id));
    assert!(KeyId::try_from(-1).is_err());
}

proptest! {
    #[test]
    fn sealed_bytes_open_in_their_place_alone(plain: Vec<u8>, aad: Vec<u8>, other: Vec<u8>) {
        let ring = ring();
        let sealed = ring.seal(Purpose::Seal, &aad, &plain, &FixedEntropy::new(3));
        prop_assert_eq!(&*ring.open(Purpose::Seal, &aad, &sealed).unwrap(), &plain);
        prop_assert!(ring.open(Purpose::SigningKeys, &aad, &sealed).is_err());
        prop_assert!(aad == other || ring.open(Purpose::Seal, &other, &sealed).is_err());
    }

    #[test]
    fn one_flipped_bit_shuts_the_seal(plain in prop::collection::vec(any::<u8>(), 0..40), bit: prop::sample::Index) {
        let ring = ring();
        let mut sealed = ring.seal(Purpose::Seal, b"place", &plain, &FixedEntropy::new(3));
        let bit = bit.index(sealed.len() * 8);
        sealed[bit / 8] ^= 1 << (bit % 8);
        prop_assert!(ring.open(Purpose::Seal, b"place", &sealed).is_err());
    }

    #[test]
    fn any_bytes_are_refused_without_a_panic(sealed: Vec<u8>, text: String) {
        prop_assert!(ring().open(Purpose::Seal, b"", &sealed).is_err());
        prop_assert!(KeyRing::parse(&text).is_err());
    }
}
