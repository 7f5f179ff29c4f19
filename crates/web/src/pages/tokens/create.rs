//! `/account/tokens/new`: what a token shall open and do, and the one page that ever shows its secret.

use super::{
    super::{LocalPath, Trouble, fields::Fields, guest::Guest, sentence},
    shown,
};
use crate::{
    Problem,
    views::{AppChoice, PermissionChoice, PermissionGroup, TokenMade, TokenNew, Typed, respond},
};
use access::AppRoute;
use axum::response::Response;
use domain::{ApiToken, Refused, TokenName};
use http::StatusCode;
use identity::{
    Error,
    tokens::{self, NewToken},
};
use policy::{Known, Reach};
use vault::TokenSecret;

/// The life that is chosen when nobody chose.
const USUAL_DAYS: &str = "90";
const MOST_DAYS: u32 = 3_650;
const MOST_EXAMPLES: usize = 2;
const ALL: &str = "*";

/// What the form says.
struct Wish {
    name: String,
    days: String,
    apps: Vec<String>,
    permissions: Vec<String>,
    everything: bool,
}

/// What is wrong with a wish.
#[derive(Default)]
struct Wrong {
    name: Option<String>,
    scope: Option<String>,
}

/// The form, filled with what the query says: what was typed before a fresh proof was asked for.
pub(in super::super) async fn show_new(guest: Guest) -> Result<Response, Trouble> {
    let wish = Wish::read(&mut guest.query())?;
    Ok(respond(StatusCode::OK, &form(&guest, &wish, Wrong::default())))
}

pub(in super::super) async fn create(guest: Guest, mut fields: Fields) -> Result<Response, Trouble> {
    let wish = Wish::read(&mut fields)?;
    fields.end()?;
    let new = match wish.new_token()? {
        Ok(new) => new,
        Err(wrong) => return Ok(again(&guest, &wish, wrong)),
    };
    match tokens::create(guest.house(), guest.actor(), new).await {
        Ok(made) => Ok(respond(StatusCode::CREATED, &made_page(&guest, &wish, made))),
        Err(Error::Refused(why)) => Ok(again(&guest, &wish, Wrong::in_scope(sentence(&why)))),
        Err(Error::ScopeRequired) => {
            Ok(again(&guest, &wish, Wrong::in_scope("Choose at least one app or act.".to_owned())))
        }
        Err(error) => {
            Err(Trouble::from(error).back_to(LocalPath::read(&guest.desk.at(wish.path().as_str()))))
        }
    }
}

fn again(guest: &Guest, wish: &Wish, wrong: Wrong) -> Response {
    respond(StatusCode::UNPROCESSABLE_ENTITY, &form(guest, wish, wrong))
}

impl Wrong {
    fn in_name(refused: &Refused) -> Self {
        Self { name: Some(sentence(&refused.to_string())), scope: None }
    }

    const fn in_scope(sentence: String) -> Self {
        Self { name: None, scope: Some(sentence) }
    }
}

impl Wish {
    fn read(fields: &mut Fields) -> Result<Self, Problem> {
        Ok(Self {
            name: fields.take("name")?.unwrap_or_default(),
            days: fields.take("expires_in_days")?.unwrap_or_else(|| USUAL_DAYS.to_owned()),
            apps: fields.all("app"),
            permissions: fields.all("permission"),
            everything: fields.take("everything")?.is_some(),
        })
    }

    /// The form's own path, filled with the wish.
    fn path(&self) -> LocalPath {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("name", &self.name).append_pair("expires_in_days", &self.days);
        query.extend_pairs(self.apps.iter().map(|app| ("app", app)));
        query.extend_pairs(self.permissions.iter().map(|name| ("permission", name)));
        if self.everything {
            query.append_pair("everything", "yes");
        }
        let path = LocalPath::read(&format!("/account/tokens/new?{}", query.finish()));
        if path.as_str() == "/" { LocalPath::read("/account/tokens/new") } else { path }
    }

    /// What is to be made, or what is wrong with the wish. A life that the form does not offer is no wish at all.
    fn new_token(&self) -> Result<Result<NewToken, Wrong>, Problem> {
        let expires_in_days = match self.days.as_str() {
            "" => None,
            days => {
                Some(days.parse().ok().filter(|days| (1..=MOST_DAYS).contains(days)).ok_or_else(bad_life)?)
            }
        };
        let name = self.name.parse::<TokenName>();
        let (apps, permissions) = if self.everything {
            (vec![ALL.to_owned()], vec![ALL.to_owned()])
        } else {
            (self.apps.clone(), self.permissions.clone())
        };
        let wish = |name| NewToken { owner: None, name, expires_in_days, apps, permissions };
        Ok(name.map(wish).map_err(|refused| Wrong::in_name(&refused)))
    }
}

fn bad_life() -> Problem {
    Problem::invalid("`expires_in_days` is 1 to 3650, or empty for never")
}

fn form(guest: &Guest, wish: &Wish, wrong: Wrong) -> TokenNew {
    let apps = guest.desk.access.open_routes(&guest.who);
    let app = |route: &AppRoute| {
        let id = route.app.id.to_string();
        let chosen = wish.apps.contains(&id);
        AppChoice { id, name: route.app.name.to_string(), host: route.origin.host().to_owned(), chosen }
    };
    TokenNew {
        frame: guest.frame(),
        viewer: guest.viewer(),
        name: Typed { value: wish.name.clone(), error: wrong.name },
        expires_in_days: wish.days.clone(),
        apps: apps.iter().map(|route| app(route)).collect(),
        permissions: permissions(
            guest.desk.house.door().policy().known(),
            (guest.is_admin(), &wish.permissions),
        ),
        everything: wish.everything,
        scope_error: wrong.scope,
    }
}

/// What the owner's role lets them do, a group for each kind of thing.
fn permissions(known: &[Known], (is_admin, chosen): (bool, &[String])) -> Vec<PermissionGroup> {
    let reaches = |reach: &Reach| *reach == Reach::Own || (is_admin && *reach == Reach::Administer);
    let mut groups: Vec<PermissionGroup> = Vec::new();
    for Known { name, .. } in known.iter().filter(|known| known.reach.iter().any(reaches)) {
        let Some((kind, act)) = name.split_once(':') else { continue };
        let (title, words) = (words(kind), words(act));
        let choice =
            PermissionChoice { name: (*name).to_owned(), words, chosen: chosen.iter().any(|c| c == name) };
        match groups.last_mut() {
            Some(group) if group.title == title => group.choices.push(choice),
            _ => groups.push(PermissionGroup { title, choices: vec![choice] }),
        }
    }
    groups
}

/// The parts of a permission's name as words: `end_others` is `End others`.
fn words(name: &str) -> String {
    sentence(&name.replace('_', " ")).trim_end_matches('.').to_owned()
}

fn made_page(guest: &Guest, wish: &Wish, (token, secret): (ApiToken, TokenSecret)) -> TokenMade {
    TokenMade {
        frame: guest.frame(),
        viewer: guest.viewer(),
        name: token.name.to_string(),
        secret: secret.reveal().clone(),
        prefix: shown(&token),
        expires: token.expires_at.map(|at| guest.when(at)),
        examples: examples(guest, wish),
    }
}

/// Commands that use the token, with a place for its secret: a whole one would stay in the shell's history.
fn examples(guest: &Guest, wish: &Wish) -> Vec<String> {
    let open = guest.desk.access.open_routes(&guest.who);
    let chosen = |route: &AppRoute| wish.everything || wish.apps.contains(&route.app.id.to_string());
    let places = open.iter().filter(|route| chosen(route) && !route.is_wildcard()).take(MOST_EXAMPLES);
    let apps = places.map(|route| format!("{}{}", route.origin, guest.desk.access.entry(&guest.who, route)));
    let own =
        (wish.everything || !wish.permissions.is_empty()).then(|| format!("{}/api/v1/me", guest.desk.home()));
    apps.chain(own).map(|url| format!("curl -H 'Authorization: Bearer dwt_…' {url}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use policy::actions::KNOWN;

    #[test]
    fn a_member_is_offered_nothing_that_only_administrators_may() {
        let names = |is_admin| {
            let groups = permissions(KNOWN, (is_admin, &[]));
            groups.into_iter().flat_map(|group| group.choices).map(|choice| choice.name).collect::<Vec<_>>()
        };
        assert!(names(false).contains(&"token:revoke".to_owned()));
        assert!(!names(false).contains(&"user:create".to_owned()));
        assert!(names(true).contains(&"user:create".to_owned()));
        assert!(!names(true).iter().any(|name| name == "signing_key:create" || name == "setup:complete"));
    }

    #[test]
    fn the_form_s_path_carries_what_was_typed() {
        let typed = "name=Backup+%26+more&expires_in_days=7&app=app_1&app=app_2&permission=token%3Alist";
        let wish = Wish::read(&mut Fields::read(typed.as_bytes())).unwrap();
        assert_eq!(wish.path().as_str(), format!("/account/tokens/new?{typed}"));
    }
}
