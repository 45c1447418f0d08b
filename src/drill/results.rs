//! What a call gave, held against what the script says of it.

use super::arguments::{find, number};
use super::request::{OptionValue, Reply, Request, Told};
use super::verdict::ProblemKind;
use super::{Problem, Settings};
use crate::clock::Span;
use crate::lang::Text;
use crate::packetdrill::{Call, Expression, Value};

/// Result, error, and what the call wrote into its arguments.
pub(super) fn judge(
    call: &Call,
    request: &Request,
    reply: &Reply,
    settings: &Settings,
) -> Result<(), Problem> {
    returned(call, request, reply)?;
    if reply.result < 0 {
        return Ok(());
    }
    match request {
        Request::GetOption { .. } => option(call, reply),
        Request::Ioctl { .. } => out_number(call, 2, reply.number),
        Request::Poll { .. } => polled(call, reply),
        Request::EpollWait { .. } => waited(call, reply),
        Request::Receive { .. } => message(call, reply, settings.tolerance),
        _ => Ok(()),
    }
}

fn differs(at: &Expression, what: (&str, &str), expected: impl ToString, found: impl ToString) -> Problem {
    let (expected, found) = (expected.to_string(), found.to_string());
    let what = Text::new(what.0, what.1);
    Problem { span: at.span.clone(), kind: ProblemKind::Call { what, expected, found } }
}

fn returned(call: &Call, request: &Request, reply: &Reply) -> Result<(), Problem> {
    let found = match &reply.errno {
        Some(errno) => format!("-1 {errno}"),
        None => reply.result.to_string(),
    };
    let wanted = match &call.result.value {
        Value::Any => return Ok(()),
        _ => number(&call.result),
    };
    let Some(wanted) = wanted else {
        return Err(Problem::wrong(call.result.span.clone(), "a number should stand here", "这里应当是数"));
    };
    let expected = match &call.errno {
        Some(errno) => format!("{wanted} {errno}"),
        None => wanted.to_string(),
    };
    let names_one = request.opens_one();
    let same = if names_one && wanted >= 0 { reply.result >= 0 } else { reply.result == wanted };
    let error = call.errno.as_ref().is_none_or(|errno| reply.errno.as_deref() == Some(usual(errno)));
    if same && error {
        return Ok(());
    }
    Err(differs(&call.result, ("the result", "返回值"), expected, found))
}

/// The usual name of an error that has two.
fn usual(errno: &str) -> &str {
    match errno {
        "EWOULDBLOCK" => "EAGAIN",
        "ENOTSUP" => "EOPNOTSUPP",
        "EDEADLOCK" => "EDEADLK",
        other => other,
    }
}

fn option(call: &Call, reply: &Reply) -> Result<(), Problem> {
    let Some(at) = call.arguments.get(3) else { return Ok(()) };
    let what = ("the option", "选项的值");
    match (&at.value, &reply.option) {
        (Value::Any, _) => Ok(()),
        (Value::Text(wanted), Some(OptionValue::Octets(found))) => {
            let found: Vec<u8> = found.iter().copied().take_while(|octet| *octet != 0).collect();
            if *wanted == found {
                return Ok(());
            }
            Err(differs(at, what, String::from_utf8_lossy(wanted), String::from_utf8_lossy(&found)))
        }
        (_, Some(OptionValue::Number(found))) => match number(at) {
            Some(wanted) if wanted == *found => Ok(()),
            Some(wanted) => Err(differs(at, what, wanted, found)),
            None => Err(Problem::unsupported(at.span.clone(), "this option's structure")),
        },
        (Value::Braces(members), Some(OptionValue::Linger(on, seconds))) => {
            let wanted = |names: &[&str]| find(members, names).and_then(number);
            let (on_wanted, seconds_wanted) =
                (wanted(&["onoff", "l_onoff"]), wanted(&["linger", "l_linger"]));
            if on_wanted == Some(i64::from(*on)) && seconds_wanted == Some(*seconds) {
                return Ok(());
            }
            let shown = |on: Option<i64>, seconds: Option<i64>| format!("{on:?}, {seconds:?}");
            Err(differs(
                at,
                what,
                shown(on_wanted, seconds_wanted),
                shown(Some(i64::from(*on)), Some(*seconds)),
            ))
        }
        (Value::Braces(members), Some(OptionValue::Time(seconds, micros))) => {
            let wanted = |name: &str| find(members, &[name]).and_then(number);
            let wanted = (wanted("tv_sec"), wanted("tv_usec"));
            if wanted == (Some(*seconds), Some(*micros)) {
                return Ok(());
            }
            Err(differs(at, what, format!("{wanted:?}"), format!("{seconds} s, {micros} µs")))
        }
        _ => Err(Problem::unsupported(at.span.clone(), "this option's structure")),
    }
}

/// `[1000]`: a number the call writes.
fn out_number(call: &Call, index: usize, found: Option<i64>) -> Result<(), Problem> {
    let (Some(at), Some(found)) = (call.arguments.get(index), found) else { return Ok(()) };
    match (&at.value, number(at)) {
        (Value::Any, _) => Ok(()),
        (_, Some(wanted)) if wanted == found => Ok(()),
        (_, Some(wanted)) => Err(differs(at, ("the number", "写出的数"), wanted, found)),
        (_, None) => Err(Problem::wrong(
            at.span.clone(),
            "a number in brackets should stand here",
            "这里应当是方括号里的数",
        )),
    }
}

fn entries(call: &Call, index: usize) -> &[Expression] {
    match call.arguments.get(index).map(|argument| &argument.value) {
        Some(Value::List(entries)) => entries,
        _ => &[],
    }
}

fn member(entry: &Expression, name: &str) -> Option<i64> {
    match &entry.value {
        Value::Braces(members) => find(members, &[name]).and_then(number),
        _ => None,
    }
}

fn polled(call: &Call, reply: &Reply) -> Result<(), Problem> {
    for (entry, (found, _)) in entries(call, 0).iter().zip(&reply.events) {
        let wanted = member(entry, "revents").unwrap_or(0);
        if wanted != *found {
            return Err(differs(
                entry,
                ("revents", "revents"),
                format!("{wanted:#x}"),
                format!("{found:#x}"),
            ));
        }
    }
    Ok(())
}

fn waited(call: &Call, reply: &Reply) -> Result<(), Problem> {
    let expected = match call.arguments.get(1).map(|argument| &argument.value) {
        Some(Value::Braces(_)) => call.arguments.get(1..2).unwrap_or_default(),
        _ => entries(call, 1),
    };
    for (entry, (found, _)) in expected.iter().zip(&reply.events) {
        if let Some(wanted) = member(entry, "events")
            && wanted != *found
        {
            return Err(differs(entry, ("events", "events"), format!("{wanted:#x}"), format!("{found:#x}")));
        }
    }
    Ok(())
}

/// What `recvmsg` says beside the data: flags and control messages.
fn message(call: &Call, reply: &Reply, tolerance: Span) -> Result<(), Problem> {
    let Some(Expression { value: Value::Braces(members), .. }) = call.arguments.get(1) else { return Ok(()) };
    if let Some(at) = find(members, &["msg_flags"])
        && let Some(wanted) = number(at)
        && wanted != reply.flags
    {
        return Err(differs(
            at,
            ("msg_flags", "msg_flags"),
            format!("{wanted:#x}"),
            format!("{:#x}", reply.flags),
        ));
    }
    let Some(at) = find(members, &["msg_control"]) else { return Ok(()) };
    let Value::List(wanted) = &at.value else { return Ok(()) };
    if wanted.len() != reply.control.len() {
        return Err(differs(at, ("control messages", "控制消息"), wanted.len(), reply.control.len()));
    }
    for (entry, (level, kind, found)) in wanted.iter().zip(&reply.control) {
        let (Some(wanted_level), Some(wanted_kind)) =
            (member(entry, "cmsg_level"), member(entry, "cmsg_type"))
        else {
            return Err(Problem::unsupported(entry.span.clone(), "this control message"));
        };
        if (wanted_level, wanted_kind) != (*level, *kind) {
            let shown = |level: i64, kind: i64| format!("{level}/{kind}");
            let what = ("control message", "控制消息");
            return Err(differs(entry, what, shown(wanted_level, wanted_kind), shown(*level, *kind)));
        }
        let Value::Braces(members) = &entry.value else { continue };
        if let Some(data) = find(members, &["cmsg_data"]) {
            told(data, found, tolerance)?;
        }
    }
    Ok(())
}

/// Fields of an entry of an error queue, by name.
const EXTENDED: [&str; 6] = ["ee_errno", "ee_origin", "ee_type", "ee_code", "ee_info", "ee_data"];

/// What one control message tells.
fn told(at: &Expression, found: &Told, tolerance: Span) -> Result<(), Problem> {
    let unknown = || Problem::unsupported(at.span.clone(), "this control message");
    let what = ("control message", "控制消息");
    match (&at.value, found) {
        (Value::Any, _) => Ok(()),
        (Value::Braces(members), Told::Extended(fields)) => {
            for (name, found) in EXTENDED.iter().zip(fields) {
                let Some(entry) = find(members, &[name]) else { continue };
                let wanted = number(entry).ok_or_else(unknown)?;
                if wanted != *found {
                    return Err(differs(entry, what, format!("{name}={wanted}"), format!("{name}={found}")));
                }
            }
            Ok(())
        }
        (Value::Braces(members), Told::Time(found)) => {
            let part = |name: &str| find(members, &[name]).map_or(Some(0), number);
            let (seconds, nanos) =
                (part("scm_sec").ok_or_else(unknown)?, part("scm_nsec").ok_or_else(unknown)?);
            let wanted = i128::from(seconds) * 1_000_000_000 + i128::from(nanos);
            if (wanted - found).unsigned_abs() <= u128::from(tolerance.as_nanos()) {
                return Ok(());
            }
            let shown =
                |nanos: i128| format!("{}.{:09} s", nanos / 1_000_000_000, nanos.rem_euclid(1_000_000_000));
            Err(differs(at, what, shown(wanted), shown(*found)))
        }
        (_, Told::Number(found)) => match number(at) {
            Some(wanted) if wanted == *found => Ok(()),
            Some(wanted) => Err(differs(at, what, wanted, found)),
            None => Err(unknown()),
        },
        (_, Told::Extended(_) | Told::Time(_) | Told::Octets(_)) => Err(unknown()),
    }
}
