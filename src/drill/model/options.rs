//! Socket options: their numbers in the system's headers, and their values, as the simulated sockets' own.

use crate::drill::request::OptionValue;
use crate::socket::{AlgorithmName, Call, Fd, KeyOctets, OptionName, RareName, RareValue, SocketOption};

const SOL_IP: i64 = 0;
const SOL_SOCKET: i64 = 1;
const SOL_TCP: i64 = 6;
const SOL_IPV6: i64 = 41;

fn shown(level: i64, name: i64) -> String {
    format!("socket option {level}/{name}")
}

fn known(level: i64, name: i64) -> Option<OptionName> {
    Some(match (level, name) {
        (SOL_SOCKET, 2) => OptionName::ReuseAddr,
        (SOL_SOCKET, 4) => OptionName::Error,
        (SOL_SOCKET, 7) => OptionName::SendBuffer,
        (SOL_SOCKET, 8) => OptionName::ReceiveBuffer,
        (SOL_SOCKET, 9) => OptionName::KeepAlive,
        (SOL_SOCKET, 10) => OptionName::UrgentInline,
        (SOL_SOCKET, 13) => OptionName::Linger,
        (SOL_TCP, 1) => OptionName::NoDelay,
        (SOL_TCP, 4) => OptionName::KeepIdle,
        (SOL_TCP, 5) => OptionName::KeepInterval,
        (SOL_TCP, 6) => OptionName::KeepCount,
        (SOL_TCP, 9) => OptionName::DeferAccept,
        (SOL_TCP, 13) => OptionName::Congestion,
        (SOL_TCP, 18) => OptionName::UserTimeout,
        (SOL_TCP, 23) => OptionName::FastOpen,
        (SOL_TCP, 30) => OptionName::FastOpenConnect,
        (SOL_IP, 1) => OptionName::TypeOfService,
        (SOL_IP, 2) => OptionName::TimeToLive,
        (SOL_IPV6, 26) => OptionName::V6Only,
        (level, name) => OptionName::Rare(RareName::numbered(level, name)?),
    })
}

/// The option of that number.
///
/// # Errors
/// The model has none: its numbers.
pub(super) fn named(level: i64, name: i64) -> Result<OptionName, String> {
    known(level, name).ok_or_else(|| shown(level, name))
}

/// The call that sets it; `None` for a value that the option never takes (EINVAL).
///
/// # Errors
/// What the model does not have: the option, or a value of this kind.
pub(super) fn set(fd: Fd, level: i64, name: i64, value: &OptionValue) -> Result<Option<Call>, String> {
    let known = named(level, name)?;
    if let OptionName::Rare(rare) = known {
        let value = match value {
            OptionValue::Number(number) => RareValue::Number(*number),
            OptionValue::Octets(octets) => RareValue::Octets(KeyOctets::new(octets)),
            OptionValue::Linger(..) => return Err(shown(level, name)),
        };
        // A value that it does not take is refused as the system refuses it.
        return Ok(rare.with(value).map(|option| Call::SetOption { fd, option: SocketOption::Rare(option) }));
    }
    let number = match value {
        OptionValue::Number(number) => *number,
        OptionValue::Octets(octets) if known == OptionName::Congestion => {
            let option = SocketOption::Congestion(AlgorithmName::new(octets));
            return Ok(Some(Call::SetOption { fd, option }));
        }
        OptionValue::Linger(on, seconds) if known == OptionName::Linger => {
            let option = SocketOption::Linger(on.then_some(u32::try_from(*seconds).unwrap_or(0)));
            return Ok(Some(Call::SetOption { fd, option }));
        }
        OptionValue::Octets(_) | OptionValue::Linger(..) => return Err(shown(level, name)),
    };
    let (on, size) = (number != 0, u32::try_from(number).unwrap_or(0));
    let option = match known {
        OptionName::ReuseAddr => SocketOption::ReuseAddr(on),
        OptionName::SendBuffer => SocketOption::SendBuffer(size),
        OptionName::ReceiveBuffer => SocketOption::ReceiveBuffer(size),
        OptionName::KeepAlive => SocketOption::KeepAlive(on),
        OptionName::UrgentInline => SocketOption::UrgentInline(on),
        OptionName::NoDelay => SocketOption::NoDelay(on),
        OptionName::KeepIdle => SocketOption::KeepIdle(size),
        OptionName::KeepInterval => SocketOption::KeepInterval(size),
        OptionName::KeepCount => SocketOption::KeepCount(size),
        OptionName::DeferAccept => SocketOption::DeferAccept(size),
        OptionName::UserTimeout => SocketOption::UserTimeout(size),
        // A negative one is a very large one, which is refused.
        OptionName::FastOpen => SocketOption::FastOpen(number as u32),
        OptionName::FastOpenConnect if !(0..=1).contains(&number) => return Ok(None),
        OptionName::FastOpenConnect => SocketOption::FastOpenConnect(on),
        OptionName::TypeOfService => SocketOption::TypeOfService(number as u8),
        OptionName::TimeToLive => SocketOption::TimeToLive(number as u8),
        OptionName::V6Only => SocketOption::V6Only(on),
        _ => return Err(shown(level, name)),
    };
    Ok(Some(Call::SetOption { fd, option }))
}

/// An option's value as the system would tell it.
pub(super) fn value(option: &SocketOption) -> Option<OptionValue> {
    let number = |number: i64| Some(OptionValue::Number(number));
    match *option {
        SocketOption::ReuseAddr(on)
        | SocketOption::KeepAlive(on)
        | SocketOption::UrgentInline(on)
        | SocketOption::NoDelay(on)
        | SocketOption::FastOpenConnect(on)
        | SocketOption::V6Only(on) => number(on.into()),
        SocketOption::Linger(seconds) => {
            Some(OptionValue::Linger(seconds.is_some(), seconds.unwrap_or(0).into()))
        }
        SocketOption::KeepIdle(size)
        | SocketOption::KeepInterval(size)
        | SocketOption::KeepCount(size)
        | SocketOption::ReceiveBuffer(size)
        | SocketOption::SendBuffer(size)
        | SocketOption::UserTimeout(size)
        | SocketOption::DeferAccept(size)
        | SocketOption::FastOpen(size)
        | SocketOption::Mtu(size) => number(size.into()),
        SocketOption::Congestion(name) => Some(OptionValue::Octets(name.octets().to_vec())),
        SocketOption::TypeOfService(octet)
        | SocketOption::TimeToLive(octet)
        | SocketOption::UnicastHops(octet) => number(octet.into()),
        SocketOption::Rare(option) => Some(match option.value() {
            RareValue::Number(number) => OptionValue::Number(number),
            RareValue::Octets(octets) => OptionValue::Octets(octets.octets().to_vec()),
        }),
        SocketOption::Error(error) => number(error.map_or(0, |error| error as i32).into()),
        _ => None,
    }
}
