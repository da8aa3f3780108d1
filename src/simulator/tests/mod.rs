//! The simulator from outside: real sockets, a plain HTTP client, plain JSON.

mod api;
mod client;
mod faults;
mod repeatable;
