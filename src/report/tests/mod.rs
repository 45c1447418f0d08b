//! Judging and comparing hand-made runs.

mod comparing;
mod fixture;
mod judging;
mod proving;
mod rules;
