//! What the classifier tells from outside agrees with what the simulated stacks say they meant: the stacks' reasons are
//! taken away, and what is guessed from flags and numbers must be a name for the same thing.

mod common;

use std::collections::BTreeMap;
use wirewalk::capture::{Classifier, Purpose};
use wirewalk::host::Reason;
use wirewalk::link::{Fault, FaultEffect};
use wirewalk::scenario::ProfileName;
use wirewalk::sim;
use wirewalk::tcp;
use wirewalk::trace::Trace;

/// Whether someone who sees only the wire may call a segment so that was sent for this reason.
fn agrees(why: tcp::Reason, purpose: &Purpose) -> bool {
    use Purpose::*;
    use tcp::Reason as R;
    match why {
        R::OpenActively | R::OpenAskingCookie | R::OpenWithData => {
            matches!(purpose, Opens { .. } | OpensAtOnce { .. })
        }
        R::AnswerSyn | R::AnswerWithCookie | R::AnswerSynGranting | R::AnswerSynEarly => {
            matches!(purpose, AnswersSyn { .. } | RepeatsSynAck { .. })
        }
        R::AnswerCrossedSyn => matches!(purpose, AnswersCrossedSyn { .. }),
        R::CompleteHandshake => matches!(purpose, CompletesHandshake { .. } | RepeatsAck),
        R::SendData | R::ProbeMtu => matches!(purpose, Carries { .. }),
        R::SendFin | R::SendDataAndFin => matches!(purpose, Closes { .. }),
        // A FIN may have come with the data.
        R::AckData | R::AckSecondSegment | R::AckDelayed => {
            matches!(purpose, Acknowledges { .. } | AcknowledgesFin { .. })
        }
        R::AckFin => matches!(purpose, AcknowledgesFin { .. } | AnswersRepeated { .. }),
        R::AckDuplicate => matches!(purpose, AnswersRepeated { .. } | AnswersProbe { .. } | RepeatsAck),
        R::AckUnacceptable => matches!(purpose, AnswersProbe { .. } | AnswersRepeated { .. } | RepeatsAck),
        R::AckInTimeWait => matches!(purpose, AnswersRepeated { .. } | RepeatsAck | AcknowledgesFin { .. }),
        R::AckWindowUpdate => matches!(purpose, UpdatesWindow { .. } | Acknowledges { .. }),
        R::AckProbeOfWindow => matches!(purpose, AnswersProbe { .. }),
        R::RetransmitSynText => matches!(purpose, RepeatsData { .. }),
        R::RetransmitSyn => matches!(purpose, RepeatsSyn { .. }),
        R::RetransmitSynAck | R::RepeatSynAck => matches!(purpose, RepeatsSynAck { .. }),
        R::RetransmitData
        | R::RetransmitLost
        | R::FastRetransmit
        | R::RetransmitPartial
        | R::RetransmitHole
        | R::RetransmitRescue
        | R::ProbeTail => {
            matches!(purpose, RepeatsData { .. } | RepeatsFin { .. })
        }
        R::RetransmitFin => matches!(purpose, RepeatsFin { .. }),
        // The window may have been opened by an update that was lost further on: then it looks like a keepalive.
        R::ProbeWindow => matches!(purpose, ProbesWindow | Keepalive),
        R::ProbeKeepalive => matches!(purpose, Keepalive),
        R::ResetNoConnection | R::ResetBadCookie => matches!(purpose, Refuses { .. } | Rejects { .. }),
        R::ResetUnreadData | R::ResetAbort | R::ResetKeepalive | R::ResetListenerClosed => {
            matches!(purpose, Aborts)
        }
        R::ResetDataAfterClose => matches!(purpose, Rejects { .. } | Aborts),
        R::AckOutOfOrder | R::AckCompressed | R::AckNoMemory => {
            // It also says what a delayed acknowledgment was still to say, and what the user has read meanwhile.
            matches!(
                purpose,
                RepeatsAck | AnswersRepeated { .. } | Acknowledges { .. } | UpdatesWindow { .. }
            )
        }
        R::AckGapFilled => matches!(purpose, Acknowledges { .. } | AcknowledgesFin { .. }),
        R::ChallengeSyn | R::ChallengeReset | R::ChallengeAck => {
            matches!(
                purpose,
                // It also says what a delayed acknowledgment was still to say.
                RepeatsAck
                    | AnswersRepeated { .. }
                    | AnswersProbe { .. }
                    | UpdatesWindow { .. }
                    | Acknowledges { .. }
            )
        }
        R::ResetListenAck | R::ResetSynSentAck | R::ResetSynReceivedAck | R::ResetSynReceivedSyn => {
            matches!(purpose, Refuses { .. } | Rejects { .. } | Aborts)
        }
        R::ResetOverflow => matches!(purpose, Rejects { .. } | Aborts),
        // The rest is never a reason to send.
        other => panic!("what may {other:?} be called? It was called {purpose:?}"),
    }
}

/// Where somebody forged segments that fit: whether this one may seem to say nothing new, since the forger has said it
/// in this side's name.
fn was_said_before(why: tcp::Reason, purpose: &Purpose) -> bool {
    use tcp::Reason as R;
    match purpose {
        Purpose::RepeatsData { .. } => why == R::SendData,
        Purpose::UpdatesWindow { .. } | Purpose::RepeatsAck => why == R::AckDelayed,
        // What was said before lies above a hole.
        Purpose::AcknowledgesFin { .. } => why == R::AckDuplicate,
        _ => false,
    }
}

/// Compares them over one trace; adds up how often each reason came.
fn compare(name: &str, trace: &Trace, seen: &mut BTreeMap<String, usize>) {
    let mut classifier = Classifier::new();
    let mut forged = false;
    for frame in trace.frames() {
        let purpose = classifier.see(&frame);
        assert!(!matches!(purpose, Purpose::Unreadable(_) | Purpose::Other), "{name} {}", frame.number);
        forged |= frame.why == Some(&Reason::ByHand);
        if let Some(Reason::Tcp(why)) = frame.why {
            let agreed = agrees(*why, &purpose) || forged && was_said_before(*why, &purpose);
            assert!(agreed, "{name}, frame {}: {why:?} was called {purpose:?}", frame.number);
            *seen.entry(format!("{why:?}")).or_default() += 1;
        }
    }
}

/// What is lost on the way, one run each.
const DROPS: [&str; 8] = ["S #1", "SA #1", "A #1", "data #1", "A #2", "FA #1", "data #2", "#3-5"];

#[test]
fn guesses_agree_with_what_the_stacks_meant() {
    let mut seen = BTreeMap::new();
    for (name, plan) in common::builtin_plans() {
        compare(name, &sim::run(&plan, &sim::Options::default()), &mut seen);
        let profile = Some(ProfileName::Rfc9293);
        compare(name, &sim::run(&plan, &sim::Options { profile, ..Default::default() }), &mut seen);
        // Floods take long and show no more.
        let drops = if name.contains("flood") { &[][..] } else { &DROPS[..] };
        for drop in drops {
            let Ok(pattern) = plan.pattern(&format!("* > * {drop}")) else { panic!("{drop}") };
            let fault = Fault { pattern, effect: FaultEffect::Drop, per_million: 1_000_000 };
            let options = sim::Options { faults: vec![fault], ..Default::default() };
            compare(&format!("{name} without {drop}"), &sim::run(&plan, &options), &mut seen);
        }
    }
    assert!(seen.len() >= 20, "only these reasons were tried: {seen:?}");
}
