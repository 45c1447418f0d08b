//! What is said of each segment, held against two who know: the simulated sender's own reason, and tshark's analysis.

use super::{Frames, at_their_senders, common, pcapng, stamped, tshark};
use std::collections::{BTreeMap, BTreeSet};
use wirewalk::capture::EPOCH_NS;
use wirewalk::host::Reason;
use wirewalk::inspect::{Choice, Finding, rebuild};
use wirewalk::link::HostId;
use wirewalk::sim;
use wirewalk::tcp::Reason as Why;
use wirewalk::trace::Trace;

/// A lesson, captured.
struct Lesson {
    name: &'static str,
    /// Why each frame was sent, by its sender.
    whys: Vec<Option<Reason>>,
    /// What is found of each frame by who sees only the frames.
    found: Vec<Option<Finding>>,
    file: Vec<u8>,
}

fn lessons() -> Vec<Lesson> {
    let mut lessons = Vec::new();
    for (name, plan) in common::builtin_plans() {
        let trace = sim::run(&plan, &sim::Options::default());
        let frames = at_their_senders(&trace);
        let file = pcapng(&stamped(&frames));
        let found = rebuild(file.as_slice(), name, Choice::All).expect("a capture").findings;
        let whys = frames.iter().map(|frame| frame.why.cloned()).collect();
        lessons.push(Lesson { name, whys, found, file });
    }
    lessons
}

/// What may be found of a segment that its sender sent for this reason.
fn may_be_found(why: Why) -> &'static [Option<Finding>] {
    use Finding::*;
    match why {
        Why::FastRetransmit | Why::RetransmitHole | Why::RetransmitPartial | Why::RetransmitLost => {
            // With fewer than three duplicate acknowledgments, as SACK and RACK allow, nothing tells why.
            &[Some(FastRetransmission), Some(Retransmission), Some(UnseenOriginal)]
        }
        Why::RetransmitData | Why::RetransmitFin | Why::RetransmitSyn | Why::RetransmitSynAck => {
            &[Some(Timeout)]
        }
        Why::RepeatSynAck => &[Some(Timeout), Some(Retransmission)],
        Why::ProbeTail => &[Some(Retransmission), Some(Timeout)],
        Why::ProbeKeepalive => &[Some(Keepalive)],
        Why::ProbeWindow => &[Some(WindowProbe)],
        // While text of the answering side is under way it looks like one, and RFC 5681 section 2 counts it as one.
        Why::AckOutOfOrder | Why::ChallengeAck => &[Some(DuplicateAck), None],
        Why::ResetNoConnection
        | Why::ResetUnreadData
        | Why::ResetAbort
        | Why::ResetKeepalive
        | Why::ResetListenerClosed
        | Why::ResetDataAfterClose => &[Some(Reset)],
        Why::SendData => &[None, Some(WindowFull), Some(WindowProbe)],
        Why::AckData | Why::AckSecondSegment | Why::AckDelayed => &[None, Some(ZeroWindow)],
        _ => &[None],
    }
}

/// Where what is found is not what the sender meant, and why.
const NOT_AS_MEANT: [(&str, &str, &str); 11] = [
    // Beyond any capture: the forger's segments bear the client's addresses and fit its numbers.
    ("hijack", "SendData", "Spurious"),
    ("hijack", "RetransmitData", "Spurious"),
    // Beyond a capture at the other end: what was lost on the way had passed there, and its sender cannot know of it.
    ("lost-ack", "RetransmitData", "Spurious"),
    ("lost-window-update", "ProbeWindow", "Keepalive"),
    // Within reach: the segment of a life before has timestamps that are too old (RFC 7323 section 5), which are not read here.
    ("old-segment-paws", "SendData", "Retransmission"),
    ("old-segment-paws", "AckUnacceptable", "DuplicateAck"),
    // Within reach: a SYN is taken to begin a connection before its answer, a challenge ACK, shows that the old one goes on.
    ("syn-into-connection", "SendData", "Retransmission"),
    ("syn-into-connection", "ResetSynSentAck", "Reset"),
    ("syn-into-connection", "RetransmitSyn", "Retransmission"),
    ("syn-into-connection", "AnswerSyn", "AfterGap"),
    ("syn-into-connection", "CompleteHandshake", "AckOfUnseen"),
];

#[test]
fn what_is_found_agrees_with_what_the_sender_meant() {
    let mut compared: BTreeMap<String, usize> = BTreeMap::new();
    let mut wrong = Vec::new();
    let mut known_ones: BTreeSet<&(&str, &str, &str)> = BTreeSet::new();
    for Lesson { name, whys, found, .. } in lessons() {
        assert_eq!(whys.len(), found.len(), "{name}");
        for (place, (why, found)) in whys.iter().zip(&found).enumerate() {
            let Some(Reason::Tcp(why)) = why else { continue };
            let allowed = may_be_found(*why);
            let known = NOT_AS_MEANT.iter().find(|(lesson, meant, seen)| {
                (*lesson, *meant) == (name, &*format!("{why:?}"))
                    && format!("{found:?}") == format!("Some({seen})")
            });
            if !allowed.contains(found) && known.is_some() {
                known_ones.extend(known);
            } else if !allowed.contains(found) {
                wrong.push(format!("{name} packet {}: {why:?} is called {found:?}", place + 1));
            }
            *compared.entry(format!("{why:?} {found:?}")).or_default() += 1;
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!(known_ones.len(), NOT_AS_MEANT.len(), "only these were seen: {known_ones:?}");
    let count = |what: &str| compared.get(what).copied().unwrap_or(0);
    assert!(count("RetransmitHole Some(FastRetransmission)") > 50, "{compared:?}");
    assert!(count("RetransmitData Some(Timeout)") >= 4 && count("ProbeKeepalive Some(Keepalive)") > 10);
    assert!(count("AckOutOfOrder Some(DuplicateAck)") > 10 * count("AckOutOfOrder None"), "{compared:?}");
}

/// What a host's card sends and what comes to it, in the order of the times there, and why it was sent first of all.
fn at_the_card_of<'a>(trace: &'a Trace, host: &str) -> (Frames, Vec<Option<&'a Reason>>) {
    let host = trace.meta.hosts.iter().position(|one| one.name == host).expect("that host");
    let is_here = |one: Option<HostId>| one.is_some_and(|one| one.index() == host);
    let frames = trace.frames();
    let passed_on = trace.passed_on_from(&frames);
    let mut seen = Vec::new();
    for (place, frame) in frames.iter().enumerate() {
        let here = match frame.arrival() {
            _ if is_here(frame.from) => Some(frame.at),
            arrival => arrival.filter(|arrival| is_here(arrival.host)).map(|arrival| arrival.at),
        };
        let mut first = place;
        while let Some(before) = passed_on[first] {
            first = before;
        }
        seen.extend(here.map(|at| ((EPOCH_NS + at.as_nanos(), frame.bytes.clone()), frames[first].why)));
    }
    seen.sort_by_key(|((at, _), _)| *at);
    seen.into_iter().unzip()
}

#[test]
fn behind_a_long_queue_a_fast_retransmission_is_told_at_both_ends() {
    let (_, plan) =
        common::builtin_plans().into_iter().find(|(name, _)| *name == "bufferbloat").expect("it is there");
    let trace = sim::run(&plan, &sim::Options::default());
    for host in ["client", "server"] {
        let (frames, whys) = at_the_card_of(&trace, host);
        let found = rebuild(pcapng(&frames).as_slice(), "card", Choice::All).expect("a capture").findings;
        let mut repaired = 0;
        for (why, found) in whys.iter().zip(&found) {
            let Some(Reason::Tcp(why @ (Why::FastRetransmit | Why::RetransmitHole))) = why else { continue };
            repaired += 1;
            // What the queue dropped never came to the server: there it can only fill a gap.
            let expected = match host {
                "client" => Finding::FastRetransmission,
                _ => Finding::UnseenOriginal,
            };
            assert_eq!(*found, Some(expected), "{why:?} at the {host}");
        }
        assert!(repaired >= 4, "{repaired} at the {host}");
        assert_eq!(
            found.iter().filter(|found| **found == Some(Finding::Timeout)).count(),
            0,
            "at the {host}"
        );
    }
}

/// Flags of tshark's analysis that name something that we name too.
const FLAGS: [&str; 12] = [
    "tcp.analysis.retransmission",
    "tcp.analysis.fast_retransmission",
    "tcp.analysis.spurious_retransmission",
    "tcp.analysis.out_of_order",
    "tcp.analysis.lost_segment",
    "tcp.analysis.ack_lost_segment",
    "tcp.analysis.keep_alive",
    "tcp.analysis.duplicate_ack",
    "tcp.analysis.zero_window",
    "tcp.analysis.zero_window_probe",
    "tcp.analysis.window_full",
    "tcp.flags.reset",
];

/// Where the two differ, why. The rest must be the same.
fn explained(name: &str, found: Option<Finding>, theirs: &[&str]) -> Option<&'static str> {
    use Finding::*;
    if found != Some(ZeroWindow) && theirs.contains(&"zero_window") {
        let rest: Vec<&str> = theirs.iter().copied().filter(|one| *one != "zero_window").collect();
        let rest_is_told = same(found, &rest) || explained(name, found, &rest).is_some();
        return rest_is_told
            .then_some("we tell of a window when it closes; tshark marks all that say it is closed");
    }
    Some(match (found, theirs) {
        (Some(WindowProbe), ["keep_alive"]) => {
            "the kernel's probe of a closed window is the segment of a keepalive; we know that the window is closed"
        }
        (Some(Retransmission | FastRetransmission | Timeout), ["retransmission"]) => {
            "we tell from silence and duplicate acknowledgments why it goes again; tshark calls it fast only within 20 ms \
             of the last duplicate"
        }
        (Some(FastRetransmission), ["out_of_order"]) => {
            "within 3 ms tshark takes what was seen and asked for three times for overtaken"
        }
        (Some(Retransmission), ["out_of_order"]) if name == "path-mtu" => {
            "a router's ICMP asked for it in smaller pieces; tshark takes what goes again within 3 ms for overtaken"
        }
        (Some(Retransmission), ["out_of_order"]) if name == "udp-reorder" => {
            "a SACK asked for it: tshark takes what goes again so soon after for overtaken"
        }
        (None, ["duplicate_ack"]) if ["udp-reorder", "lost-ack"].contains(&name) => {
            "an ACK with a duplicate block (RFC 2883) tells of what came twice, not of what is missing"
        }
        (Some(Spurious), ["retransmission"]) => {
            "tshark looks for spurious ones among data of a known window only"
        }
        (None, ["duplicate_ack"]) if ["lost-last-ack", "time-wait-killed", "hijack"].contains(&name) => {
            "the answer to a segment that is old, or taken for old, while nothing is under way: it asks for nothing"
        }
        (Some(DuplicateAck), []) if name == "hijack" => {
            "the forged segment has moved the number that tshark expects of the client, and it counts no ACK below that"
        }
        (None, ["duplicate_ack"]) if ["blind-reset", "defer-accept"].contains(&name) => {
            "a challenge acknowledgment while nothing is under way asks for nothing: RFC 5681 section 2 does not count it"
        }
        (None, ["retransmission"]) if name == "blind-reset" => {
            "to tshark a forged RST moves what is expected next, though no receiver believed it"
        }
        _ => return None,
    })
}

fn same(found: Option<Finding>, theirs: &[&str]) -> bool {
    use Finding::*;
    match found {
        None => theirs.is_empty(),
        Some(Retransmission | Timeout | UnseenOriginal) => false,
        Some(FastRetransmission) => theirs == ["retransmission", "fast_retransmission"],
        Some(Spurious) => theirs == ["retransmission", "spurious_retransmission"],
        Some(OutOfOrder) => theirs == ["out_of_order"],
        Some(DuplicateAck) => theirs == ["duplicate_ack"],
        Some(AckOfUnseen) => theirs == ["ack_lost_segment"],
        Some(ZeroWindow) => theirs == ["zero_window"],
        Some(WindowFull) => theirs == ["window_full"],
        Some(WindowProbe) => theirs == ["zero_window_probe"],
        Some(Keepalive) => theirs == ["keep_alive"],
        Some(Reset) => theirs == ["reset"],
        Some(AfterGap) => theirs == ["lost_segment"],
    }
}

#[test]
fn what_tshark_finds_is_the_same_or_the_difference_is_explained() {
    let (mut agreed, mut reasons) = (0, BTreeSet::new());
    let mut wrong = Vec::new();
    for Lesson { name, found, file, .. } in lessons() {
        let Some(seen) = tshark(&file, &FLAGS) else { return };
        assert_eq!(seen.len(), found.len(), "{name}");
        for (place, (columns, found)) in seen.iter().zip(&found).enumerate() {
            let set = |column: &String| !["", "0", "False"].contains(&column.as_str());
            let short = |flag: &&'static str| flag.rsplit('.').next().unwrap_or(flag);
            let theirs: Vec<&str> = FLAGS
                .iter()
                .zip(columns)
                .filter(|(_, column)| set(column))
                .map(|(flag, _)| short(flag))
                .collect();
            if same(*found, &theirs) {
                agreed += usize::from(found.is_some());
                continue;
            }
            let why = explained(name, *found, &theirs);
            if why.is_none() {
                wrong.push(format!("{name} packet {}: {found:?}, tshark {theirs:?}", place + 1));
            }
            reasons.extend(why);
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(agreed > 500 && reasons.len() >= 3, "{agreed} agreed, {reasons:?}");
}
