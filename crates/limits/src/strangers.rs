//! How often strangers may try a password that everybody could guess at, because nothing else is asked for.
//!
//! [`SignInLimits`](crate::SignInLimits) counts each network by itself, so that nobody locks out another; who has many
//! networks has as many free guesses. Here is counted what all of them come to.
//!
//! INVARIANT: no stretch of time admits more tries of strangers than fifty and one for each ten seconds, nor more of one
//! IPv6 /48 than fifteen and one for each minute, those not counted that were given back.

use crate::{Gcra, Key, Network, Quota, RetryAfter};
use domain::Time;
use std::time::Duration;

/// More than there can be with a count that has not lapsed.
const SITES: usize = 1_024;
const EVERYBODY: Key = Key([0; 16]);

/// What all strangers together have tried, counted by one process.
pub struct Strangers {
    everybody: Gcra,
    sites: Gcra,
}

impl Default for Strangers {
    fn default() -> Self {
        Self { everybody: Gcra::new(1), sites: Gcra::new(SITES) }
    }
}

impl Strangers {
    /// Counts a stranger's try, or refuses it uncounted.
    pub fn admit(&self, network: Network, now: Time) -> Result<(), RetryAfter> {
        // SECURITY: asked first, so that an attacker cannot fill the counters of the sites.
        self.everybody.take(EVERYBODY, of_everybody(), now)?;
        let Some(site) = network.site() else { return Ok(()) };
        let counted = self.sites.take(site.into(), of_a_site(), now);
        if counted.is_err() {
            self.everybody.give_back(EVERYBODY, of_everybody());
        }
        counted
    }

    /// Takes back a try that was no wrong guess.
    pub fn give_back(&self, network: Network) {
        self.everybody.give_back(EVERYBODY, of_everybody());
        if let Some(site) = network.site() {
            self.sites.give_back(site.into(), of_a_site());
        }
    }
}

fn of_everybody() -> Quota {
    Quota::new(50, Duration::from_secs(10))
}

fn of_a_site() -> Quota {
    Quota::new(15, Duration::from_mins(1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::{IpAddr, Ipv6Addr};

    const NOW: Time = Time::from_micros(1_000_000_000_000);

    fn network(site: u16, number: u16) -> Network {
        Network::of(IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, site, number, 0, 0, 0, 1)))
    }

    fn admitted(strangers: &Strangers, networks: impl Iterator<Item = Network>) -> usize {
        networks.filter(|network| strangers.admit(*network, NOW).is_ok()).count()
    }

    #[test]
    fn a_site_uses_up_its_own_share_and_no_more_of_everybody_s() {
        let strangers = Strangers::default();
        assert_eq!(admitted(&strangers, (0..9_000).map(|number| network(1, number))), 15);
        assert_eq!(admitted(&strangers, (0..9_000).map(|number| network(2, number))), 15);
        assert_eq!(admitted(&strangers, (3..9_000).map(|site| network(site, 0))), 20);
        assert_eq!(strangers.admit(network(1, 0), NOW), Err(RetryAfter(Duration::from_secs(10))));
    }

    #[test]
    fn addresses_of_the_old_kind_are_of_no_site() {
        let strangers = Strangers::default();
        let networks = (0..9_000_u32).map(|number| Network::of(IpAddr::V4(number.into())));
        assert_eq!(admitted(&strangers, networks), 50);
    }

    #[test]
    fn what_is_given_back_is_given_back_to_all_that_counted_it() {
        let strangers = Strangers::default();
        for _ in 0..200 {
            strangers.admit(network(1, 0), NOW).unwrap();
            strangers.give_back(network(1, 0));
        }
    }
}
