//! Attributes of the only route there is, to the script, as the model's own.

use super::{STACK, sysctl};
use crate::clock::Span;
use crate::drill::examined::CommandFailure;
use crate::world::World;

/// Bits of tcp_fastopen: data without a cookie, as a client and as a server.
const WITHOUT_COOKIE: i64 = 0x204;

/// Gives the route that attribute.
///
/// # Errors
/// It is not modelled, or not with this value.
pub(super) fn set(world: &mut World, name: &str, value: &str) -> Result<(), CommandFailure> {
    let unsupported = || CommandFailure::Unsupported(format!("route attribute {name} {value}"));
    let number = || value.parse::<i64>().map_err(|_| unsupported());
    let setting =
        |world: &mut World, name: &str, value: i64| world.set(STACK, name, value).map_err(|_| unsupported());
    match name {
        "initcwnd" => setting(world, "tcp_initial_cwnd", number()?),
        "mtu" => {
            world.set_route_mtu(STACK, u16::try_from(number()?).map_err(|_| unsupported())?);
            Ok(())
        }
        "congctl" => sysctl::set(world, "tcp_congestion_control", &[value.to_owned()]),
        "rto_min" => {
            let least = time(value).ok_or_else(unsupported)?;
            world.route_mut(STACK).ok_or_else(unsupported)?.least_rto = Some(least);
            Ok(())
        }
        "initrwnd" => {
            let segments = u32::try_from(number()?).map_err(|_| unsupported())?;
            let route = world.route_mut(STACK).ok_or_else(unsupported)?;
            route.first_segments = Some(segments).filter(|segments| *segments > 0);
            Ok(())
        }
        // On the kernel they act only through what an earlier connection left behind, which nothing does here.
        "cwnd" | "ssthresh" => number().map(|_| ()),
        "quickack" => setting(world, "quickack", number()?),
        "features" if value == "ecn" => setting(world, "tcp_ecn", 1),
        "fastopen_no_cookie" if number()? != 0 => {
            let present = world.setting(STACK, "tcp_fastopen").unwrap_or(0);
            setting(world, "tcp_fastopen", present | WITHOUT_COOKIE)
        }
        "fastopen_no_cookie" => Ok(()),
        _ => Err(unsupported()),
    }
}

/// `300ms`, `1s`, `2.5s`; a bare number is milliseconds.
fn time(text: &str) -> Option<Span> {
    let (digits, each) = match text.strip_suffix("ms") {
        Some(digits) => (digits, 1_000.0),
        None => match text.strip_suffix('s') {
            Some(digits) => (digits, 1_000_000.0),
            None => (text, 1_000.0),
        },
    };
    let value: f64 = digits.parse().ok().filter(|value| (0.0..=86_400.0).contains(value))?;
    Some(Span::micros((value * each) as u64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_units() {
        assert_eq!(
            ["300ms", "1s", "2.5s", "40"].map(time),
            [300, 1000, 2500, 40].map(|ms| Some(Span::millis(ms)))
        );
        assert_eq!((time("soon"), time("-1s")), (None, None));
    }
}
