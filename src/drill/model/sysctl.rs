//! Kernel settings by their names, as the model's own.

use super::STACK;
use crate::drill::examined::CommandFailure;
use crate::tcp::CookieKeys;
use crate::world::World;

/// Gives a setting that value, or those values.
///
/// # Errors
/// It is not modelled, or not with this value.
pub(super) fn set(world: &mut World, name: &str, values: &[String]) -> Result<(), CommandFailure> {
    let number = |text: &String| -> Option<i64> {
        text.strip_prefix("0x").map_or_else(|| text.parse().ok(), |hex| i64::from_str_radix(hex, 16).ok())
    };
    if name == "tcp_congestion_control" {
        let known = values.first().is_some_and(|value| world.set_congestion_control(STACK, value));
        return if known {
            Ok(())
        } else {
            Err(CommandFailure::Unsupported(format!("{name}={}", values.join(" "))))
        };
    }
    if name == "tcp_fastopen_key" {
        let keys = values.first().and_then(|value| CookieKeys::parse(value));
        let refused = || CommandFailure::Failed(format!("{name}={}", values.join(" ")));
        world.set_fast_open_keys(STACK, keys.ok_or_else(refused)?);
        return Ok(());
    }
    let numbers: Vec<Option<i64>> = values.iter().map(number).collect();
    // What these change nothing here looks at.
    if ["tcp_fack", "tcp_adv_win_scale", "tcp_no_metrics_save", "tcp_limit_output_bytes"].contains(&name) {
        return Ok(());
    }
    let Some(several) = parts(name) else {
        return set_one(world, name, numbers.first().copied().flatten());
    };
    for (part, value) in several.iter().zip(numbers) {
        if !part.is_empty() {
            set_one(world, part, value)?;
        }
    }
    Ok(())
}

/// The model's names for the numbers of a setting that has several; "" where the model has none.
fn parts(name: &str) -> Option<&'static [&'static str]> {
    Some(match name {
        "tcp_rmem" => &["", "tcp_rmem_default", "tcp_rmem_max"],
        "tcp_wmem" => &["", "tcp_wmem_default", "tcp_wmem_max"],
        "ip_local_port_range" => &["ip_local_port_range_low", "ip_local_port_range_high"],
        _ => return None,
    })
}

/// The present value, as [`set`] takes it; `None` where the model keeps none, or does not tell it.
pub(super) fn present(world: &World, name: &str) -> Option<Vec<String>> {
    let settings = world.machine(STACK)?.settings();
    let one = |name: &str| settings.get(name).map(|value| value.to_string());
    match parts(name) {
        Some(parts) => Some(parts.iter().map(|part| one(part).unwrap_or_default()).collect()),
        None => Some(vec![one(name)?]),
    }
}

fn set_one(world: &mut World, name: &str, value: Option<i64>) -> Result<(), CommandFailure> {
    // What the model does anyhow may be asked for; anything else is not modelled.
    const AS_IT_IS: [(&str, i64); 1] = [("tcp_autocorking", 1)];
    let Some(value) = value else { return Err(CommandFailure::Unsupported(name.to_owned())) };
    if AS_IT_IS.contains(&(name, value)) {
        return Ok(());
    }
    world.set(STACK, name, value).map_err(|_| CommandFailure::Unsupported(format!("{name}={value}")))
}
