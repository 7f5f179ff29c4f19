//! The pages, driven as a browser drives them, and the attacks that they must stand.

mod browser;
mod callback;
mod home;
mod house;
mod same_origin;
mod sessions;
mod setup;
mod sign_in;
mod tokens;
