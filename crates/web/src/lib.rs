//! The faces that browsers and programs meet at the home host, and what of them an app's host shows: REST, pages,
//! the OpenAPI document. The only HTML.
//!
//! Handlers translate: they read a request, call one use case and make an answer of what it says. The route
//! tables are [`home`] for pages and [`operations`] for everything that programs call; [`embed`] is what apps mount of both.

pub mod app_host;
pub mod assets;
mod caller;
mod client;
mod cookies;
mod desk;
pub mod embed;
pub mod home;
mod metrics;
mod noted;
mod openapi;
pub mod operations;
mod pages;
mod problem;
mod rest;
mod same_origin;
mod shield;
pub mod views;

pub use caller::Caller;
pub use client::{Client, Door};
pub use desk::Desk;
pub use metrics::{Figures, is_for_loopback};
pub use noted::Noted;
pub use problem::Problem;
