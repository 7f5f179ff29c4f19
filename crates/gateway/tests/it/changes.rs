//! Fields that an app's settings change, and those that no setting can.

use crate::house::House;
use domain::{FieldChanges, GateSettings};

fn changes(set: &[(&str, &str)], remove: &[&str]) -> FieldChanges {
    FieldChanges {
        set: set.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        remove: remove.iter().map(|name| (*name).to_owned()).collect(),
    }
}

#[tokio::test]
async fn an_app_and_a_client_get_what_the_settings_say() {
    let house = House::gated(GateSettings {
        request_headers: changes(
            &[("Authorization", "Basic eDp5"), ("X-From", "door")],
            &["Accept-Language"],
        ),
        answer_headers: changes(
            &[("X-Frame-Options", "DENY"), ("Link", "<a>"), ("link", "<b>")],
            &["Set-Cookie"],
        ),
        ..GateSettings::default()
    })
    .await;
    let answer = house.ask("GET /cookies", &["X-From: client", "Accept-Language: de"]).await;
    let seen = house.app.only();
    assert_eq!(seen.field("x-from"), "door");
    assert_eq!(seen.field("authorization"), "Basic eDp5");
    assert_eq!(seen.field("accept-language"), "");
    assert_eq!(seen.field("remote-user"), "ada");
    for line in ["x-frame-options: DENY\r\n", "link: <a>\r\n", "link: <b>\r\n"] {
        assert!(answer.contains(line), "{line}: {answer}");
    }
    assert!(!answer.contains("set-cookie"), "{answer}");
}

#[tokio::test]
async fn rule_10_no_setting_touches_identity_framing_or_this_hop() {
    let settled = [
        ("Remote-User", "root"),
        ("remote_groups", "admins"),
        ("X-Doorward-Assertion", "forged"),
        ("X-Forwarded-For", "192.0.2.1"),
        ("Host", "evil.example"),
        ("Content-Length", "3"),
        ("content_length", "3"),
        ("Transfer-Encoding", "chunked"),
        ("Connection", "x-doorward-assertion"),
        ("Upgrade", "h2c"),
        ("Expect", "100-continue"),
        ("bad name", "x"),
        ("X-Bad", "a\r\nRemote-User: root"),
    ];
    let names = settled.map(|(name, _)| name);
    let gate = GateSettings {
        request_headers: changes(&settled, &names),
        answer_headers: changes(&[&settled[..], &[("Set-Cookie", "doorward=stolen")]].concat(), &names),
        ..GateSettings::default()
    };
    let house = House::gated(gate).await;
    let answer = house.say(&(crate::house::signed_in("POST /", &["Content-Length: 4"]) + "four")).await;
    let seen = house.app.only();
    assert_eq!(seen.body, "four");
    assert_eq!(seen.field("remote-user"), "ada");
    assert_eq!(seen.field("content-length"), "4");
    assert_eq!(seen.field("host"), house.authority());
    assert_eq!(seen.field("x-forwarded-for"), "127.0.0.1");
    assert!(seen.field("x-doorward-assertion").contains('.'));
    for gone in ["remote_groups", "content_length", "transfer-encoding", "connection", "upgrade", "expect"] {
        assert_eq!(seen.field(gone), "", "{gone}");
    }
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("\r\n\r\nfour"), "{answer}");
    assert!(answer.contains("content-length: 4\r\n"), "{answer}");
    for word in ["root", "admins", "forged", "192.0.2.1", "evil", "chunked", "h2c", "stolen"] {
        assert!(!answer.contains(word), "{word} is in {answer}");
    }
}
