//! Whose a host is: one app's, and never the home host's place.

use crate::Error;
use domain::{App, AppName, HostName, Origin};
use store::{ReadTx, tables::apps};

/// That each host leads to this app alone, and none to where the home host is.
pub(super) fn free(tx: &mut ReadTx<'_>, app: &App, home: &Origin) -> Result<(), Error> {
    if app.hosts.is_empty() {
        return Err(Error::Refused("an app needs at least one host".to_owned()));
    }
    for (place, host) in app.hosts.iter().enumerate() {
        not_home(host, home)?;
        if app.hosts.iter().skip(place.saturating_add(1)).any(|other| other == host) {
            return Err(Error::Refused(format!("the host `{host}` is named twice")));
        }
        if apps::find_host(tx, host)?.is_some_and(|owner| owner != app.id) {
            return Err(Error::Conflict(format!("the host `{host}` leads to another app")));
        }
    }
    Ok(())
}

/// SECURITY: an app at the home host would be sent the passwords that are typed there.
fn not_home(host: &HostName, home: &Origin) -> Result<(), Error> {
    if !host.covers(home.host()) {
        return Ok(());
    }
    let home = home.host();
    Err(Error::Conflict(if host.is_wildcard() {
        format!("`{host}` would take in the home host `{home}`: name the app's hosts one by one")
    } else {
        format!("`{host}` is the home host")
    }))
}

/// The hosts in the order in which the store gives them back.
pub(super) fn in_order(mut hosts: Vec<HostName>) -> Vec<HostName> {
    hosts.sort_unstable();
    hosts
}

/// The hosts that are wanted, or the one that an app has by itself.
pub(super) fn or_default(wanted: &[HostName], name: &AppName, home: &Origin) -> Result<Vec<HostName>, Error> {
    if !wanted.is_empty() {
        return Ok(in_order(wanted.to_vec()));
    }
    if home.host() != "localhost" {
        return Err(Error::Refused(
            "name the app's host: a default exists only under `localhost`".to_owned(),
        ));
    }
    let host = format!("{name}.localhost").parse();
    host.map(|host| vec![host]).map_err(|error: domain::Refused| Error::Refused(error.to_string()))
}
