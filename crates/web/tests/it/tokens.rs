//! API tokens, from the form to their end, and the audit log of it.

use crate::house::{HOME, NOTES, TestHouse};
use http::Method;
use std::time::Duration;

const URL: &str = "http://localhost:8080/account/tokens";

fn secret(text: &str) -> String {
    let body = text.split("dwt_").nth(1).unwrap();
    format!("dwt_{}", body.split('<').next().unwrap())
}

#[tokio::test]
async fn a_token_is_shown_once_works_at_its_app_and_ends() {
    let house = TestHouse::open().await;
    let mut ada = house.ada(2).await;
    let app = house.route("notes.localhost").app.id.to_string();
    ada.get(&format!("{URL}/new")).await.shows(200, &app);
    let fields =
        [("name", "Phone"), ("expires_in_days", "30"), ("app", app.as_str()), ("permission", "token:list")];
    let made = ada.post(URL, &fields).await;
    made.shows(201, "in 30 days");
    made.shows(201, "curl -H &#39;Authorization: Bearer dwt_…&#39; http://notes.localhost:8080/");
    let secret = secret(&made.text);
    assert_eq!(secret.len(), 53);

    let list = ada.get(URL).await;
    list.shows(200, "Phone");
    list.shows(200, "token:list");
    assert!(!list.text.contains(&secret));
    let mut program = house.browser(3);
    let mut parts = crate::browser::request(Method::GET, &format!("{NOTES}/"));
    parts.headers.insert("authorization", format!("Bearer {secret}").parse().unwrap());
    program.send(parts.clone(), "").await.shows(200, "Ada at /");

    let id = list.text.split("/account/tokens/tok_").nth(1).unwrap().split('/').next().unwrap();
    let revoke = format!("{URL}/tok_{id}/revoke");
    ada.get(&revoke).await.shows(200, "Revoke Phone?");
    let done = ada.post(&revoke, &[]).await;
    ada.get(&format!("{HOME}{}", done.location())).await.shows(200, "revoked and opens nothing");
    let ended = house.desk.access.authenticate(&parts.headers, &house.route("notes.localhost")).await;
    assert_eq!(ended.unwrap_err(), access::CredentialError::InvalidToken);
    house.signed_in("alan@example.org", 4).await.get(&revoke).await.shows(404, "");
}

#[tokio::test]
async fn a_token_for_nothing_or_of_a_life_that_is_not_offered_is_not_made() {
    let house = TestHouse::open().await;
    let mut ada = house.ada(2).await;
    ada.post(URL, &[("name", "Phone"), ("expires_in_days", "")])
        .await
        .shows(422, "Choose at least one app or act.");
    let everything = ("everything", "yes");
    ada.post(URL, &[("name", ""), everything]).await.shows(422, "id=\"name-error\"");
    for days in ["0", "-1", "4000", "soon"] {
        let fields = [("name", "Phone"), ("expires_in_days", days), everything];
        ada.post(URL, &fields).await.shows(400, "That was not understood");
    }
    ada.post(URL, &[("name", "Phone"), ("permission", "door:break")]).await.shows(422, "no permission");
    ada.get(URL).await.shows(200, "No token yet");
}

#[tokio::test]
async fn rule_08_a_token_asks_for_a_recent_proof_and_nothing_typed_is_lost() {
    let house = TestHouse::open().await;
    let mut ada = house.ada(2).await;
    house.clock.advance(Duration::from_mins(31));
    let fields = [("name", "Phone & more"), ("expires_in_days", "7"), ("everything", "yes")];
    let asked = ada.post(URL, &fields).await;
    assert_eq!(asked.status, 303);
    let form = ada.get(&format!("{HOME}{}", asked.location())).await;
    form.shows(200, "Prove that it is you");
    let next = form.hidden("next");
    let confirm = format!("{HOME}/account/confirm");
    ada.post(&confirm, &[("password", "not it"), ("next", next.as_str())])
        .await
        .shows(403, "The current password is wrong.");
    let proved = ada.post(&confirm, &[("password", crate::house::PASSWORD), ("next", next.as_str())]).await;
    assert_eq!(proved.location(), next);
    ada.get(&format!("{HOME}{next}")).await.shows(200, "value=\"Phone &#38; more\"");
    ada.post(URL, &fields).await.shows(201, "dwt_");
}

#[tokio::test]
async fn the_audit_log_names_people_and_shows_what_changed() {
    let house = TestHouse::open().await;
    let mut ada = house.ada(2).await;
    ada.post(&format!("{HOME}/account/name"), &[("name", "Augusta")]).await;
    let url = format!("{HOME}/admin/audit");
    let list =
        ada.get(&format!("{url}?action=account:rename&outcome=done&from=2026-01-01&to=2026-01-01")).await;
    list.shows(200, "1 event found");
    list.shows(200, "<td data-label=\"Who\">Augusta</td>");
    let id = list.text.split("/admin/audit/evt_").nth(1).unwrap().split('"').next().unwrap();
    let event = ada.get(&format!("{url}/evt_{id}")).await;
    event.shows(200, "<td data-label=\"Before\"><code>Ada</code></td>");
    event.shows(200, "<td data-label=\"After\"><code>Augusta</code></td>");
    ada.get(&format!("{url}?to=2025-12-31")).await.shows(200, "No event is like that");
    ada.get(&format!("{url}?outcome=maybe")).await.shows(400, "That was not understood");
    ada.get(&format!("{url}/evt_nothing")).await.shows(404, "There is nothing here");
}
