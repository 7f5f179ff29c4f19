//! `/`: the apps that one may open.

use super::{Trouble, guest::Guest, tokens};
use crate::views::{AppTile, MyApps, TokensNote, respond};
use access::AppRoute;
use axum::response::Response;
use domain::{ApiToken, TokenState};
use http::StatusCode;

pub(super) async fn show(guest: Guest) -> Result<Response, Trouble> {
    let q = guest.query().take("q")?.unwrap_or_default();
    let wanted = q.to_lowercase();
    let fits = |route: &AppRoute| {
        let found = |text: &str| text.to_lowercase().contains(&wanted);
        // A wildcard is no place to go to.
        !route.is_wildcard() && (found(route.app.name.as_str()) || found(route.origin.host()))
    };
    let open = guest.desk.access.open_routes(&guest.who);
    let page = MyApps {
        frame: guest.frame(),
        viewer: guest.viewer(),
        apps: open.iter().filter(|route| fits(route)).map(|route| tile(&guest, route)).collect(),
        q,
        signed_in: guest.when(guest.who.signed_in_at.unwrap_or(guest.desk.now())),
        tokens_note: note(&guest, &tokens::own(&guest).await?),
    };
    Ok(respond(StatusCode::OK, &page))
}

fn tile(guest: &Guest, route: &AppRoute) -> AppTile {
    AppTile {
        name: route.app.name.to_string(),
        url: format!("{}{}", route.origin, guest.desk.access.entry(&guest.who, route)),
        host: route.origin.host().to_owned(),
    }
}

/// What else signs in as them: nothing worth a note while no token is used.
fn note(guest: &Guest, tokens: &[ApiToken]) -> Option<TokensNote> {
    let now = guest.desk.now();
    let live = || tokens.iter().filter(|token| token.state(now) == TokenState::Live);
    let (last, used) =
        live().filter_map(|token| Some((token, token.used_at?))).max_by_key(|(_, used)| *used)?;
    Some(TokensNote { count: live().count(), name: last.name.to_string(), used: guest.when(used) })
}
