//! Tries of the one password, counted.
//!
//! SECURITY: there is no name to guess, so guesses from all networks are guesses at the same. Each network has its count,
//! each IPv6 /48 as well, and all strangers together have one. Browsers that signed in before are in none of these but
//! in one of their own, and so is the local operator: strangers do not lock them out.

use super::VALUE;
use crate::House;
use limits::{Admitted, Attempt, Network, RetryAfter};
use vault::Purpose;

pub(super) fn attempt(house: &House, network: Network, known_device: bool) -> Attempt {
    let mut counted = VALUE.as_bytes().to_vec();
    if !known_device {
        counted.extend_from_slice(&network.bytes());
    }
    let identifier = house.digest(Purpose::SignInName, &counted).bytes;
    Attempt { identifier, network, known_device }
}

/// Counts the try, or refuses it uncounted.
pub(super) async fn admit(house: &House, attempt: &Attempt) -> Result<Admitted, RetryAfter> {
    let now = house.now();
    if !attempt.known_device {
        house.strangers.admit(attempt.network, now)?;
    }
    let admitted = house.sign_ins.admit(attempt, now).await;
    if admitted.is_err() {
        give_back(house, attempt);
    }
    admitted
}

/// The password was wrong.
pub(super) async fn failed(house: &House, admitted: Admitted, attempt: &Attempt) {
    house.sign_ins.failed(admitted, attempt, house.now()).await;
}

/// The password was right.
pub(super) async fn succeeded(house: &House, admitted: Admitted, attempt: &Attempt) {
    house.sign_ins.succeeded(admitted, attempt).await;
    give_back(house, attempt);
}

/// The password was not looked at.
pub(super) async fn untried(house: &House, admitted: Admitted, attempt: &Attempt) {
    house.sign_ins.untried(admitted, attempt).await;
    give_back(house, attempt);
}

fn give_back(house: &House, attempt: &Attempt) {
    if !attempt.known_device {
        house.strangers.give_back(attempt.network);
    }
}
