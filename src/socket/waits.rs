//! How the calls on a socket wait: SO_RCVLOWAT, SO_RCVTIMEO, SO_SNDTIMEO.

use super::layer::Below;
use super::object::{Flow, Socket, Waits};
use super::{RareName, RareOption};
use crate::clock::Span;

/// Sets one of them; false if the option is none of them.
pub(super) fn set(socket: &mut Socket, option: RareOption, below: &Below<'_>) -> bool {
    let most = most_low(socket, below);
    let mut waits = socket.waits();
    let span = |micros: u64| (micros > 0).then(|| Span::micros(micros));
    match option {
        RareOption::ReceiveLow(low) => waits.low = low.min(most),
        RareOption::ReceiveTimeout(micros) => waits.receive = span(micros),
        RareOption::SendTimeout(micros) => waits.send = span(micros),
        RareOption::FastOpenKey(_)
        | RareOption::ZeroCopy(_)
        | RareOption::Timestamping(_)
        | RareOption::FastOpenNoCookie(_)
        | RareOption::Cork(_)
        | RareOption::UnsentLow(_)
        | RareOption::MaxSegment(_)
        | RareOption::WindowClamp(_)
        | RareOption::PathDiscovery(_)
        | RareOption::ThinLinear(_)
        | RareOption::GreatestTimeout(_)
        | RareOption::TrafficClass(_)
        | RareOption::SynTries(_)
        | RareOption::FinWait2(_)
        | RareOption::QuickAck(_) => return false,
    }
    socket.waits = Some(Box::new(waits));
    true
}

/// A stream never waits for more than half of what its buffer can become.
fn most_low(socket: &Socket, below: &Below<'_>) -> u32 {
    match &socket.flow {
        Flow::Stream(stream) => {
            let largest = u32::try_from(below.tcp.profile().settings.tcp_rmem_max).unwrap_or(u32::MAX);
            (stream.options.receive_buffer.unwrap_or(largest) / 2).max(1)
        }
        Flow::Datagram(_) | Flow::Raw(_) | Flow::Local(_) => u32::MAX,
    }
}

/// Reads one of them; `None` if the option is none of them.
pub(super) fn get(socket: &Socket, name: RareName) -> Option<RareOption> {
    let Waits { low, receive, send } = socket.waits();
    let micros = |span: Option<Span>| span.map_or(0, Span::as_micros);
    match name {
        RareName::ReceiveLow => Some(RareOption::ReceiveLow(low)),
        RareName::ReceiveTimeout => Some(RareOption::ReceiveTimeout(micros(receive))),
        RareName::SendTimeout => Some(RareOption::SendTimeout(micros(send))),
        RareName::FastOpenKey
        | RareName::ZeroCopy
        | RareName::Timestamping
        | RareName::FastOpenNoCookie
        | RareName::Cork
        | RareName::UnsentLow
        | RareName::MaxSegment
        | RareName::WindowClamp
        | RareName::PathDiscovery
        | RareName::ThinLinear
        | RareName::GreatestTimeout
        | RareName::TrafficClass
        | RareName::SynTries
        | RareName::FinWait2
        | RareName::QuickAck => None,
    }
}
