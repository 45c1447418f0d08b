//! Captures read: every scenario's own export gives back what the simulator did; files of other tools, broken files.

mod common;

use std::io::Cursor;
use std::path::Path;
use std::process::{Command, Output};
use wirewalk::capture;
use wirewalk::host::Reason;
use wirewalk::inspect::{Choice, rebuild, survey};
use wirewalk::lang::Lang;
use wirewalk::sim;
use wirewalk::tcp::State;
use wirewalk::trace::{Event, Protocol, Record, Trace};
use wirewalk::view::{Look, VIEWS, render};

fn exported(trace: &Trace) -> Vec<u8> {
    let mut file = Vec::new();
    capture::export(trace, Lang::En, &mut file).expect("written");
    file
}

/// The states that an endpoint with these ends went through, as one path for each time it came to be.
fn path(trace: &Trace, local: &str, remote: &str) -> Vec<State> {
    let mut states = Vec::new();
    for record in &trace.records {
        let Event::StateChanged { endpoint, to, .. } = record.event else { continue };
        let info = trace.endpoint(endpoint);
        if info.local.to_string() == local && info.remote.is_some_and(|end| end.to_string() == remote) {
            states.push(to);
        }
    }
    states
}

/// States that an endpoint was seen in, by what it sent itself.
fn seen(trace: &Trace, local: &str) -> Vec<State> {
    let mut states = Vec::new();
    for (place, record) in trace.records.iter().enumerate() {
        let Event::StateChanged { endpoint, to, .. } = record.event else { continue };
        let inferred = matches!(trace.records.get(place + 1).map(|r| &r.event), Some(Event::Noted { .. }));
        if trace.endpoint(endpoint).local.to_string() == local && !inferred {
            states.push(to);
        }
    }
    states
}

fn is_part_of(part: &[State], whole: &[State]) -> bool {
    let mut rest = whole.iter();
    part.iter().all(|state| rest.any(|other| other == state))
}

#[test]
fn every_scenario_s_export_gives_back_its_connections_and_states() {
    let (mut compared, mut crossed) = (0, 0);
    for (name, plan) in common::builtin_plans() {
        let trace = sim::run(&plan, &sim::Options::default());
        let file = exported(&trace);
        let survey = survey(file.as_slice()).expect("it is a capture");
        assert_eq!(survey.broken, None, "{name}");
        assert_eq!(survey.packets as usize, trace.frames().len(), "{name}");
        // Of what is made by hand, a forger's or a rebooted host's, no simulated end was the sender.
        let by_hand =
            |record: &Record| matches!(record.event, Event::FrameSent { why: Some(Reason::ByHand), .. });
        let forged = trace.records.iter().any(by_hand);
        for connection in survey.connections.iter().take(20) {
            let rebuilt = rebuild(file.as_slice(), name, Choice::Connection(connection.number));
            let rebuilt = rebuilt.expect("it is there").trace;
            let frames: u64 = connection.halves.iter().map(|half| half.frames).sum();
            assert_eq!(rebuilt.frames().len() as u64, frames, "{name}");
            if connection.number == 1 {
                for (view, lang) in VIEWS.iter().zip([Lang::En, Lang::Zh].into_iter().cycle()) {
                    let look = Look { lang, ..Look::default() };
                    assert!(!render(view.name, &rebuilt, &look).is_empty(), "{name} {}", view.key);
                }
            }
            if connection.protocol == Protocol::Udp || forged {
                continue;
            }
            let [one, other] = connection.ends.map(|end| end.to_string());
            for (local, remote) in [(&one, &other), (&other, &one)] {
                let simulated = path(&trace, local, remote);
                let mut shown = seen(&rebuilt, local);
                if simulated.first() == Some(&State::Established) {
                    // From outside a SYN cookie is a SYN-ACK like any other.
                    shown.retain(|state| *state != State::SynReceived);
                }
                if !simulated.contains(&State::Closed) && shown.last() == Some(&State::Closed) {
                    // A host that forgot everything crossed no edge, yet its RST shows that it is closed.
                    shown.pop();
                }
                assert!(
                    is_part_of(&shown, &simulated),
                    "{name} connection {} at {local}: {shown:?} is not part of {simulated:?}",
                    connection.number
                );
                compared += 1;
                crossed += shown.len();
            }
        }
    }
    assert!(compared > 60 && crossed > 200, "{compared} ends, {crossed} crossings");
}

#[test]
fn all_frames_of_a_capture_are_a_trace_too() {
    for (name, plan) in common::builtin_plans() {
        let trace = sim::run(&plan, &sim::Options::default());
        let all = rebuild(exported(&trace).as_slice(), name, Choice::All).expect("it is a capture");
        let left_out = (all.beyond + all.hops + all.without_address) as usize;
        assert_eq!(all.trace.frames().len() + left_out, trace.frames().len(), "{name}");
        let (shown, frames) = (all.trace.frames(), trace.frames());
        let began = frames.first().map(|frame| frame.at).unwrap_or_default();
        let mut shown = shown.iter().map(|frame| (frame.at.as_nanos(), frame.bytes)).peekable();
        for (frame, from) in frames.iter().zip(trace.passed_on_from(&frames)) {
            // What is not shown was passed on, and shown as its maker sent it; or it is the copy of a broadcast that its maker
            // keeps.
            let this = (frame.at.since(began).as_nanos(), frame.bytes);
            if shown.next_if(|next| *next == this).is_none() {
                let kept = frame.to.is_some() && frame.to == frame.from;
                assert!(from.is_some() || kept || all.without_address > 0, "{name}: frame {}", frame.number);
            }
        }
        assert_eq!(shown.next(), None, "{name}");
    }
}

#[test]
fn a_capture_cut_at_any_octet_shows_what_came_before() {
    let (_, plan) = common::builtin_plans().swap_remove(0);
    let file = exported(&sim::run(&plan, &sim::Options::default()));
    for len in 0..file.len() {
        match survey(&file[..len]) {
            Ok(survey) => assert!(survey.packets <= file.len() as u64 / 60),
            Err(broken) => assert!(broken.at <= len as u64),
        }
        let _ = rebuild(&file[..len], "cut", Choice::All);
        let _ = rebuild(Cursor::new(&file[..len]), "cut", Choice::Connection(1));
    }
}

fn wirewalk(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wirewalk"));
    command.args(arguments).env("LC_ALL", "en_US.UTF-8").env_remove("NO_COLOR").output().expect("it runs")
}

fn text(octets: &[u8]) -> String {
    String::from_utf8(octets.to_vec()).expect("UTF-8")
}

fn export_to(folder: &Path, scenario: &str) -> String {
    let path = folder.join(format!("{scenario}.pcapng")).to_str().expect("a plain name").to_owned();
    let written = wirewalk(&["export", scenario, "--format", "pcapng", "-o", &path]);
    assert_eq!(written.status.code(), Some(0), "{}", text(&written.stderr));
    path
}

#[test]
fn the_command_lists_draws_and_walks_in_both_languages() {
    let folder = tempfile::tempdir().expect("a scratch folder");
    let file = export_to(folder.path(), "four-way-close");
    let listed = text(&wirewalk(&["inspect", &file]).stdout);
    assert!(listed.contains("TIME-WAIT / CLOSED?"), "{listed}");
    let chinese = text(&wirewalk(&["inspect", &file, "--lang", "zh"]).stdout);
    assert!(chinese.contains("? 为推断"), "{chinese}");
    let drawn = text(&wirewalk(&["inspect", &file, "--connection", "1"]).stdout);
    assert!(drawn.contains("FIN-WAIT-1"), "{drawn}");
    let document = wirewalk(&["inspect", &file, "--json"]);
    let document: serde_json::Value = serde_json::from_slice(&document.stdout).expect("one JSON document");
    assert_eq!(document["connections"][0]["ends"][1]["certainty"], "inferred");
    assert_eq!(document["connections"][0]["handshake"], "whole");
    let trace = wirewalk(&["inspect", &file, "--connection", "1", "--json"]);
    let trace: serde_json::Value = serde_json::from_slice(&trace.stdout).expect("one JSON document");
    assert_eq!(trace["source"]["kind"], "captured");
    let walked = wirewalk(&["inspect", &file, "--step"]);
    assert_eq!(walked.status.code(), Some(0));
    assert!(text(&walked.stdout).contains("[1/"));
    assert_eq!(wirewalk(&["inspect", &file, "--connection", "2"]).status.code(), Some(2));
}

#[test]
fn a_broken_file_is_exit_2_with_the_place_and_what_could_be_read() {
    let folder = tempfile::tempdir().expect("a scratch folder");
    let file = export_to(folder.path(), "four-way-close");
    let octets = std::fs::read(&file).expect("read");
    std::fs::write(&file, &octets[..octets.len() - 10]).expect("written");
    for more in [&[][..], &["--view", "log"], &["--lang", "zh"]] {
        let output = wirewalk(&[&["inspect", &file], more].concat());
        assert_eq!(output.status.code(), Some(2));
        assert!(text(&output.stderr).contains(&file), "{}", text(&output.stderr));
        assert!(text(&output.stdout).contains("10.0.0.1"), "{}", text(&output.stdout));
    }
    std::fs::write(&file, "no capture at all").expect("written");
    let output = wirewalk(&["inspect", &file]);
    assert_eq!(output.status.code(), Some(2));
    assert!(output.stdout.is_empty() && text(&output.stderr).contains("6e 6f 20 63"));
}

/// Whether a tool of Wireshark's is there; in CI it has to be.
fn there(tool: &str) -> bool {
    let there = Command::new(tool).arg("--version").output().is_ok();
    assert!(there || std::env::var_os("CI").is_none(), "CI needs {tool}");
    if !there {
        eprintln!("skipped: there is no {tool}");
    }
    there
}

#[test]
fn files_that_editcap_writes_give_the_same_connections() {
    if !there("editcap") {
        return;
    }
    let folder = tempfile::tempdir().expect("a scratch folder");
    let file = export_to(folder.path(), "sack");
    let connections = |path: &str| {
        let document = wirewalk(&["inspect", path, "--json"]);
        assert_eq!(document.status.code(), Some(0), "{}", text(&document.stderr));
        let mut document: serde_json::Value = serde_json::from_slice(&document.stdout).expect("JSON");
        document["connections"].take()
    };
    let own = connections(&file);
    let without_times = |mut connections: serde_json::Value| {
        for connection in connections.as_array_mut().expect("a list") {
            connection["began_ns"].take();
            connection["latest_ns"].take();
        }
        connections
    };
    for (format, cut) in
        [("pcap", "0"), ("nsecpcap", "0"), ("pcapng", "0"), ("pcap", "60"), ("nseclibpcap", "0")]
    {
        let other = folder.path().join("other.cap").to_str().expect("a plain name").to_owned();
        let mut command = Command::new("editcap");
        command.args(["-F", format]);
        if cut != "0" {
            command.args(["-s", cut]);
        }
        let written = command.args([&file, &other]).output().expect("it runs");
        if !written.status.success() {
            // Names of formats differ between its versions.
            continue;
        }
        assert_eq!(without_times(connections(&other)), without_times(own.clone()), "{format} {cut}");
    }
}

#[test]
fn a_packet_that_crosses_several_links_is_one_packet_with_further_hops_and_nobody_sent_it_again() {
    let plans = common::builtin_plans();
    for name in ["path-mtu", "router-hop", "switch-learning"] {
        let (_, plan) = plans.iter().find(|(known, _)| *known == name).expect("a lesson");
        let trace = sim::run(plan, &sim::Options::default());
        let file = exported(&trace);
        let survey = survey(file.as_slice()).expect("it is a capture");
        let frames = trace.frames();
        let passed_on = trace.passed_on_from(&frames).iter().flatten().count() as u64;
        assert!(passed_on > 0 && survey.hops >= passed_on / 2, "{name}: {} of {passed_on}", survey.hops);
        let again: u32 =
            survey.connections.iter().flat_map(|known| &known.halves).map(|half| half.retransmissions).sum();
        // A segment begins again what its maker sent before, whatever its length.
        let mut sent = std::collections::BTreeMap::new();
        let own = frames.iter().zip(trace.passed_on_from(&frames)).filter(|(_, from)| from.is_none());
        let sent_again = own.filter(|(frame, _)| {
            let relative = frame.tcp().filter(|segment| !segment.is_empty()).and(frame.relative());
            relative.is_some_and(|relative| {
                let most = sent.entry(frame.ends()).or_insert(0);
                let again = relative.seq < *most;
                *most = (relative.seq + frame.tcp().map_or(0, |segment| segment.len())).max(*most);
                again
            })
        });
        assert_eq!(again as usize, sent_again.count(), "{name}");
        let rebuilt = rebuild(file.as_slice(), name, Choice::All).expect("it is a capture");
        assert_eq!(rebuilt.hops, survey.hops, "{name}");
        let drawn = rebuilt.trace.frames().len() as u64;
        assert_eq!(drawn + rebuilt.hops + rebuilt.without_address, survey.packets, "{name}");
    }
}

#[test]
fn a_part_of_a_capture_knows_what_came_before_it() {
    let plans = common::builtin_plans();
    let (_, plan) = plans.iter().find(|(known, _)| *known == "four-way-close").expect("a lesson");
    let trace = sim::run(plan, &sim::Options::default());
    let file = exported(&trace);
    let part = rebuild(file.as_slice(), "part", Choice::Within { from: 4, to: 6 }).expect("it is a capture");
    assert_eq!(part.trace.frames().len(), 3);
    let client = trace.frames()[0].ends().expect("ports").0.to_string();
    let known = seen(&part.trace, &client);
    assert!(known.contains(&State::Established), "opened before the part begins: {known:?}");
}
