//! Apps, their hosts, and who may open them.

use crate::{
    people::everyone,
    stage::{operator, pages, stages},
};
use domain::{App, AppAccess, Role};
use doorward_store::tables::{apps, handoffs, sessions};
use policy::actions::{DeleteApp, ListApps, UpdateApp};

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
            upstreams: vec!["builtin:sample".parse().unwrap()],
            gate: domain::GateSettings::default(),
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
