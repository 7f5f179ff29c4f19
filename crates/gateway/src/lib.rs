//! The proxy: one pipeline on hyper, which [`Gateway::handle`] runs for each request.
//!
//! It knows `access` and no database, and it writes no HTML: the paths of Doorward's own and the pages of a
//! [`Refusal`] are a [`Faces`]'s. What happens to a request stands in `pipeline.rs`, from top to bottom.

mod admission;
mod answer;
mod asked;
mod body;
mod changes;
mod client;
mod client_stream;
mod cross_site;
mod destination;
mod faces;
mod field;
mod forward;
mod forward_auth;
mod framing;
#[doc(hidden)]
pub mod fuzzing;
mod host;
mod limits;
mod outgoing;
mod own_path;
mod patience;
mod pipeline;
mod quota;
mod refusal;
mod request_id;
mod seen;
mod server;
mod streams;
mod trace;
mod tunnel;
mod upstream;
mod workers;

pub use asked::Asked;
pub use body::{Body, BodyError};
pub use client::{Client, Network, Peer, TrustedProxies, UnreadableNetwork};
pub use faces::Faces;
pub use forward_auth::asks_forward_auth;
pub use host::named as named_host;
pub use limits::Limits;
pub use pipeline::{Gateway, Place};
pub use refusal::Refusal;
pub use request_id::{REQUEST_ID, RequestId, RequestIds};
pub use seen::{Open, Outcome, Seen, Watch, Witness, Words};
pub use server::{Front, Server, Tls, TlsError, TlsFiles};
pub use upstream::{Outbound, OutboundError};
pub use workers::Workers;
