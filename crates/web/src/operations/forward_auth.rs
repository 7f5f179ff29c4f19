//! Forward auth, as the document shows it. Who answers it is the gateway, before a request gets here.

use super::shape::Reply;
use crate::{Caller, Desk, Problem};
use http::StatusCode;
use schemars::JsonSchema;
use serde::Deserialize;
use std::future::{Ready, ready};

/// How the proxy is to be answered.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Question {
    /// `no` for a proxy that knows no redirect: 401, with a `Location` where its client is to sign in.
    #[serde(default)]
    #[expect(dead_code, reason = "the gateway reads it; here it stands for the document")]
    redirect: Option<Redirect>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Redirect {
    No,
}

/// What comes here did not come through a listener, so no proxy asks.
pub(super) fn check(_: &Desk, _: &Caller, _: Question) -> Ready<Result<Reply<()>, Problem>> {
    let detail = "forward auth is for trusted proxies, over the network";
    ready(Err(Problem::new(StatusCode::FORBIDDEN, "untrusted_proxy", detail)))
}
