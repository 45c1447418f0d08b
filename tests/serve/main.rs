//! `wirewalk serve`, over HTTP: what it answers, what it refuses, what it costs.
#![allow(clippy::disallowed_methods, reason = "what is tested here lives in real time")]

mod answers;
mod hostile;
mod load;
mod process;
mod refusals;
mod site;
