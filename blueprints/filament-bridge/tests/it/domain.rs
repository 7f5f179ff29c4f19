//! What the bridge is for: two inventories kept alike.

use crate::stage::Stage;
use serde_json::{Value, json};

pub(crate) fn fill(stage: &Stage) {
    let mut shelf = stage.fakes.shelf.lock().unwrap();
    shelf.filaments = vec![
        json!({ "_id": "f1", "name": "Galaxy Black", "type": "PLA", "spools": [{ "_id": "s1", "totalWeight": 750.0 }] }),
        json!({ "_id": "f2", "name": "Signal Red", "type": "PETG", "spools": [] }),
    ];
    shelf.spoolman_filaments = vec![json!({ "id": 7, "name": "galaxy black" })];
}

#[tokio::test]
async fn what_one_inventory_lacks_is_made_once_and_what_both_have_is_mapped() {
    let folder = tempfile::tempdir().unwrap();
    let (stage, cookie) = Stage::set_up(folder.path()).await;
    fill(&stage);
    let plan = stage.ask("POST", "/api/sync/dry-run", &cookie, Value::Null).await.json();
    assert_eq!(plan["map"], json!([["f1", 7, "Galaxy Black"]]));
    assert_eq!((&plan["make_filaments"], &plan["make_spools"]), (&json!(["f2"]), &json!([["f1", "s1"]])));
    assert_eq!(stage.fakes.shelf.lock().unwrap().spoolman_spools.len(), 0, "a dry run does nothing");

    let first = stage.ask("POST", "/api/sync/trigger", &cookie, Value::Null).await.json();
    assert_eq!(first, json!({ "mapped": 1, "filaments_made": 1, "spools_made": 1, "conflicts": 0 }));
    {
        let shelf = stage.fakes.shelf.lock().unwrap();
        assert_eq!((shelf.spoolman_filaments.len(), shelf.spoolman_spools.len()), (2, 1));
        assert!(shelf.keys.iter().all(|key| key == "Bearer the key of the database"));
    }
    let second = stage.ask("POST", "/api/sync/trigger", &cookie, Value::Null).await.json();
    assert_eq!((&second["filaments_made"], &second["spools_made"]), (&json!(0), &json!(0)));
    let mappings = stage.ask("GET", "/api/mappings", &cookie, Value::Null).await.json();
    assert_eq!(mappings["filament_mappings"].as_array().unwrap().len(), 2);
    let log = stage.ask("GET", "/api/sync-log", &cookie, Value::Null).await.json();
    assert_eq!(log.as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn what_they_disagree_on_waits_for_the_administrator() {
    let folder = tempfile::tempdir().unwrap();
    let (stage, cookie) = Stage::set_up(folder.path()).await;
    fill(&stage);
    stage.ask("POST", "/api/sync/trigger", &cookie, Value::Null).await;
    stage.fakes.shelf.lock().unwrap().spoolman_spools[0]["remaining_weight"] = json!(500.0);
    stage.ask("POST", "/api/sync/trigger", &cookie, Value::Null).await;
    let conflicts = stage.ask("GET", "/api/conflicts", &cookie, Value::Null).await.json();
    let kinds: Vec<_> = conflicts.as_array().unwrap().iter().map(|conflict| &conflict["kind"]).collect();
    assert_eq!(kinds, ["filament name", "spool weight"]);
    let settle =
        stage.ask("POST", "/api/conflicts/spool-weight/s1/resolve", &cookie, json!({ "use": "spoolman" }));
    assert_eq!(settle.await.status, 200);
    let settle = json!({ "use": "filamentdb" });
    let settled = stage.ask("POST", "/api/conflicts/filament-name/f1/resolve", &cookie, settle.clone()).await;
    assert_eq!(settled.status, 200, "{}", settled.text);
    let changes = stage.fakes.shelf.lock().unwrap().changes.clone();
    let expected = [
        ("spools/s1".to_owned(), json!({ "totalWeight": 500.0 })),
        ("filament/7".to_owned(), json!({ "name": "Galaxy Black" })),
    ];
    assert_eq!(changes, expected);
    let again = stage.ask("POST", "/api/conflicts/filament-name/f1/resolve", &cookie, settle).await;
    assert_eq!(again.status, 404);
}

#[tokio::test]
async fn whoever_asks_for_the_health_again_and_again_asks_nothing_of_the_inventories() {
    let folder = tempfile::tempdir().unwrap();
    let (stage, _) = Stage::set_up(folder.path()).await;
    let asked =
        futures_util::future::join_all((0..20).map(|_| stage.ask("GET", "/api/health", "", Value::Null)));
    let answers = asked.await;
    assert!(answers.iter().all(|answer| answer.json()["systems"]["spoolman"] == true));
    for _ in 0..5 {
        stage.ask("GET", "/api/health", "", Value::Null).await;
    }
    assert_eq!(stage.fakes.shelf.lock().unwrap().looks, 1);
}

#[tokio::test]
async fn the_inventories_make_backups_of_their_own_and_health_says_who_answers() {
    let folder = tempfile::tempdir().unwrap();
    let (stage, cookie) = Stage::set_up(folder.path()).await;
    for system in ["spoolman", "filamentdb"] {
        let made = stage.ask("POST", &format!("/api/backup/{system}"), &cookie, Value::Null).await;
        assert_eq!(made.status, 200, "{}", made.text);
    }
    let status = stage.ask("GET", "/api/backup/status", &cookie, Value::Null).await.json();
    assert!(status["spoolman"].is_string() && status["filamentdb"].is_string(), "{status}");
    let kept = stage.ask("GET", "/api/backup/filamentdb", &cookie, Value::Null).await;
    assert_eq!(kept.json(), json!({ "version": 1 }), "what Filament DB answered is kept");
    let health = stage.ask("GET", "/api/health", "", Value::Null).await.json();
    assert_eq!(health["systems"], json!({ "spoolman": true, "filamentdb": true }));
    assert_eq!(health["status"], "ok");
}
