//! What the fuzz bodies ask beyond this crate's seam: the pipeline's steps, each alone. No product code calls it.

use crate::{
    Asked, Client, Open, RequestId, Seen, Watch, Witness, body, framing, host, outgoing,
    own_path::{self, Owner},
};
use domain::FixedEntropy;
use http::{HeaderMap, Request, Uri, Version, request::Parts};
use std::{
    net::{IpAddr, Ipv4Addr},
    sync::Arc,
};

/// The host that a request names, if it can be read.
pub fn host(target: &Uri, headers: &HeaderMap) -> Option<String> {
    host::named(Version::HTTP_11, target, headers).ok().map(std::borrow::Cow::into_owned)
}

/// Whether a path is the app's.
pub fn is_of_app(path: &str) -> bool {
    own_path::owner(path) == Owner::App
}

/// Whether a head asks for a WebSocket.
pub fn is_web_socket(head: &Parts) -> bool {
    asked(head).is_web_socket()
}

/// What the app would get of a head, before the gateway adds its own word; nothing when it is refused.
pub fn sent_on(head: Parts) -> Option<Parts> {
    let asked = asked(&head);
    asked.check_method().ok()?;
    framing::check(&head).ok()?;
    host(&head.uri, &head.headers)?;
    let (mut sent, ()) = Request::new(()).into_parts();
    sent.method = head.method;
    sent.uri = outgoing::path_of(&head.uri);
    outgoing::add_end_to_end(&mut sent.headers, &head.headers);
    Some(sent)
}

/// What the app would get of the trailers behind the body of `head`; nothing when the body is refused for them.
pub fn trailers(trailers: HeaderMap, head: &Parts) -> Option<HeaderMap> {
    body::trailers_of(trailers, framing::may_have_trailers(head))
}

fn asked(head: &Parts) -> Asked {
    let client = Client { address: IpAddr::V4(Ipv4Addr::LOCALHOST), scheme: None };
    let id = RequestId::new(&FixedEntropy::new(1));
    let watch = Watch::begin(&(Arc::new(Blind) as Arc<dyn Witness>), &id, client.address, head);
    Asked { head: head.clone(), client, id, has_body: false, route: None, snapshot: None, watch }
}

/// Nobody looks on.
struct Blind;

impl Witness for Blind {
    fn keeps_words(&self) -> bool {
        false
    }

    fn saw(&self, _: Seen) {}

    fn opened(&self, _: Open) {}

    fn closed(&self, _: Open) {}
}
