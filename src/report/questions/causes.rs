//! Why a frame was sent, lost or dropped: the engine's own reason among others.

use super::{Examiner, Found, Kind};
use crate::host::Reason;
use crate::lang::{Lang, Text};
use crate::link::FramePattern;
use crate::report::judge::matching;
use crate::scenario::Cause;
use crate::trace::{Event, Fate, RecordId, Trace};
use crate::{link, tcp};

/// How far in the table of reasons those stand that are like one another.
const LIKE: usize = 5;

/// The cause as the engine recorded it.
pub(super) struct Known {
    pub(super) found: Found,
    /// The record that shows it as the run goes by.
    pub(super) record: RecordId,
}

/// The cause of what became of the first frame of the pattern of which there is one.
pub(super) fn cause(examiner: &Examiner<'_>, pattern: FramePattern, cause: Cause) -> Result<Known, Text> {
    let frames = matching(&examiner.seen, pattern);
    if frames.is_empty() {
        return Err(Text::new("such a frame was never sent", "从未发送过这样的帧"));
    }
    let known = frames.iter().find_map(|seen| {
        let frame = &seen.frame;
        match cause {
            Cause::Sent => frame.why.map(|why| (frame.record.id, why)),
            Cause::Lost => frame.fates.iter().find_map(|fate| match fate {
                Fate::Lost { record, why } => Some((record.id, *why)),
                Fate::Arrived { .. } => None,
            }),
            Cause::Dropped => dropped(examiner.trace, frame.record.id),
        }
    });
    let Some((record, why)) = known else {
        return Err(match cause {
            Cause::Sent => Text::new("it is not known why it was sent", "不知道它为什么发出"),
            Cause::Lost => Text::new("no such frame was lost", "这样的帧没有丢失"),
            Cause::Dropped => Text::new("nobody dropped such a frame", "这样的帧没有被丢弃"),
        });
    };
    let found = Found {
        right: vec![sentence(why)],
        kind: Kind::Word,
        others: others(examiner.trace, why, cause),
        proof: Some(record),
    };
    Ok(Known { found, record })
}

/// The record by which the receiver of that frame dropped it.
fn dropped(trace: &Trace, sent: RecordId) -> Option<(RecordId, &Reason)> {
    trace.records.iter().find_map(|record| match &record.event {
        Event::FrameDropped { arrived, why } => {
            let of = &trace.record(*arrived).event;
            matches!(of, Event::FrameArrived { sent: own, .. } if *own == sent).then_some((record.id, why))
        }
        _ => None,
    })
}

/// The reason in both languages.
pub(super) fn sentence(why: &Reason) -> Text {
    Text::new(why.sentence(Lang::En), why.sentence(Lang::Zh))
}

/// Other reasons: those of the same sort in the same run, those that stand near it in the table, then any of the run.
fn others(trace: &Trace, right: &Reason, cause: Cause) -> Vec<Text> {
    let of_run = trace.records.iter().filter_map(|record| match &record.event {
        Event::FrameSent { why: Some(why), .. } => Some((Cause::Sent, why)),
        Event::FrameLost { why, .. } => Some((Cause::Lost, why)),
        Event::FrameDropped { why, .. } => Some((Cause::Dropped, why)),
        _ => None,
    });
    let (same, different): (Vec<_>, Vec<_>) = of_run.partition(|(of, _)| *of == cause);
    let run = |reasons: Vec<(Cause, &Reason)>| -> Vec<Text> {
        reasons.into_iter().map(|(_, why)| sentence(why)).collect()
    };
    let mut found: Vec<Text> = Vec::new();
    let table = table(right, cause);
    let (same, different) = (run(same), run(different));
    // Two of the run at first, so that the table has its say too.
    let mut first: Vec<Text> = Vec::new();
    for text in same {
        if !first.contains(&text) && text != sentence(right) {
            first.push(text);
        }
    }
    let rest = first.split_off(first.len().min(2));
    for text in first.into_iter().chain(table).chain(rest).chain(different) {
        if !found.contains(&text) {
            found.push(text);
        }
    }
    found
}

/// Reasons that might have been, whatever happened in the run.
fn table(right: &Reason, cause: Cause) -> Vec<Text> {
    let place = match right {
        Reason::Tcp(right) => tcp::Reason::ALL.iter().position(|reason| reason == right),
        _ => None,
    };
    let Some(place) = place else { return elsewhere(cause) };
    let mut near: Vec<(usize, tcp::Reason)> = tcp::Reason::ALL
        .iter()
        .enumerate()
        .map(|(at, reason)| (at.abs_diff(place), *reason))
        .filter(|(apart, _)| (1..=LIKE).contains(apart))
        .collect();
    near.sort_by_key(|(apart, _)| *apart);
    near.into_iter().map(|(_, reason)| sentence(&Reason::Tcp(reason))).collect()
}

/// Reasons of other layers than TCP have no table: some that learners may take for the cause.
fn elsewhere(cause: Cause) -> Vec<Text> {
    let reasons: Vec<Reason> = match cause {
        Cause::Sent => [
            tcp::Reason::SendData,
            tcp::Reason::RetransmitData,
            tcp::Reason::ProbeKeepalive,
            tcp::Reason::ResetNoConnection,
        ]
        .map(Reason::Tcp)
        .to_vec(),
        Cause::Lost => vec![
            Reason::Link(link::Reason::QueueFull { limit: 100 }),
            Reason::Link(link::Reason::NoCarrier),
            Reason::Link(link::Reason::LossyLink { per_million: 200_000 }),
            Reason::Tcp(tcp::Reason::DropBufferFull),
        ],
        Cause::Dropped => [
            tcp::Reason::DropChecksum,
            tcp::Reason::DropBufferFull,
            tcp::Reason::DropOutsideWindow,
            tcp::Reason::DropReset,
        ]
        .map(Reason::Tcp)
        .to_vec(),
    };
    reasons.iter().map(sentence).collect()
}
