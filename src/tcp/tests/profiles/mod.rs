//! Where the two profiles part, and where they do not although one might think so: each test runs in both. The rows of
//! `docs/deviations.md` name them.

mod arrival;
mod closing;
mod neither;
mod network;
mod opening;
mod sending;
mod timers;

use super::bench::Bench;
use crate::tcp::{Profile, State};

/// The profiles with some settings changed: `rfc9293`, `linux`.
fn profiles(settings: &[(&str, i64)]) -> [Profile; 2] {
    [Profile::rfc9293(), Profile::linux()].map(|mut profile| {
        for (name, value) in settings {
            profile.set(name, *value).unwrap();
        }
        profile
    })
}

/// An endpoint of each profile in that state.
fn both(state: State) -> [Bench; 2] {
    profiles(&[]).map(|profile| Bench::at(profile, state))
}

/// What `rfc9293` and what `linux` gives.
fn each<T>(profiles: [Profile; 2], of: impl Fn(Profile) -> T) -> [T; 2] {
    profiles.map(of)
}
