//! Who asks for a page: somebody who is signed in, or anybody.

use super::{Trouble, fields::Fields, frame};
use crate::{
    Caller, Desk, Problem,
    views::{Frame, Notice, NoticeKind, Viewer, When, ago, ahead},
};
use access::Snapshot;
use axum::extract::FromRequestParts;
use domain::{Actor, Role, Time};
use http::{Uri, request::Parts};
use identity::House;
use std::sync::Arc;

/// What the last act came to, by the word that it leaves in the query.
const DONE: [(&str, &str); 6] = [
    ("named", "Your name is changed."),
    ("password", "Your password is changed, and every other browser is signed out."),
    ("ended", "That browser is signed out."),
    ("others-ended", "Every other browser is signed out."),
    ("revoked", "The token is revoked and opens nothing any more."),
    ("welcome", "Welcome. Your account is ready."),
];

/// Somebody who is signed in.
pub(super) struct Guest {
    pub(super) desk: Desk,
    pub(super) caller: Caller,
    pub(super) who: Arc<Snapshot>,
    pub(super) uri: Uri,
}

/// Anybody; whatever credential they have is not looked at.
pub(super) struct Stranger {
    pub(super) desk: Desk,
    pub(super) caller: Caller,
}

impl FromRequestParts<Desk> for Guest {
    type Rejection = Trouble;

    async fn from_request_parts(parts: &mut Parts, desk: &Desk) -> Result<Self, Trouble> {
        let caller = Caller::known(desk, parts).await?;
        let who = caller.snapshot.clone().ok_or_else(Problem::sign_in_required)?;
        Ok(Self { desk: desk.clone(), caller, who, uri: parts.uri.clone() })
    }
}

impl FromRequestParts<Desk> for Stranger {
    type Rejection = Trouble;

    async fn from_request_parts(parts: &mut Parts, desk: &Desk) -> Result<Self, Trouble> {
        Ok(Self { desk: desk.clone(), caller: Caller::nobody(desk, parts)? })
    }
}

impl Guest {
    pub(super) fn house(&self) -> &House {
        &self.desk.house
    }

    pub(super) const fn actor(&self) -> &Actor {
        &self.caller.actor
    }

    /// What is around the page, with a word on what was just done.
    pub(super) fn frame(&self) -> Frame {
        let word = self.query().take("done").ok().flatten();
        let done = DONE.iter().find(|(known, _)| word.as_deref() == Some(known));
        let notice = done.map(|(_, text)| Notice { kind: NoticeKind::Good, text: (*text).to_owned() });
        Frame { notice, ..frame(&self.desk) }
    }

    pub(super) fn viewer(&self) -> Viewer {
        Viewer { name: self.who.name.to_string(), admin: self.is_admin() }
    }

    pub(super) fn is_admin(&self) -> bool {
        self.who.role == Role::Admin
    }

    pub(super) fn query(&self) -> Fields {
        Fields::of_query(&self.uri)
    }

    /// A moment as this page says it.
    pub(super) fn when(&self, time: Time) -> When {
        let now = self.desk.now();
        let text = if now < time { ahead(time.since(now)) } else { ago(now.since(time)) };
        When { text, exact: time.to_string() }
    }
}
