//! Several places of one app: which is asked, which is asked instead, and which is left alone.

use crate::{
    house::{House, PATIENCE, read_until},
    stand::{EMPTY, Stand, lead, to_many},
};
use domain::{GateSettings, HealthCheck};
use std::sync::atomic::{AtomicU16, AtomicUsize, Ordering};
use tokio::{io::AsyncWriteExt as _, join, sync::watch, time::timeout};

/// Nobody listens there.
const NOBODY: &str = "http://127.0.0.1:1";
const NOBODY_EITHER: &str = "http://127.0.0.1:2";

const LAST: &str = "HTTP/1.0 200 OK\r\n\r\n";

fn stands<const N: usize>(house: &House) -> [Stand; N] {
    let stands = [(); N].map(|()| Stand::open());
    let urls: Vec<_> = stands.iter().map(Stand::url).collect();
    lead(house, &urls.iter().map(String::as_str).collect::<Vec<_>>(), GateSettings::default());
    stands
}

#[tokio::test]
async fn the_next_place_is_asked_when_nobody_is_at_one() {
    let (house, stand) = (House::open().await, Stand::open());
    lead(&house, &[NOBODY, &stand.url(), NOBODY_EITHER], GateSettings::default());
    let request = to_many("POST /", &["Content-Length: 5"]) + "hello";
    for _ in 0..4 {
        let app = async {
            let mut heard = stand.heard().await;
            read_until(&mut heard.stream, "hello").await;
            heard.says(LAST).await;
        };
        let (answer, ()) = join!(house.say(&request), app);
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }
}

#[tokio::test]
async fn an_app_that_is_at_none_of_its_places_is_a_bad_gateway_every_time() {
    let house = House::open().await;
    lead(&house, &[NOBODY, NOBODY_EITHER], GateSettings::default());
    for _ in 0..3 {
        let answer = house.say(&to_many("GET /", &[])).await;
        assert!(answer.starts_with("HTTP/1.1 502"), "{answer}");
    }
}

#[tokio::test]
async fn an_app_that_comes_back_is_asked_at_once_when_it_has_no_other_place() {
    let (house, stand) = (House::open().await, Stand::open());
    lead(&house, &[&stand.url()], GateSettings::default());
    let request = to_many("GET /", &[]);
    let (answer, ()) = join!(house.say(&request), stand.answers_and_closes(""));
    assert!(answer.starts_with("HTTP/1.1 502"), "{answer}");
    let (answer, _app) = join!(house.say(&request), stand.answers(EMPTY));
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

#[tokio::test]
async fn a_request_goes_where_the_fewest_are_under_way() {
    let house = House::open().await;
    let [one, two] = stands(&house);
    let mut waiting = house.connect().await;
    waiting.write_all(to_many("GET /slow", &[]).as_bytes()).await.unwrap();
    let _slow = one.heard().await;
    for _ in 0..3 {
        let request = to_many("GET /", &[]);
        let (answer, ()) = join!(house.say(&request), two.answers_and_closes(LAST));
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }
    assert!(!one.was_asked());
}

#[tokio::test]
async fn a_write_that_may_have_been_sent_goes_to_no_other_place() {
    let house = House::open().await;
    let [one, two] = stands(&house);
    let request = to_many("POST /", &[]);
    let (answer, ()) = join!(house.say(&request), one.answers_and_closes(""));
    assert!(answer.starts_with("HTTP/1.1 502"), "{answer}");
    let request = to_many("PUT /", &["Content-Length: 5"]) + "hello";
    // The first place rests now.
    let (answer, ()) = join!(house.say(&request), two.answers_and_closes(""));
    assert!(answer.starts_with("HTTP/1.1 502"), "{answer}");
    assert!(!one.was_asked() && !two.was_asked());
}

#[tokio::test]
async fn what_may_be_repeated_goes_to_one_other_place_when_a_connection_breaks() {
    for line in ["GET /", "DELETE /thing"] {
        let house = House::open().await;
        let [one, two, three] = stands(&house);
        let request = to_many(line, &[]);
        let (answer, (), _app) = join!(house.say(&request), one.answers_and_closes(""), two.answers(EMPTY));
        assert!(answer.starts_with("HTTP/1.1 200"), "{line}: {answer}");
        assert!(!three.was_asked(), "{line}");
    }
    let house = House::open().await;
    let [one, two, three] = stands(&house);
    let request = to_many("GET /", &[]);
    let (answer, (), ()) = join!(house.say(&request), one.answers_and_closes(""), two.answers_and_closes(""));
    assert!(answer.starts_with("HTTP/1.1 502"), "{answer}");
    assert!(!three.was_asked());
}

#[tokio::test]
async fn a_place_that_breaks_every_connection_is_left_alone_most_of_the_time() {
    let house = House::open().await;
    let [breaks, works] = stands(&house);
    let broken = AtomicUsize::new(0);
    let breaking = async {
        loop {
            drop(breaks.heard().await);
            broken.fetch_add(1, Ordering::SeqCst);
        }
    };
    let visitors = async {
        for _ in 0..40 {
            let request = to_many("GET /", &[]);
            let (answer, ()) = join!(house.say(&request), works.answers_and_closes(LAST));
            assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        }
    };
    tokio::select! {
        () = breaking => {}
        () = visitors => {}
    }
    // It rests for 1, 2, 4, 8 and 16 seconds; asked in turn, it would have been asked twenty times.
    assert!((1..10).contains(&broken.into_inner()));
}

#[tokio::test]
async fn an_answer_that_has_begun_is_not_asked_for_elsewhere() {
    let house = House::open().await;
    let [one, two] = stands(&house);
    let request = to_many("GET /", &[]);
    let (answer, ()) = join!(house.say(&request), one.answers_and_closes("HTTP/1.1 20"));
    assert!(answer.starts_with("HTTP/1.1 502"), "{answer}");
    assert!(!two.was_asked());
}

/// Answers checks with the status that it has just now, and requests with 200.
struct Patient {
    status: AtomicU16,
    checks: watch::Sender<usize>,
    requests: AtomicUsize,
}

impl Patient {
    fn new(status: u16) -> Self {
        Self { status: status.into(), checks: watch::Sender::default(), requests: AtomicUsize::default() }
    }

    /// Waits until a check has come and `before` checks were answered before it.
    async fn checked_after(&self, before: usize) {
        self.checks.subscribe().wait_for(|checks| *checks > before).await.unwrap();
    }

    async fn live(&self, stand: &Stand) {
        loop {
            let mut heard = stand.heard().await;
            let status = if heard.head.starts_with("GET /healthz HTTP/1.1\r\n") {
                assert!(heard.head.contains("host: many.localhost"), "{}", heard.head);
                self.checks.send_modify(|checks| *checks += 1);
                self.status.load(Ordering::SeqCst)
            } else {
                self.requests.fetch_add(1, Ordering::SeqCst);
                200
            };
            let close = "Connection: close\r\nLocation: /elsewhere\r\nContent-Length: 0";
            heard.says(&format!("HTTP/1.1 {status} Checked\r\n{close}\r\n\r\n")).await;
        }
    }

    /// Lives while `visitors` do what they do.
    async fn during(&self, stand: &Stand, visitors: impl Future<Output = ()>) {
        tokio::select! {
            () = self.live(stand) => {}
            () = visitors => {}
        }
    }
}

/// Asks until the place is asked by a request again; gives how many requests went by.
async fn until_asked(house: &House, patient: &Patient) {
    let before = patient.requests.load(Ordering::SeqCst);
    while patient.requests.load(Ordering::SeqCst) == before {
        assert!(house.say(&to_many("GET /", &[])).await.starts_with("HTTP/1.1 200"));
    }
}

#[tokio::test]
async fn a_place_that_checks_find_unwell_gets_no_requests_until_they_find_it_well() {
    let (house, one, two) = (House::open().await, Stand::open(), Stand::open());
    let (ill, other) = (Patient::new(500), Patient::new(302));
    let health = Some(HealthCheck { path: "/healthz".to_owned(), every_seconds: 1 });
    lead(&house, &[&one.url(), &two.url()], GateSettings { health, ..GateSettings::default() });
    let visitors = async {
        join!(ill.checked_after(2), other.checked_after(0));
        let before = ill.requests.load(Ordering::SeqCst);
        for _ in 0..6 {
            assert!(house.say(&to_many("GET /", &[])).await.starts_with("HTTP/1.1 200"));
        }
        assert_eq!(ill.requests.load(Ordering::SeqCst), before);
        ill.status.store(204, Ordering::SeqCst);
        until_asked(&house, &ill).await;
    };
    ill.during(&one, other.during(&two, visitors)).await;
}

#[tokio::test]
async fn checks_end_when_the_app_no_longer_wants_them() {
    let (house, one, two) = (House::open().await, Stand::open(), Stand::open());
    let (ill, other) = (Patient::new(500), Patient::new(200));
    let places = [one.url(), two.url()];
    let places = [&*places[0], &*places[1]];
    let health = Some(HealthCheck { path: "/healthz".to_owned(), every_seconds: 1 });
    lead(&house, &places, GateSettings { health, ..GateSettings::default() });
    let visitors = async {
        ill.checked_after(2).await;
        lead(&house, &places, GateSettings::default());
        until_asked(&house, &ill).await;
    };
    ill.during(&one, other.during(&two, visitors)).await;
    house.shutdown.cancel();
    house.tasks.close();
    timeout(PATIENCE, house.tasks.wait()).await.unwrap();
}

#[tokio::test]
async fn rule_25_an_address_that_no_app_may_have_is_not_dialled_and_the_next_place_is() {
    let (house, stand) = (House::open().await, Stand::open());
    let port = stand.url().rsplit(':').next().unwrap().to_owned();
    let (nowhere, own) = (format!("http://0.0.0.0:{port}"), format!("http://{}", house.address));
    lead(&house, &[&nowhere], GateSettings::default());
    assert!(house.say(&to_many("GET /", &[])).await.starts_with("HTTP/1.1 502"));
    assert!(!stand.was_asked());
    lead(&house, &[&own, &nowhere, &stand.url()], GateSettings::default());
    for _ in 0..3 {
        let request = to_many("GET /", &[]);
        let (answer, ()) = join!(house.say(&request), stand.answers_and_closes(LAST));
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }
}
