//! The built-in sample app: what an app behind the door is told, for people to look at.

use super::frame;
use crate::{
    Desk, shield,
    views::{Claim, ReceivedHeader, Sample, SampleUser, respond},
};
use axum::response::Response;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use http::{HeaderMap, StatusCode, header, request::Parts};
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

/// What Doorward writes itself, whatever a client has sent under the name.
const OURS: [&str; 9] = [
    "remote-user",
    "remote-name",
    "remote-email",
    "remote-groups",
    "x-doorward-assertion",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-proto",
    "x-request-id",
];

/// The sample's page: all that it was told with the request, as any other app would be.
pub fn sample(desk: &Desk, parts: &Parts) -> Response {
    let headers = &parts.headers;
    let host = text(headers, header::HOST.as_str()).unwrap_or_default();
    let user = text(headers, "remote-user").filter(|user| !user.is_empty());
    let page = Sample {
        frame: frame(&host),
        user: user.map(|user| SampleUser {
            name: text(headers, "remote-name").unwrap_or(user),
            email: text(headers, "remote-email").unwrap_or_default(),
        }),
        headers: headers
            .iter()
            .map(|(name, value)| ReceivedHeader {
                name: name.to_string(),
                value: String::from_utf8_lossy(value.as_bytes()).into_owned(),
                ours: OURS.contains(&name.as_str()),
            })
            .collect(),
        claims: claims(headers),
    };
    let mut response = respond(StatusCode::OK, &page);
    shield::cover(response.headers_mut(), desk.home().is_secure());
    response
}

/// A header's text, with what is percent-encoded undone.
fn text(headers: &HeaderMap, name: &str) -> Option<String> {
    let value = headers.get(name)?.to_str().ok()?;
    Some(percent_decode_str(value).decode_utf8_lossy().into_owned())
}

/// The claims of the assertion. Its signature is not looked at here; an app must check it with the public keys.
fn claims(headers: &HeaderMap) -> Vec<Claim> {
    let assertion = text(headers, "x-doorward-assertion").unwrap_or_default();
    let payload = assertion.split('.').nth(1).and_then(|part| URL_SAFE_NO_PAD.decode(part).ok());
    let claims: Map<String, Value> =
        payload.and_then(|json| serde_json::from_slice(&json).ok()).unwrap_or_default();
    claims.into_iter().map(|(name, value)| claim(name, &value)).collect()
}

fn claim(name: String, value: &Value) -> Claim {
    let meaning = match name.as_str() {
        "iss" => "who says so",
        "aud" => "whom it is for: this app's origin",
        "sub" => "who is signed in, for good",
        "iat" => "when it was made",
        "nbf" => "since when it counts",
        "exp" => "until when it counts: a minute",
        "preferred_username" => "their handle, as in Remote-User",
        "name" => "what they are called now",
        "email" => "their address",
        "email_verified" => "whether somebody vouched for the address",
        "groups" => "the groups that they are in",
        _ => "",
    };
    let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    Claim { name, value, meaning: meaning.to_owned() }
}
