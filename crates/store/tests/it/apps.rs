//! Apps, their hosts, and who may open them.

use crate::{
    people::everyone,
    stage::{operator, pages, stages},
};
use domain::{
    Allow, App, AppAccess, AppLimits, FieldChanges, GateSettings, HealthCheck, Role, Rule, Session,
    SessionState,
};
use doorward_store::tables::{apps, handoffs, sessions};
use policy::actions::{DeleteApp, ListApps, UpdateApp};
use std::time::Duration;

/// Settings with something in every place.
fn every_setting(access: AppAccess) -> GateSettings {
    let rule = |path: &str, methods: &[&str], allow| Rule {
        path: path.to_owned(),
        methods: methods.iter().map(|&method| method.to_owned()).collect(),
        allow,
    };
    GateSettings {
        rules: vec![
            rule("/share", &["GET", "PROPFIND"], Allow::Anyone),
            rule("/in", &[], Allow::SignedIn),
            rule("/kin", &[], Allow::Only(access)),
            rule("/nobody", &[], Allow::Only(AppAccess::default())),
        ],
        origins: vec!["https://board.example.org".parse().unwrap()],
        request_headers: FieldChanges {
            set: vec![("authorization".to_owned(), "Basic \"quoted\", a".to_owned())],
            remove: vec!["x-debug".to_owned()],
        },
        answer_headers: FieldChanges { remove: vec!["server".to_owned()], ..FieldChanges::default() },
        limits: AppLimits { body_bytes: Some(AppLimits::MOST_BODY_BYTES), ..AppLimits::default() },
        health: Some(HealthCheck { path: "/healthz".to_owned(), every_seconds: 5 }),
        maintenance: Some("Back at noon: \u{1f600}".to_owned()),
        sign_in_hours: Some(8),
    }
}

#[tokio::test]
async fn an_app_is_found_by_everything_that_names_it() {
    for stage in stages() {
        let ada = stage.account("ada", Role::Member).await;
        let family = stage.group("family").await;
        let access = AppAccess {
            everyone: false,
            groups: vec![family.id],
            users: vec![ada.id],
            roles: vec![domain::Role::Admin],
        };
        let notes = stage.app("notes", access).await;
        let wiki = stage.app("wiki", everyone()).await;
        let (id, name) = (notes.id, notes.name.clone());
        let found = stage.see(move |tx| Ok([apps::find(tx, id)?, apps::find_by_name(tx, &name)?]));
        assert_eq!(found.await, [Some(notes.clone()), Some(notes.clone())], "{}", stage.engine);
        let host = notes.hosts.first().unwrap().clone();
        assert_eq!(stage.see(move |tx| apps::find_host(tx, &host)).await, Some(notes.id), "{}", stage.engine);
        assert_eq!(stage.see(apps::all).await, [notes, wiki], "{}", stage.engine);
    }
}

#[tokio::test]
async fn apps_are_listed_page_by_page_in_the_order_they_were_made() {
    for stage in stages() {
        let mut made = Vec::new();
        for name in ["zoo", "wiki", "notes", "mail", "dav"] {
            made.push(stage.app(name, everyone()).await);
        }
        let pages = pages(async |after| {
            let page =
                stage.list::<ListApps, _>(operator(), move |tx, visible| apps::list(tx, visible, after, 2));
            page.await.unwrap()
        });
        assert_eq!(pages.await, made.chunks(2).map(<[App]>::to_vec).collect::<Vec<_>>(), "{}", stage.engine);
    }
}

#[tokio::test]
async fn an_update_replaces_hosts_and_access_and_takes_the_id_from_the_permit() {
    for stage in stages() {
        let family = stage.group("family").await;
        let notes = stage.app("notes", everyone()).await;
        let wiki = stage.app("wiki", everyone()).await;
        let wanted = App {
            name: "journal".parse().unwrap(),
            hosts: vec!["a.localhost".parse().unwrap(), "b.localhost".parse().unwrap()],
            upstreams: ["http://127.0.0.1:3000", "http://[::1]:3001"]
                .map(|text| text.parse().unwrap())
                .into(),
            gate: every_setting(AppAccess {
                groups: vec![family.id],
                roles: vec![Role::Admin],
                ..everyone()
            }),
            access: AppAccess { groups: vec![family.id], ..AppAccess::default() },
            basic: true,
            ..notes.clone()
        };
        // SECURITY: an input that names another row changes the permit's row all the same.
        let misled = App { id: wiki.id, ..wanted.clone() };
        let updated = stage.deed::<UpdateApp, _>(operator(), notes.clone(), move |work, permit| {
            apps::update(work, permit, &misled)
        });
        updated.await.unwrap();
        let found = stage.see(move |tx| Ok([apps::find(tx, notes.id)?, apps::find(tx, wiki.id)?])).await;
        assert_eq!(found, [Some(wanted), Some(wiki)], "{}", stage.engine);
    }
}

#[tokio::test]
async fn rule_08_a_shorter_life_ends_an_app_s_sessions_by_the_age_of_the_proof() {
    let hour = Duration::from_hours(1);
    for stage in stages() {
        let ada = stage.account("ada", Role::Member).await;
        let home = stage.sign_in(&ada).await;
        let (notes, wiki) = (stage.app("notes", everyone()).await, stage.app("wiki", everyone()).await);
        stage.clock.advance(hour);
        let (at_notes, at_wiki) = (stage.open(&home, &notes).await, stage.open(&home, &wiki).await);
        for hours in [2, 3] {
            let shortened = stage.deed::<UpdateApp, _>(operator(), notes.clone(), move |work, permit| {
                sessions::shorten(work, permit, hour * hours)
            });
            shortened.await.unwrap();
        }
        let ids = [home.session.id, at_notes.session.id, at_wiki.session.id];
        let left = stage
            .see(move |tx| ids.map(|id| sessions::find(tx, id)).into_iter().collect::<Result<Vec<_>, _>>());
        let end = home.session.created_at.plus(hour * 2);
        let shorter = Session {
            state: SessionState::Live { expires_at: end, ends_at: end },
            ..at_notes.session.clone()
        };
        let wanted = [home.session, shorter, at_wiki.session].map(Some);
        assert_eq!(left.await, wanted, "{}", stage.engine);
    }
}

#[tokio::test]
async fn a_host_leads_to_one_app() {
    for stage in stages() {
        let notes = stage.app("notes", everyone()).await;
        let wiki = stage.app("wiki", everyone()).await;
        let both = App { hosts: notes.hosts.clone(), ..wiki.clone() };
        let updated = stage.deed::<UpdateApp, _>(operator(), wiki.clone(), move |work, permit| {
            apps::update(work, permit, &both)
        });
        updated.await.unwrap_err();
        assert_eq!(stage.see(apps::all).await, [notes, wiki], "{}", stage.engine);
    }
}

#[tokio::test]
async fn deleting_an_app_ends_its_sessions_and_voids_its_codes() {
    for stage in stages() {
        let ada = stage.account("ada", Role::Member).await;
        let home = stage.sign_in(&ada).await;
        let (notes, wiki) = (stage.app("notes", everyone()).await, stage.app("wiki", everyone()).await);
        let at_notes = stage.open(&home, &notes).await;
        let at_wiki = stage.open(&home, &wiki).await;
        let code = stage.handoff_code(&home, &notes).await;
        let deleted =
            stage.deed::<DeleteApp, _>(operator(), notes.clone(), |work, permit| apps::delete(work, permit));
        deleted.await.unwrap();
        let ids = [home.session.id, at_notes.session.id, at_wiki.session.id];
        let left = stage.see(move |tx| {
            let [home, at_notes, at_wiki] = ids;
            Ok([sessions::find(tx, home)?, sessions::find(tx, at_notes)?, sessions::find(tx, at_wiki)?])
        });
        assert_eq!(left.await, [Some(home.session), None, Some(at_wiki.session)], "{}", stage.engine);
        let handoff = stage.see(move |tx| handoffs::find(tx, &[code], &[1; 32])).await;
        assert!(handoff.is_none(), "{}", stage.engine);
        assert_eq!(stage.see(apps::all).await, [wiki], "{}", stage.engine);
    }
}
