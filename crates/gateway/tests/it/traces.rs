//! The ids by which a request is followed from the client to the app: the gateway's own, and the trace's.

use crate::house::{House, signed_in};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

#[tokio::test]
async fn one_id_is_in_the_answer_at_the_app_and_in_the_record() {
    let house = House::open().await;
    for (line, status) in [("GET /", 200), ("GET /.doorward/me", 200), ("TRACE /", 405)] {
        let answer = house.say(&signed_in(line, &["X-Request-Id: chosen"])).await;
        let seen = house.witness.next().await;
        assert!(answer.contains(&format!("\r\nx-request-id: {}\r\n", seen.id)), "{line}: {answer}");
        assert_eq!(seen.status.unwrap(), status, "{line}");
        for at_app in house.app.seen() {
            assert_eq!(at_app.field("x-request-id"), seen.id.as_str());
        }
    }
}

#[tokio::test]
async fn an_app_cannot_give_a_request_another_id() {
    let house = House::open().await;
    let answer = house.ask("GET /names-request", &[]).await;
    let seen = house.witness.next().await;
    assert!(answer.contains(&format!("\r\nx-request-id: {}\r\n", seen.id)), "{answer}");
    assert!(!answer.contains("of-the-app"), "{answer}");
}

#[tokio::test]
async fn a_trace_goes_on_to_the_app_and_into_the_record() {
    let house = House::open().await;
    let parent = format!("00-{TRACE}-00f067aa0ba902b7-01");
    house.ask("GET /", &[&format!("Traceparent: {parent}"), "Tracestate: a=1", "Tracestate: b=2"]).await;
    let at_app = house.app.only();
    assert_eq!(at_app.field("traceparent"), parent);
    assert_eq!(at_app.headers.get_all("tracestate").iter().collect::<Vec<_>>(), ["a=1", "b=2"]);
    let words = house.witness.next().await.words.unwrap();
    assert_eq!(words.trace.as_deref(), Some(TRACE));
}

#[tokio::test]
async fn a_malformed_trace_reaches_neither() {
    let house = House::open().await;
    house.ask("GET /", &["Traceparent: 00-none-at-all", "Tracestate: a=1"]).await;
    let at_app = house.app.only();
    assert_eq!((at_app.field("traceparent"), at_app.field("tracestate")), ("", ""));
    assert_eq!(house.witness.next().await.words.unwrap().trace, None);
}
