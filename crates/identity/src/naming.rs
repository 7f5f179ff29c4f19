//! Things by what people call them: names where there are some, ids always.

use crate::Error;
use domain::{App, Email, Group, Handle, Id, Kind, User};
use store::{
    ReadTx,
    tables::{apps, groups, users},
};

/// The text as an id of its kind.
fn id<K: Kind>(text: &str) -> Option<Id<K>> {
    text.parse().ok()
}

/// An account by id, e-mail address or handle.
pub(crate) fn find_user(tx: &mut ReadTx<'_>, text: &str) -> Result<Option<User>, Error> {
    if let Some(id) = id(text) {
        return Ok(users::find(tx, id)?);
    }
    if let Ok(email) = text.parse::<Email>() {
        return Ok(users::find_by_email(tx, &email)?);
    }
    match text.parse::<Handle>() {
        Ok(handle) => Ok(users::find_by_handle(tx, &handle)?),
        Err(_) => Ok(None),
    }
}

/// A group by id or name.
pub(crate) fn find_group(tx: &mut ReadTx<'_>, text: &str) -> Result<Option<Group>, Error> {
    if let Some(id) = id(text) {
        return Ok(groups::find(tx, id)?);
    }
    match text.parse() {
        Ok(name) => Ok(groups::find_by_name(tx, &name)?),
        Err(_) => Ok(None),
    }
}

/// An app by id or name.
pub(crate) fn find_app(tx: &mut ReadTx<'_>, text: &str) -> Result<Option<App>, Error> {
    if let Some(id) = id(text) {
        return Ok(apps::find(tx, id)?);
    }
    match text.parse() {
        Ok(name) => Ok(apps::find_by_name(tx, &name)?),
        Err(_) => Ok(None),
    }
}

/// Every one of `texts`, by `find`; the first that names nothing is an error that says so.
pub(crate) fn find_each<T>(
    tx: &mut ReadTx<'_>,
    texts: &[String],
    what: &'static str,
    find: impl Fn(&mut ReadTx<'_>, &str) -> Result<Option<T>, Error>,
) -> Result<Vec<T>, Error> {
    let one = |text: &String| find(tx, text)?.ok_or_else(|| nothing_called(what, text));
    texts.iter().map(one).collect()
}

/// Nothing has this id or name.
pub(crate) fn nothing_called(what: &str, text: &str) -> Error {
    Error::Refused(format!("there is no {what} `{}`", shown(text)))
}

/// As much of a text as an error may show again.
fn shown(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(80).collect()
}
