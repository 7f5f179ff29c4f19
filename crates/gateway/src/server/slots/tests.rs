use super::*;

fn slots(network_connections: usize) -> Arc<Slots> {
    let limits = Limits { connections: 8, network_connections, ..Limits::default() };
    Slots::new(limits, TrustedProxies::new(vec!["192.0.2.9".parse().unwrap()]))
}

async fn admit(slots: &Arc<Slots>, client: &str) -> Option<Slot> {
    let free = slots.wait().await.unwrap();
    slots.admit(free, client.parse().unwrap())
}

#[tokio::test]
async fn rule_22_one_network_has_its_share_and_no_more() {
    let slots = slots(2);
    let held = [admit(&slots, "192.0.2.1").await, admit(&slots, "::ffff:192.0.2.1").await];
    assert!(held.iter().all(Option::is_some));
    assert!(admit(&slots, "192.0.2.1").await.is_none());
    assert!(admit(&slots, "192.0.2.2").await.is_some(), "a neighbour has a share of its own");
    drop(held);
    assert!(admit(&slots, "192.0.2.1").await.is_some(), "what was given back can be had again");
}

#[tokio::test]
async fn rule_22_ipv6_counts_by_64() {
    let slots = slots(1);
    let _held = admit(&slots, "2001:db8::1").await.unwrap();
    assert!(admit(&slots, "2001:db8::ffff:1").await.is_none());
    assert!(admit(&slots, "2001:db8:0:1::1").await.is_some());
}

#[tokio::test]
async fn a_trusted_proxy_speaks_for_many() {
    let slots = slots(1);
    let held = [admit(&slots, "192.0.2.9").await, admit(&slots, "192.0.2.9").await];
    assert!(held.iter().all(Option::is_some));
}

#[tokio::test]
async fn a_network_without_connections_is_forgotten() {
    let slots = slots(2);
    let one = admit(&slots, "192.0.2.1").await.unwrap();
    let two = one.another().await.unwrap();
    drop(one);
    assert_eq!(slots.lock().len(), 1);
    drop(two);
    assert!(slots.lock().is_empty());
    assert_eq!(slots.all.available_permits(), 8);
}

#[tokio::test]
async fn another_slot_is_waited_for() {
    let slots = slots(1);
    let one = admit(&slots, "192.0.2.1").await.unwrap();
    let mut another = std::pin::pin!(one.another());
    assert!(futures_util::poll!(another.as_mut()).is_pending());
    let neighbour = admit(&slots, "192.0.2.2").await.unwrap();
    let other = std::pin::pin!(neighbour.another());
    assert!(futures_util::poll!(other).is_pending());
}
