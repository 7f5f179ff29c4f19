//! The use cases: set up, sign in, issue, revoke, administer.
