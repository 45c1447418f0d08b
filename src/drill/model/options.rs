//! Socket options: their numbers in the system's headers, and their values, as the simulated sockets' own.

use super::kept::{Nature, SOL_IP, SOL_IPV6, SOL_SOCKET, SOL_TCP, name as shown};
use crate::drill::request::OptionValue;
use crate::socket::{
    AlgorithmName, Call, Fd, KeyOctets, OptionName, RareName, RareOption, RareValue, SocketOption,
};
use crate::udp::Discovery;

/// Microseconds in a second.
const MILLION: i64 = 1_000_000;

fn known(nature: Nature, level: i64, name: i64) -> Option<OptionName> {
    if !nature.is_stream()
        && let Some(known) = of_datagrams(level, name)
    {
        return Some(known);
    }
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
        (SOL_IP, 14) => OptionName::Mtu,
        (SOL_IPV6, 16) => OptionName::UnicastHops,
        (SOL_IPV6, 26) => OptionName::V6Only,
        (level, name) => {
            let of_streams = level != SOL_SOCKET && !nature.is_stream();
            OptionName::Rare(RareName::numbered(level, name).filter(|_| !of_streams)?)
        }
    })
}

/// Those that are another option, or none, to a stream.
fn of_datagrams(level: i64, name: i64) -> Option<OptionName> {
    Some(match (level, name) {
        (SOL_SOCKET, 6) => OptionName::Broadcast,
        (SOL_SOCKET, 11) => OptionName::NoChecksum,
        (SOL_SOCKET, 15) => OptionName::ReusePort,
        (SOL_IP, 8) => OptionName::PacketInfo,
        (SOL_IP, 10) => OptionName::MtuDiscovery,
        (SOL_IP, 11) | (SOL_IPV6, 25) => OptionName::ReceiveErrors,
        _ => return None,
    })
}

/// The option of that number.
///
/// # Errors
/// The model has none: its name.
pub(super) fn named(nature: Nature, level: i64, name: i64) -> Result<OptionName, String> {
    known(nature, level, name).ok_or_else(|| shown(level, name))
}

/// The call that sets it; `None` for a value that the option never takes (EINVAL).
///
/// # Errors
/// What the model does not have: the option, or a value of this kind.
pub(super) fn set(
    fd: Fd,
    nature: Nature,
    level: i64,
    name: i64,
    value: &OptionValue,
) -> Result<Option<Call>, String> {
    let known = named(nature, level, name)?;
    if let OptionName::Rare(rare) = known {
        let value = match value {
            OptionValue::Number(number) => RareValue::Number(*number),
            OptionValue::Octets(octets) => RareValue::Octets(KeyOctets::new(octets)),
            OptionValue::Time(seconds, micros) if (0..MILLION).contains(micros) => {
                RareValue::Number(seconds.saturating_mul(MILLION).saturating_add(*micros).max(0))
            }
            OptionValue::Time(..) => return Ok(None),
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
        OptionValue::Octets(_) | OptionValue::Linger(..) | OptionValue::Time(..) => {
            return Err(shown(level, name));
        }
    };
    let (on, size) = (number != 0, u32::try_from(number).unwrap_or(0));
    let option = match known {
        OptionName::ReuseAddr => SocketOption::ReuseAddr(on),
        OptionName::SendBuffer => SocketOption::SendBuffer(number as u32),
        OptionName::ReceiveBuffer => SocketOption::ReceiveBuffer(number as u32),
        OptionName::KeepAlive => SocketOption::KeepAlive(on),
        OptionName::UrgentInline => SocketOption::UrgentInline(on),
        OptionName::NoDelay => SocketOption::NoDelay(on),
        OptionName::KeepIdle => SocketOption::KeepIdle(size),
        OptionName::KeepInterval => SocketOption::KeepInterval(size),
        OptionName::KeepCount => SocketOption::KeepCount(size),
        OptionName::DeferAccept => SocketOption::DeferAccept(size),
        OptionName::UserTimeout if number < 0 => return Ok(None),
        OptionName::UserTimeout => SocketOption::UserTimeout(size),
        // A negative one is a very large one, which is refused.
        OptionName::FastOpen => SocketOption::FastOpen(number as u32),
        OptionName::FastOpenConnect if !(0..=1).contains(&number) => return Ok(None),
        OptionName::FastOpenConnect => SocketOption::FastOpenConnect(on),
        OptionName::TypeOfService => SocketOption::TypeOfService(number as u8),
        // -1 asks for the host's own again.
        OptionName::TimeToLive | OptionName::UnicastHops if number == -1 => match known {
            OptionName::TimeToLive => SocketOption::TimeToLive(0),
            _ => SocketOption::UnicastHops(0),
        },
        OptionName::TimeToLive if (1..=255).contains(&number) => SocketOption::TimeToLive(number as u8),
        OptionName::UnicastHops if (1..=255).contains(&number) => SocketOption::UnicastHops(number as u8),
        OptionName::TimeToLive | OptionName::UnicastHops => return Ok(None),
        OptionName::Broadcast => SocketOption::Broadcast(on),
        OptionName::NoChecksum => SocketOption::NoChecksum(on),
        OptionName::ReusePort => SocketOption::ReusePort(on),
        OptionName::PacketInfo => SocketOption::PacketInfo(on),
        OptionName::ReceiveErrors => SocketOption::ReceiveErrors(on),
        OptionName::MtuDiscovery => match Discovery::of(number) {
            Some(discovery) => SocketOption::MtuDiscovery(discovery),
            None if matches!(number, 4 | 5) => return Err(shown(level, name)),
            None => return Ok(None),
        },
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
        | SocketOption::Broadcast(on)
        | SocketOption::NoChecksum(on)
        | SocketOption::ReusePort(on)
        | SocketOption::PacketInfo(on)
        | SocketOption::ReceiveErrors(on)
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
        SocketOption::MtuDiscovery(discovery) => number(discovery.number().into()),
        SocketOption::Rare(RareOption::ReceiveTimeout(micros) | RareOption::SendTimeout(micros)) => {
            let micros = i64::try_from(micros).unwrap_or(i64::MAX);
            Some(OptionValue::Time(micros / MILLION, micros % MILLION))
        }
        SocketOption::Rare(option) => Some(match option.value() {
            RareValue::Number(number) => OptionValue::Number(number),
            RareValue::Octets(octets) => OptionValue::Octets(octets.octets().to_vec()),
        }),
        SocketOption::Error(error) => number(error.map_or(0, |error| error as i32).into()),
        _ => None,
    }
}
