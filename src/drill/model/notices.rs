//! What the error queue of a simulated TCP socket tells, as control messages.

use crate::drill::request::{Reply, Told};
use crate::drill::symbols;
use crate::tcp::{Milestone, Notice};

fn named(name: &str) -> i64 {
    symbols::value(name).unwrap_or(0)
}

/// The control messages of one entry, and whether a packet came along that did not fit.
pub(super) fn tell(reply: &mut Reply, notice: &Notice, v6: bool) {
    reply.flags |= named("MSG_ERRQUEUE");
    let place = if v6 { ("SOL_IPV6", "IPV6_RECVERR") } else { ("SOL_IP", "IP_RECVERR") };
    let mut extended = |fields| reply.control.push((named(place.0), named(place.1), Told::Extended(fields)));
    match *notice {
        Notice::Copied { first, last } => {
            let code = named("SO_EE_CODE_ZEROCOPY_COPIED");
            extended([0, named("SO_EE_ORIGIN_ZEROCOPY"), 0, code, first.into(), last.into()]);
        }
        Notice::Stamped { milestone, number, at, packet } => {
            let which = match milestone {
                Milestone::Sent => "SCM_TSTAMP_SND",
                Milestone::Scheduled => "SCM_TSTAMP_SCHED",
                Milestone::Acknowledged => "SCM_TSTAMP_ACK",
            };
            let origin = named("SO_EE_ORIGIN_TIMESTAMPING");
            extended([NO_MESSAGE, origin, 0, 0, named(which), number.into()]);
            if let Some(at) = at {
                let time = Told::Time(i128::from(at.as_nanos()));
                reply.control.insert(0, (named("SOL_SOCKET"), named("SCM_TIMESTAMPING"), time));
            }
            if packet {
                reply.flags |= named("MSG_TRUNC");
            }
        }
    }
}

/// ENOMSG.
const NO_MESSAGE: i64 = 42;
