//! What a call gives: an error's name, a count of octets, or nothing but success.

use super::{Found, Kind, plain};
use crate::lang::Text;
use crate::link::HostId;
use crate::socket::{Errno, Return};
use crate::trace::{CallRun, RecordId, Trace};

/// Errors that are offered as choices: those that learners meet.
const KNOWN: [Errno; 7] = [
    Errno::ECONNREFUSED,
    Errno::ECONNRESET,
    Errno::ETIMEDOUT,
    Errno::EPIPE,
    Errno::EAGAIN,
    Errno::EADDRINUSE,
    Errno::ENOTCONN,
];

/// Calls that give a number where all goes well.
const COUNTS: [&str; 8] = ["send", "sendto", "recv", "recvfrom", "recvmsg", "poll", "sockatmark", "select"];

/// What the n-th call of that name on that host gives, and the record of its return.
pub(super) fn returns(
    trace: &Trace,
    host: HostId,
    call: &str,
    nth: u32,
) -> Result<(Found, Option<RecordId>), Text> {
    let all = trace.calls();
    let made: Vec<&CallRun<'_>> =
        all.iter().filter(|run| run.host == Some(host) && run.call.name() == call).collect();
    let place = usize::try_from(nth).ok().and_then(|nth| nth.checked_sub(1));
    let Some(run) = place.and_then(|place| made.get(place)) else {
        let (host, count) = (trace.host_name(host), made.len());
        return Err(Text::new(
            format!("{host} calls {call} {count} times"),
            format!("{host} 调用 {call} 共 {count} 次"),
        ));
    };
    let mut others: Vec<Text> =
        made.iter().flat_map(|run| said(run.result()).0.into_iter().take(1)).collect();
    // Who reads and writes is given a number: `ok` would be no wrong answer but another word.
    if !COUNTS.contains(&call) {
        others.push(ok());
    }
    others.push(blocks());
    others.extend(KNOWN.map(|errno| plain(errno.name())));
    let (right, kind) = said(run.result());
    let returned = run.returned.map(|record| record.id);
    let proof = returned.or(run.blocked.map(|record| record.id)).or(Some(run.started.id));
    Ok((Found { right, kind, others, proof }, returned))
}

fn ok() -> Text {
    Text::new("ok", "成功")
}

fn blocks() -> Text {
    Text::new("blocks", "阻塞")
}

/// Every way to say what a call gave, the best first; `None` is a call that never came back.
fn said(result: Option<&Return>) -> (Vec<Text>, Kind) {
    let done = || (vec![ok(), plain("success"), plain("0"), plain("none")], Kind::Word);
    let count = |octets: usize| (vec![plain(octets.to_string())], Kind::Number);
    match result {
        None => (
            vec![
                blocks(),
                Text::new("block", "一直阻塞"),
                Text::new("blocked", "不返回"),
                Text::new("waits", "一直等待"),
                Text::new("never", "等待"),
            ],
            Kind::Word,
        ),
        Some(Return::Failed(errno)) => (vec![plain(errno.name())], Kind::Word),
        Some(Return::Sent(octets)) => count(*octets),
        Some(Return::Received(data) | Return::ReceivedFrom(data, _)) => count(data.len()),
        Some(Return::Message(message)) => count(message.data.len()),
        Some(Return::Number(number)) => (vec![plain(number.to_string())], Kind::Number),
        // How many are ready.
        Some(Return::Ready(read, write)) => count(read.len() + write.len()),
        Some(Return::Timeout(None)) => (vec![plain("none")], Kind::Word),
        Some(Return::Timeout(Some(time))) => (vec![plain(time.to_string())], Kind::Word),
        Some(Return::Address(address)) => (vec![plain(address.to_string())], Kind::Word),
        Some(Return::Local(local)) => match local.data() {
            Some(data) => count(data.len()),
            None => done(),
        },
        Some(Return::Done | Return::Descriptor(_) | Return::Accepted(..) | Return::Value(_)) => done(),
    }
}
