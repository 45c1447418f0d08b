//! tshark's experts warn of nothing in our exports but what the lesson is about.

use super::{at_their_senders, common, stamped, tshark};
use std::collections::BTreeSet;
use wirewalk::capture::{self, EPOCH_NS, Export};
use wirewalk::lang::Lang;
use wirewalk::sim;

/// tshark's words for a RST.
const RESET: &str = "Connection reset (RST)";
/// Its words for what goes again so soon after three duplicate acknowledgments that it takes it for overtaken.
const OVERTAKEN: &str = "This frame is a (suspected) out-of-order segment";
/// Its words for a segment that an ICMP error quotes in part: it sums up what there is, also of what a real kernel quotes.
const QUOTED: &str = "Bad checksum [should be";
/// Its words for a receiver that tells of what came twice.
const TWICE: &str = "D-SACK Sequence";
/// Its words for a question that is asked again.
const ASKED_AGAIN: &str = "DNS query retransmission";

/// Its words for octets on a port whose usual protocol they do not speak: it goes by the convention, as the lesson's client does.
const BY_CONVENTION: &str = "nknown/invalid";

/// Its words for a window of 0.
const CLOSED: &str = "TCP Zero Window segment";
/// Its words for the segment after which the window is 0.
const FILLED: &str = "TCP window specified by the receiver is now completely full";

/// Its words for two hosts that answer for one address.
const TWO_ANSWER: &str = "Duplicate IP address configured";

/// Its words where a connection begins anew with the ports of one that it still believes in.
const UNSEEN: &str = "(common at capture start)";

/// The lessons that intend what tshark warns of.
const INTENDED: [(&str, &str); 50] = [
    ("initial-sequence-number", RESET),
    ("old-duplicate-syn", RESET),
    ("every-interface", RESET),
    ("arp-conflict", RESET),
    ("arp-conflict", TWO_ANSWER),
    ("path-mtu-black-hole", QUOTED),
    ("udp-reorder", OVERTAKEN),
    ("udp-reorder", TWICE),
    ("close-with-unread-data", RESET),
    ("connection-refused", RESET),
    ("address-as-two-arguments", RESET),
    ("socket-class-not-called", RESET),
    ("connect-ex", RESET),
    ("connect-without-waiting", RESET),
    ("send-after-peer-closed", RESET),
    ("crash-two-ways", RESET),
    ("linger-zero", RESET),
    ("default-ports", BY_CONVENTION),
    ("short-send", RESET),
    ("short-send", CLOSED),
    ("short-send", FILLED),
    ("deadlock-of-buffers", RESET),
    ("deadlock-of-buffers", CLOSED),
    ("deadlock-of-buffers", FILLED),
    ("backlog-full", RESET),
    ("keepalive-peer-rebooted", RESET),
    ("keepalive-peer-vanished", RESET),
    ("keepalive-two-hours", RESET),
    ("blind-reset", RESET),
    ("cubic-curve", OVERTAKEN),
    ("fast-retransmit", OVERTAKEN),
    ("sack", OVERTAKEN),
    ("sawtooth", OVERTAKEN),
    ("path-mtu", OVERTAKEN),
    ("path-mtu", QUOTED),
    ("path-mtu", TWICE),
    ("dns", ASKED_AGAIN),
    ("forged-data", RESET),
    ("hijack", RESET),
    ("hijack", TWICE),
    ("syn-into-connection", RESET),
    ("syn-into-connection", UNSEEN),
    ("lost-ack", TWICE),
    ("zero-window", FILLED),
    ("zero-window", CLOSED),
    ("lost-window-update", FILLED),
    ("lost-window-update", CLOSED),
    ("silly-window", FILLED),
    ("silly-window", CLOSED),
    ("time-wait-killed", RESET),
];

/// From this severity on it is a warning (0x600000) or an error (0x800000).
const WARNING: u32 = 0x60_0000;

#[test]
fn tshark_warns_of_what_the_lesson_is_about_and_of_nothing_else() {
    let mut wrong = Vec::new();
    for (name, plan) in common::builtin_plans() {
        let trace = sim::run(&plan, &sim::Options::default());
        // Without comments, which count as remarks of experts too.
        let frames = stamped(&at_their_senders(&trace));
        let fields = ["_ws.expert.severity", "_ws.expert.message"];
        let Some(seen) = tshark(&super::pcapng(&frames), &fields) else { return };
        let mut warned = BTreeSet::new();
        for (place, columns) in seen.iter().enumerate() {
            let severities = columns[0].split(',').filter_map(|severity| severity.parse::<u32>().ok());
            let warnings = severities.filter(|severity| *severity >= WARNING).count();
            let known: Vec<&str> = [
                RESET,
                OVERTAKEN,
                QUOTED,
                TWICE,
                ASKED_AGAIN,
                TWO_ANSWER,
                BY_CONVENTION,
                CLOSED,
                FILLED,
                UNSEEN,
            ]
            .into_iter()
            .filter(|words| columns[1].contains(words))
            .collect();
            if known.len() != warnings {
                wrong.push(format!("{name} packet {}: {columns:?}", place + 1));
            }
            warned.extend(known);
        }
        let intended: BTreeSet<&str> =
            INTENDED.iter().filter(|(lesson, _)| *lesson == name).map(|(_, words)| *words).collect();
        if warned != intended {
            wrong.push(format!("{name}: {warned:?}, intended {intended:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn stamps_count_from_the_year_2000_and_tell_the_lesson_s_own_time() {
    let (_, plan) =
        common::builtin_plans().into_iter().find(|(name, _)| *name == "four-way-close").expect("there");
    let trace = sim::run(&plan, &sim::Options::default());
    let mut file = Vec::new();
    capture::export(&trace, Lang::En, &mut file).expect("written");
    let survey = wirewalk::inspect::survey(file.as_slice()).expect("a capture");
    let frames = trace.frames();
    let last = frames.last().expect("frames").at.as_nanos();
    assert_eq!(survey.span, Some((EPOCH_NS + frames[0].at.as_nanos(), EPOCH_NS + last)));
    let Some(seen) = tshark(&file, &["frame.time_epoch", "frame.time_relative"]) else { return };
    assert!(
        seen[0][0].starts_with("946684800.") || seen[0][0].starts_with("2000-01-01T00:00:00"),
        "{:?}",
        seen[0]
    );
    assert!(seen.last().expect("packets")[1].starts_with("0.25"), "{:?}", seen.last());
}

#[test]
fn what_is_written_while_a_run_goes_on_is_the_same_to_the_last_octet() {
    for (name, plan) in common::builtin_plans() {
        let options = sim::Options::default();
        let mut whole = Vec::new();
        capture::export(&sim::run(&plan, &options), Lang::Zh, &mut whole).expect("written");
        let mut streamed = Export::new(&sim::meta(&plan, &options), Lang::Zh, Vec::new()).expect("begun");
        sim::run_into(&plan, &options, &mut streamed);
        let (streamed, packets) = streamed.finish().expect("written");
        assert!(streamed == whole, "{name}: {packets} packets");
    }
}
