//! A limit per network for one endpoint, such as tries of setup codes or exchanges of sign-in codes.

use crate::{Gcra, Network, Quota, RetryAfter};
use domain::Time;

const NETWORKS: usize = 16_384;

/// One endpoint's limit per network.
pub struct Throttle {
    quota: Quota,
    taken: Gcra,
}

impl Throttle {
    /// A limit of `quota` for each network.
    pub fn new(quota: Quota) -> Self {
        Self { quota, taken: Gcra::new(NETWORKS) }
    }

    /// Counts a try from `network`, or refuses it uncounted.
    pub fn admit(&self, network: Network, now: Time) -> Result<(), RetryAfter> {
        self.taken.take(network.into(), self.quota, now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{net::IpAddr, time::Duration};

    #[test]
    fn one_network_does_not_use_up_anothers_tries() {
        let throttle = Throttle::new(Quota::per_minute(2));
        let [greedy, other] = [1, 2].map(|last| Network::of(IpAddr::from([192, 0, 2, last])));
        let now = Time::from_micros(0);
        assert_eq!(
            [(); 3].map(|()| throttle.admit(greedy, now)),
            [Ok(()), Ok(()), Err(RetryAfter(Duration::from_secs(30)))]
        );
        assert_eq!(throttle.admit(other, now), Ok(()));
    }
}
