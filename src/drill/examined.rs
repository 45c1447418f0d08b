//! What a script is run against: the simulated stack, or this machine's kernel.

use super::request::{Reply, Request};
use crate::clock::Span;
use crate::lang::Text;
use bytes::Bytes;

/// A TCP/IP stack that is examined. Times count from the script's beginning.
pub trait Examined {
    /// What the script's command before all events does is done: its time begins here, where that took any.
    fn begin(&mut self);

    /// The present.
    fn now(&self) -> Span;

    /// Lets time pass up to then.
    fn wait_until(&mut self, at: Span);

    /// Hands it an IP packet.
    fn inject(&mut self, packet: Bytes);

    /// The next IP packet it sends, those sent already first; waits for one until then, and no longer.
    fn next_packet(&mut self, until: Span) -> Option<(Span, Bytes)>;

    /// Makes a call. Descriptors in it are the stack's own. `None` when it waits, or is left to: `waits` says that the script
    /// expects it to, and what it gives is then told by [`Examined::returned`] in any case.
    ///
    /// # Errors
    /// What of it the stack does not have, by name.
    fn call(&mut self, request: &Request, waits: bool) -> Result<Option<Reply>, String>;

    /// When the call that waits returns, and with what; waits for it until then, and no longer.
    fn returned(&mut self, until: Span) -> Option<(Span, Reply)>;

    /// The fields of `tcp_info` and of the congestion control's own report, by the names code uses.
    ///
    /// # Errors
    /// Why there are none.
    fn info(&mut self, fd: i64) -> Result<Vec<(&'static str, i64)>, String>;

    /// Carries out a shell command of the script.
    ///
    /// # Errors
    /// Why not; what is not modelled, by name.
    fn command(&mut self, text: &str) -> Result<(), CommandFailure>;

    /// Whether it looks at signatures of segments (RFC 2385).
    fn knows_signatures(&self) -> bool {
        false
    }

    /// When the last packet was handed over, or the last call made that did not wait, where that is known better than by
    /// looking at the clock afterwards: on a busy machine whoever does it is often told to wait just then.
    fn happened(&self) -> Option<Span> {
        None
    }

    /// How long something that may come at any time is waited for.
    fn patience(&self) -> Span;

    /// The script's own words for the call that comes next.
    fn calling(&mut self, _words: &str) {}

    /// Why it cannot go on, once it has done more than a run may.
    fn exhausted(&self) -> Option<Text> {
        None
    }
}

/// Why a command was not carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CommandFailure {
    /// It means something that is not modelled.
    Unsupported(String),
    /// It failed, with these words.
    Failed(String),
}
