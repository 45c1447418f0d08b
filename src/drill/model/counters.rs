//! What a script asks of the counters.

use super::STACK;
use crate::drill::examined::CommandFailure;
use crate::drill::shell::Inquiry;
use crate::mib::{Counter, Counters};
use crate::world::World;

/// The name that `nstat` gives a counter.
fn name(counter: Counter) -> String {
    match counter.group() {
        // These have it in their names already.
        "Ip6" | "Icmp6" | "Udp6" => counter.kernel_name().to_owned(),
        group => format!("{group}{}", counter.kernel_name()),
    }
}

/// Answers, counting from what was noted before; notes anew unless the script says otherwise.
///
/// # Errors
/// The answer is not the one the script wants, or it asks about a counter that the model does not keep.
pub(super) fn ask(world: &World, noted: &mut Counters, inquiry: &Inquiry) -> Result<(), CommandFailure> {
    let Some(machine) = world.machine(STACK) else { return Ok(()) };
    let now = machine.counters();
    if let Some(unknown) =
        inquiry.names().find(|asked| !Counter::ALL.iter().any(|counter| name(*counter).starts_with(asked)))
    {
        return Err(CommandFailure::Unsupported(format!("counter {unknown}")));
    }
    let counted: Vec<(String, u64)> = Counter::ALL
        .iter()
        .map(|counter| {
            let before = if inquiry.absolute { 0 } else { noted.get(*counter) };
            (name(*counter), now.get(*counter).saturating_sub(before))
        })
        .collect();
    let holds = inquiry.silent || inquiry.holds(&counted);
    if !inquiry.leaves {
        *noted = now.clone();
    }
    if holds {
        return Ok(());
    }
    let moved: Vec<String> = counted
        .iter()
        .filter(|(name, count)| *count > 0 && inquiry.names().any(|asked| name.starts_with(asked)))
        .map(|(name, count)| format!("{name} {count}"))
        .collect();
    let found = if moved.is_empty() { "0".to_owned() } else { moved.join(", ") };
    Err(CommandFailure::Failed(format!("nstat: {found}")))
}
