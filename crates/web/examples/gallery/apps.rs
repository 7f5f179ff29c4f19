//! The apps: one's own, none yet, and the sample.

use super::super::views::{
    AppTile, Claim, Frame, MyApps, NoticeKind, ReceivedHeader, Sample, SampleUser, TokensNote,
};
use super::{Page, Say, ada, alan, frame, noticed, page, when};

pub(super) fn pages(say: Say) -> askama::Result<Vec<Page>> {
    let some = MyApps { apps: tiles(say), tokens_note: Some(note(say)), ..none(say) };
    let found_nothing = MyApps { q: say("kettle"), ..none(say) };
    let member = MyApps {
        viewer: alan(say),
        frame: noticed(say, NoticeKind::Good, "Welcome. Your account is ready."),
        ..none(say)
    };
    let nobody = Sample { user: None, claims: vec![], ..sample(say) };
    Ok(vec![
        page("my-apps", &some)?,
        page("my-apps-searched", &found_nothing)?,
        page("my-apps-none", &none(say))?,
        page("my-apps-none-member", &member)?,
        page("sample", &sample(say))?,
        page("sample-nobody", &nobody)?,
    ])
}

fn none(say: Say) -> MyApps {
    MyApps {
        frame: frame(say),
        viewer: ada(say),
        q: String::new(),
        apps: vec![],
        signed_in: when(say, "2 days ago", "2026-11-19T08:12:44Z"),
        tokens_note: None,
    }
}

fn tiles(say: Say) -> Vec<AppTile> {
    ["Notes", "Calendar", "Printer", "Metrics", "Flows", "Git"]
        .map(|name| AppTile {
            name: say(name),
            url: say(&format!("https://{}.example.org/", name.to_lowercase())),
            host: say(&format!("{}.example.org", name.to_lowercase())),
        })
        .into()
}

fn note(say: Say) -> TokensNote {
    TokensNote {
        count: 2,
        name: say("Pixel, CalDAV"),
        used: when(say, "4 minutes ago", "2026-11-21T09:26:00Z"),
    }
}

fn sample(say: Say) -> Sample {
    let header =
        |(name, value, ours): (&str, &str, bool)| ReceivedHeader { name: say(name), value: say(value), ours };
    let claim = |(name, value, meaning): (&str, &str, &str)| Claim {
        name: say(name),
        value: say(value),
        meaning: say(meaning),
    };
    Sample {
        frame: Frame { host: say("sample.example.org"), ..frame(say) },
        user: Some(SampleUser { name: say("Ada Lovelace"), email: say("ada@example.org") }),
        headers: HEADERS.map(header).into(),
        claims: CLAIMS.map(claim).into(),
    }
}

const HEADERS: [(&str, &str, bool); 9] = [
    ("host", "sample.example.org", false),
    ("user-agent", "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0", false),
    ("accept-language", "en-GB,en;q=0.8", false),
    ("x-forwarded-for", "192.0.2.17", true),
    ("remote-user", "ada", true),
    ("remote-name", "Ada Lovelace", true),
    ("remote-email", "ada@example.org", true),
    ("remote-groups", "family,operators", true),
    (
        "x-doorward-assertion",
        "eyJhbGciOiJFZERTQSIsImtpZCI6Imtlb18wMWphOXo2In0.eyJpc3MiOiJodHRwczovL2hvbWUuZXhhbXBsZS5vcmciLCJhdWQiOiJhcHBfMDFqYTl6NiIsInN1YiI6InVzcl8wMWphOXo1In0.vQk7mYb0Zg3sXc9f2tLw",
        true,
    ),
];

const CLAIMS: [(&str, &str, &str); 5] = [
    ("iss", "https://home.example.org", "who says so"),
    ("aud", "app_01ja9z6v3te8", "the app that it is for"),
    ("sub", "usr_01ja9z5k2mfd", "who is signed in, for good"),
    ("name", "Ada Lovelace", "what they are called now"),
    ("exp", "1795253520", "believe it until then: a minute"),
];
