//! Captures of others, as they come: over IPv6, over every kind of link, broken, hostile.

#[path = "../common/mod.rs"]
mod common;
mod expert;
mod findings;
mod hostile;
mod index;
mod ipv6;

use bytes::Bytes;
use std::process::{Command, Output};
use wirewalk::capture::{EPOCH_NS, Interface, Section, Writer};
use wirewalk::trace::{Frame, Trace};

/// Frames with their times, nanoseconds.
type Frames = Vec<(u64, Bytes)>;

/// The frames of the run as a sniffer at each sender sees them, stamped as in an export; without those that a switch or a
/// router only passes on, which are the same segments again.
fn at_their_senders(trace: &Trace) -> Vec<Frame<'_>> {
    trace.frames().into_iter().filter(|frame| !trace.is_passed_on(frame)).collect()
}

/// Those frames with the times of an export.
fn stamped(frames: &[Frame<'_>]) -> Frames {
    frames.iter().map(|frame| (EPOCH_NS + frame.at.as_nanos(), frame.bytes.clone())).collect()
}

/// A pcapng file of Ethernet frames.
fn pcapng(frames: &Frames) -> Vec<u8> {
    let mut writer = Writer::new(Vec::new(), Section::default()).expect("written");
    let wire = writer.interface(Interface { name: "wire", description: "" }).expect("written");
    for (at, frame) in frames {
        writer.packet(wire, *at, frame, "").expect("written");
    }
    writer.finish().expect("written")
}

/// Runs the program.
fn wirewalk(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wirewalk"));
    command.args(arguments).env("LC_ALL", "en_US.UTF-8").env_remove("NO_COLOR").output().expect("it runs")
}

/// What tshark prints for those fields of every packet; `None`, said aloud, where it is not installed.
fn tshark(file: &[u8], fields: &[&str]) -> Option<Vec<Vec<String>>> {
    if Command::new("tshark").arg("--version").output().is_err() {
        assert!(std::env::var_os("CI").is_none(), "CI needs tshark");
        eprintln!("SKIPPED: there is no tshark");
        return None;
    }
    let folder = tempfile::tempdir().expect("a scratch folder");
    let path = folder.path().join("file.pcapng");
    std::fs::write(&path, file).expect("written");
    let mut command = Command::new("tshark");
    // What tshark puts together of a stream on port 8080 is its own affair.
    command.args(["-n", "-o", "tcp.desegment_tcp_streams:FALSE"]);
    command.args(["-o", "tcp.check_checksum:TRUE", "-o", "udp.check_checksum:TRUE", "-T", "fields"]);
    command.args(["-E", "separator=|", "-r"]).arg(&path);
    for field in fields {
        command.args(["-e", field]);
    }
    let output = command.output().expect("it runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    Some(text.lines().map(|line| line.split('|').map(str::to_owned).collect()).collect())
}
