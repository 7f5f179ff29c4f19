//! The whole product, asked as programs ask it.

mod routes;
mod world;
