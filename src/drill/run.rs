//! A script run from beginning to end, against the simulated stack or against this machine's kernel.

use super::model::{Files, Simulated};
use super::{Exam, Settings, Verdict};
use crate::clock::Span;
use crate::lang::Text;
use crate::packetdrill::Script;
use crate::scenario::{Limits, ProfileName};
use crate::trace::Trace;
use crate::world::Options;

/// Records of one simulated run, beyond which it is stopped.
const MOST_RECORDS: u64 = 400_000;
/// Frames of one simulated run.
const MOST_FRAMES: u64 = 200_000;
/// Octets that the records of one simulated run may hold.
const MOST_OCTETS: u64 = 128 << 20;

/// A run that is over.
pub struct Ran {
    /// What came of it.
    pub verdict: Verdict,
    /// When it was over, by the script's clock.
    pub ended: Span,
    /// What the script's code printed.
    pub printed: Vec<String>,
    /// What happened.
    pub trace: Trace,
    /// Packets that a kernel sent and nobody saw, for want of room: a run with any proves nothing.
    pub unseen: u32,
}

/// Runs it against the simulated stack, in virtual time, up to `until` at the latest; `files` reads the scripts that commands
/// name.
///
/// # Errors
/// What of the settings is not modelled.
pub fn simulate(
    script: &Script,
    settings: &Settings,
    profile: ProfileName,
    until: Span,
    files: Files,
) -> Result<Ran, String> {
    let limits = Limits {
        time: until + Span::secs(1),
        records: MOST_RECORDS,
        frames: MOST_FRAMES,
        octets: MOST_OCTETS,
    };
    let options = Options { profile: Some(profile), limits: Some(limits), ..Options::default() };
    let stack = Simulated::new(settings, &options, files)?;
    let over = Exam::new(script, settings.clone(), stack).until(until).examine();
    let mut trace = over.stack.into_trace();
    trace.meta.scenario.clone_from(&script.name);
    trace.meta.title = Text::new(&script.name, &script.name);
    Ok(Ran { verdict: over.verdict, ended: over.ended, printed: over.printed, trace, unseen: 0 })
}

/// Runs it against this machine's kernel, in real time, up to `until` at the latest; its commands run in `folder`. To be called on
/// a thread of its own, which ends up in a network namespace that ends with it, after [`crate::live::enter`].
///
/// # Errors
/// Where namespaces or TUN are not to be had.
#[cfg(target_os = "linux")]
pub fn examine_kernel(
    script: &Script,
    settings: &Settings,
    until: Span,
    folder: std::path::PathBuf,
) -> std::io::Result<Ran> {
    let kernel = super::witness::Witness::of(super::Kernel::around(settings, folder)?);
    let mut over = Exam::new(script, settings.clone(), kernel).until(until).examine();
    over.stack.look();
    let unseen = over.stack.stack().unseen();
    let trace = over.stack.into_trace(settings, &crate::live::kernel_release(), &script.name);
    Ok(Ran { verdict: over.verdict, ended: over.ended, printed: over.printed, trace, unseen })
}
