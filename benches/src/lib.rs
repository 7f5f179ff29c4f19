//! What the programs that the gateway is measured against have in common; `cargo xtask bench` starts them.
//!
//! They do the least that can be done on hyper, so that a figure beside theirs is the price of everything else.

mod server;

pub use server::serve;
