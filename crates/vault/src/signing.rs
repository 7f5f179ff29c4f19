//! The key that signs `X-Doorward-Assertion`: ES256 (RFC 7518 §3.4), in compact form (RFC 7515).
//!
//! The header is made once, with the key. Nothing here verifies: apps do that, with the public JWK.

use crate::{KeyRing, Purpose, Unopenable};
use aws_lc_rs::{
    digest,
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::Entropy;
use serde_json::{Value, json};
use std::fmt;

const PLACE: &[u8] = b"signing key";

/// A private P-256 key with the name by which verifiers find its public half.
pub struct SigningKey {
    pair: EcdsaKeyPair,
    kid: String,
    /// The JWS header, encoded, with the dot behind it.
    header: String,
}

impl SigningKey {
    /// A fresh key, from the cryptographic library's own randomness.
    ///
    /// # Panics
    ///
    /// When the library has no randomness.
    #[expect(clippy::expect_used, reason = "there is no safe way to go on without randomness")]
    pub fn generate() -> Self {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING);
        Self::new(pair.expect("the library makes a P-256 key"))
    }

    /// A key that [`Self::to_sealed`] wrote.
    pub fn from_sealed(ring: &KeyRing, sealed: &[u8]) -> Result<Self, Unopenable> {
        let pkcs8 = ring.open(Purpose::SigningKeys, PLACE, sealed)?;
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &pkcs8);
        pair.map(Self::new).map_err(|_| Unopenable)
    }

    /// The key as PKCS#8, sealed for the store.
    ///
    /// # Panics
    ///
    /// When the library has no memory.
    #[expect(clippy::expect_used, reason = "a key that was made or read here can be written")]
    pub fn to_sealed(&self, ring: &KeyRing, entropy: &dyn Entropy) -> Vec<u8> {
        let pkcs8 = self.pair.to_pkcs8v1().expect("a P-256 key has a PKCS#8 form");
        ring.seal(Purpose::SigningKeys, PLACE, pkcs8.as_ref(), entropy)
    }

    fn new(pair: EcdsaKeyPair) -> Self {
        let kid = thumbprint(&pair);
        let header = json!({ "alg": "ES256", "typ": "JWT", "kid": kid });
        let header = URL_SAFE_NO_PAD.encode(header.to_string()) + ".";
        Self { pair, kid, header }
    }

    /// The key's name: its SHA-256 thumbprint (RFC 7638).
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// The public half, as `/.well-known/jwks.json` lists it (RFC 7517).
    pub fn public_jwk(&self) -> Value {
        let [x, y] = coordinates(&self.pair);
        json!({ "kty": "EC", "crv": "P-256", "x": x, "y": y, "kid": self.kid, "use": "sig", "alg": "ES256" })
    }

    /// Signs `claims` as a compact JWT.
    ///
    /// # Panics
    ///
    /// When the library has no memory or randomness.
    #[expect(clippy::expect_used, reason = "signing fails only when memory or randomness is gone")]
    pub fn sign_jwt(&self, claims: &Value) -> String {
        let mut token = self.header.clone();
        URL_SAFE_NO_PAD.encode_string(claims.to_string(), &mut token);
        let signature = self.pair.sign(&SystemRandom::new(), token.as_bytes());
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(signature.expect("a P-256 key signs"), &mut token);
        token
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey").field("kid", &self.kid).finish_non_exhaustive()
    }
}

/// The point's two numbers of 32 bytes, behind the 4 that says "uncompressed" (SEC 1 §2.3.3).
fn coordinates(pair: &EcdsaKeyPair) -> [String; 2] {
    let point = pair.public_key().as_ref();
    [1..33, 33..65].map(|range| URL_SAFE_NO_PAD.encode(point.get(range).unwrap_or_default()))
}

fn thumbprint(pair: &EcdsaKeyPair) -> String {
    let [x, y] = coordinates(pair);
    let canonical = format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#);
    URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, canonical.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{FixedEntropy, Time};
    use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header, jwk};

    fn claims() -> Value {
        json!({ "sub": "ada", "aud": "https://notes.example", "exp": 4_000_000_000_u64 })
    }

    fn verified(jwk: &Value, token: &str) -> Option<Value> {
        let jwk: jwk::Jwk = serde_json::from_value(jwk.clone()).unwrap();
        let mut validation = Validation::new(Algorithm::ES256);
        validation.set_audience(&["https://notes.example"]);
        decode::<Value>(token, &DecodingKey::from_jwk(&jwk).unwrap(), &validation)
            .ok()
            .map(|data| data.claims)
    }

    #[test]
    fn another_implementation_verifies_our_tokens() {
        let key = SigningKey::generate();
        let token = key.sign_jwt(&claims());
        assert_eq!(verified(&key.public_jwk(), &token), Some(claims()));
        assert_eq!(verified(&SigningKey::generate().public_jwk(), &token), None);
        let header = decode_header(&token).unwrap();
        assert_eq!(
            (header.alg, header.typ.as_deref(), header.kid.as_deref()),
            (Algorithm::ES256, Some("JWT"), Some(key.kid()))
        );
    }

    #[test]
    fn another_implementation_finds_the_same_thumbprint() {
        let key = SigningKey::generate();
        let jwk: jwk::Jwk = serde_json::from_value(key.public_jwk()).unwrap();
        assert_eq!(jwk.thumbprint(jwk::ThumbprintHash::SHA256).unwrap(), key.kid());
    }

    #[test]
    fn an_altered_token_is_refused() {
        let key = SigningKey::generate();
        let token = key.sign_jwt(&claims());
        let forged = URL_SAFE_NO_PAD.encode(claims().to_string().replace("ada", "eve"));
        let [header, _, signature] = token.split('.').collect::<Vec<_>>().try_into().unwrap();
        assert_eq!(verified(&key.public_jwk(), &format!("{header}.{forged}.{signature}")), None);
    }

    #[test]
    fn a_sealed_key_is_the_same_key() {
        let ring = KeyRing::create(&FixedEntropy::new(1), Time::from_micros(0));
        let key = SigningKey::generate();
        let sealed = key.to_sealed(&ring, &FixedEntropy::new(2));
        let opened = SigningKey::from_sealed(&ring, &sealed).unwrap();
        assert_eq!(opened.public_jwk(), key.public_jwk());
        assert_eq!(verified(&key.public_jwk(), &opened.sign_jwt(&claims())), Some(claims()));
        let other = KeyRing::create(&FixedEntropy::new(9), Time::from_micros(0));
        assert!(SigningKey::from_sealed(&other, &sealed).is_err());
    }
}
