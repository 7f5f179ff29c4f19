//! The gateway on loopback, before an app that writes down what it gets.

mod app;
mod bodies;
mod refusals;
mod door;
mod house;
mod identity;
mod limits;
mod web_sockets;
