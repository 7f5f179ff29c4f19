//! What people want of an app, with groups and users by name or id, and what it comes to in the transaction.

use super::Change;
use crate::{Error, naming};
use domain::{Allow, AppAccess, AppLimits, FieldChanges, GateSettings, HealthCheck, Origin, Role, Rule};
use std::collections::BTreeSet;
use store::ReadTx;

/// Who may open an app, as people write it: groups and users by name or id.
#[derive(Debug, Clone, Default)]
pub struct AccessWanted {
    /// Everyone who has an account.
    pub everyone: bool,
    /// Members of these groups.
    pub groups: Vec<String>,
    /// These people.
    pub users: Vec<String>,
    /// Whoever has one of these roles.
    pub roles: Vec<Role>,
}

/// A rule, as people write it.
#[derive(Debug, Clone)]
pub struct RuleWanted {
    /// Whole segments that the path begins with.
    pub path: String,
    /// The methods that it speaks of; none means all.
    pub methods: Vec<String>,
    /// Who may.
    pub allow: AllowWanted,
}

/// Who may use what a rule matches, as people write it.
#[derive(Debug, Clone)]
pub enum AllowWanted {
    /// Whoever comes, signed in or not.
    Anyone,
    /// Everyone who has an account.
    SignedIn,
    /// These alone.
    Only(AccessWanted),
}

/// What is to change of how the gateway treats an app's requests.
#[derive(Debug, Clone, Default)]
pub struct GateChange {
    /// Who may use some of its paths.
    pub rules: Change<Vec<RuleWanted>>,
    /// Origins whose pages may send it unsafe requests.
    pub origins: Change<Vec<Origin>>,
    /// What is changed of a request's fields.
    pub request_headers: Change<FieldChanges>,
    /// What is changed of an answer's fields.
    pub answer_headers: Change<FieldChanges>,
    /// How much of it visitors may take.
    pub limits: Change<AppLimits>,
    /// How its upstreams are asked whether they are well.
    pub health: Change<HealthCheck>,
    /// It is shut, and this is what visitors are told.
    pub maintenance: Change<String>,
    /// The most hours since a visitor last proved who they are.
    pub sign_in_hours: Change<u32>,
}

impl From<GateSettings> for GateChange {
    /// All settings, as they are here.
    fn from(gate: GateSettings) -> Self {
        let optional = |text: Option<String>| text.map_or(Change::Clear, Change::To);
        Self {
            rules: Change::To(gate.rules.into_iter().map(Into::into).collect()),
            origins: Change::To(gate.origins),
            request_headers: Change::To(gate.request_headers),
            answer_headers: Change::To(gate.answer_headers),
            limits: Change::To(gate.limits),
            health: gate.health.map_or(Change::Clear, Change::To),
            maintenance: optional(gate.maintenance),
            sign_in_hours: gate.sign_in_hours.map_or(Change::Clear, Change::To),
        }
    }
}

impl From<Rule> for RuleWanted {
    fn from(Rule { path, methods, allow }: Rule) -> Self {
        let allow = match allow {
            Allow::Anyone => AllowWanted::Anyone,
            Allow::SignedIn => AllowWanted::SignedIn,
            Allow::Only(access) => AllowWanted::Only(access.into()),
        };
        Self { path, methods, allow }
    }
}

impl From<AppAccess> for AccessWanted {
    fn from(access: AppAccess) -> Self {
        Self {
            everyone: access.everyone,
            groups: access.groups.iter().map(ToString::to_string).collect(),
            users: access.users.iter().map(ToString::to_string).collect(),
            roles: access.roles,
        }
    }
}

/// The settings after the change.
pub(super) fn gate(
    tx: &mut ReadTx<'_>,
    before: GateSettings,
    change: &GateChange,
) -> Result<GateSettings, Error> {
    let rules = match &change.rules {
        Change::Keep => before.rules,
        Change::Clear => Vec::new(),
        Change::To(wanted) => wanted.iter().map(|wanted| rule(tx, wanted)).collect::<Result<_, _>>()?,
    };
    Ok(GateSettings {
        rules,
        origins: change.origins.on(Some(before.origins)).unwrap_or_default(),
        request_headers: change.request_headers.on(Some(before.request_headers)).unwrap_or_default(),
        answer_headers: change.answer_headers.on(Some(before.answer_headers)).unwrap_or_default(),
        limits: change.limits.on(Some(before.limits)).unwrap_or_default(),
        health: change.health.on(before.health),
        maintenance: change.maintenance.on(before.maintenance),
        sign_in_hours: change.sign_in_hours.on(before.sign_in_hours),
    })
}

/// Who may open an app, by ids; each is named once.
pub(super) fn access(tx: &mut ReadTx<'_>, wanted: &AccessWanted) -> Result<AppAccess, Error> {
    let groups = naming::find_each(tx, &wanted.groups, "group", naming::find_group)?;
    let users = naming::find_each(tx, &wanted.users, "account", naming::find_user)?;
    Ok(AppAccess {
        everyone: wanted.everyone,
        groups: once(groups.into_iter().map(|group| group.id)),
        users: once(users.into_iter().map(|user| user.id)),
        roles: Role::ALL.into_iter().filter(|role| wanted.roles.contains(role)).collect(),
    })
}

fn rule(tx: &mut ReadTx<'_>, wanted: &RuleWanted) -> Result<Rule, Error> {
    let allow = match &wanted.allow {
        AllowWanted::Anyone => Allow::Anyone,
        AllowWanted::SignedIn => Allow::SignedIn,
        AllowWanted::Only(wanted) => Allow::Only(access(tx, wanted)?),
    };
    Ok(Rule { path: wanted.path.clone(), methods: wanted.methods.clone(), allow })
}

/// Each once, in the order in which the store gives them back.
fn once<T: Ord>(items: impl Iterator<Item = T>) -> Vec<T> {
    items.collect::<BTreeSet<_>>().into_iter().collect()
}
