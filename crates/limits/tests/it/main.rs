//! Limits that several processes keep together, on a server of the tests' own.

mod server;
mod shared_sign_ins;
