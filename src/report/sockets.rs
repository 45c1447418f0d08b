//! What receiving programs were handed.

use crate::link::HostId;
use crate::socket::{Beside, Call, ProcessId, Return};
use crate::trace::{Event, Protocol, Sockets, Trace};
use bytes::Bytes;

/// Octets that a receive call handed to a program.
pub(super) struct Delivered {
    /// From which host, where the calls tell it.
    pub(super) from: Option<HostId>,
    /// On which host.
    pub(super) to: HostId,
    /// Whether it was one datagram (else a piece of a stream).
    pub(super) datagram: bool,
    /// The octets.
    pub(super) octets: Bytes,
}

/// Everything that programs received, in order. The end of a stream is not a delivery; an empty datagram is one.
pub(super) fn deliveries(trace: &Trace) -> Vec<Delivered> {
    let mut sockets = Sockets::new();
    let mut deliveries = Vec::new();
    for record in &trace.records {
        if let (Event::CallReturned { process, call, result }, Some(host)) = (&record.event, record.host)
            && let Some(Event::CallStarted { call, .. }) =
                trace.records.get(call.0 as usize).map(|started| &started.event)
        {
            deliveries.extend(delivered(trace, &sockets, *process, host, call, result));
        }
        sockets.apply(trace, record.id);
    }
    deliveries
}

fn delivered(
    trace: &Trace,
    sockets: &Sockets,
    process: ProcessId,
    host: HostId,
    call: &Call,
    result: &Return,
) -> Option<Delivered> {
    let (octets, sender) = match result {
        Return::Received(octets) => (octets, None),
        Return::ReceivedFrom(octets, sender) => (octets, Some(*sender)),
        Return::Message(message) if message.delivers() => {
            let sender = message.address.filter(|_| message.wanted.beside == Beside::Sender);
            (&message.data, sender)
        }
        _ => return None,
    };
    let socket = call.fd().and_then(|fd| sockets.get(trace, process, fd));
    let datagram = socket.is_some_and(|socket| socket.protocol == Protocol::Udp);
    if octets.is_empty() && !datagram {
        return None;
    }
    let sender = sender.or_else(|| socket.and_then(|socket| socket.remote));
    Some(Delivered {
        from: sender.and_then(|sender| trace.host_of(sender.ip())),
        to: host,
        datagram,
        octets: octets.clone(),
    })
}
