//! Captures of a given size, made in a temporary folder, and what `inspect` costs of each.

use super::measure::{cpu_of_children, live, timed};
use super::{millions, row};
use nix::sys::resource::{UsageWho, getrusage};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::Command;
use wirewalk::inspect::{Choice, Opened, survey};

/// Octets of data in every segment that carries any; with the bare acknowledgments a packet takes 100 octets in the file.
const DATA: u32 = 60;
/// Connections that are open at the same time.
const AT_ONCE: u32 = 1_000;

const SYN: u8 = 2;
const ACK: u8 = 16;
const FIN: u8 = 1;

/// Writes a pcap file of connections that open, carry data one way, and close, each of so many packets (an even number).
fn write(path: &Path, connections: u32, each: u32) -> std::io::Result<()> {
    let mut out = BufWriter::with_capacity(1 << 20, File::create(path)?);
    out.write_all(&[
        0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 1, 0, 0, 0,
    ])?;
    let mut micros = 0_u64;
    let mut block = 0;
    while block < connections {
        let end = (block + AT_ONCE).min(connections);
        for step in 0..each {
            for connection in block..end {
                micros += 10;
                packet(&mut out, connection, step, each, micros)?;
            }
        }
        block = end;
    }
    out.flush()
}

fn packet(out: &mut impl Write, connection: u32, step: u32, each: u32, micros: u64) -> std::io::Result<()> {
    let pair = step.saturating_sub(3) / 2;
    let pairs = (each - 6) / 2;
    let sent = 1 + DATA * pair.min(pairs);
    let (from_client, flags, seq, ack, data) = match step {
        0 => (true, SYN, 0, 0, 0),
        1 => (false, SYN | ACK, 0, 1, 0),
        2 => (true, ACK, 1, 1, 0),
        _ if step == each - 3 => (true, FIN | ACK, sent, 1, 0),
        _ if step == each - 2 => (false, FIN | ACK, 1, sent + 1, 0),
        _ if step == each - 1 => (true, ACK, sent + 1, 2, 0),
        _ if step % 2 == 1 => (true, ACK, sent, 1, DATA),
        _ => (false, ACK, 1, sent + DATA, 0),
    };
    let total = 40 + data;
    let mut octets = [0_u8; 16 + 14 + 40 + DATA as usize];
    octets[..4].copy_from_slice(&((micros / 1_000_000) as u32).to_le_bytes());
    octets[4..8].copy_from_slice(&((micros % 1_000_000) as u32).to_le_bytes());
    octets[8..12].copy_from_slice(&(14 + total).to_le_bytes());
    octets[12..16].copy_from_slice(&(14 + total).to_le_bytes());
    let frame = &mut octets[16..];
    frame[12..14].copy_from_slice(&[8, 0]);
    frame[14] = 0x45;
    frame[16..18].copy_from_slice(&(total as u16).to_be_bytes());
    frame[22..24].copy_from_slice(&[64, 6]);
    // Some 64,000 ports of each address.
    let (client, port) = (0x0a00_0000 + connection / 64_000, (1_024 + connection % 64_000) as u16);
    let server = 0xc000_0201_u32;
    let (source, destination, ports) =
        if from_client { (client, server, [port, 443]) } else { (server, client, [443, port]) };
    frame[26..30].copy_from_slice(&source.to_be_bytes());
    frame[30..34].copy_from_slice(&destination.to_be_bytes());
    frame[34..36].copy_from_slice(&ports[0].to_be_bytes());
    frame[36..38].copy_from_slice(&ports[1].to_be_bytes());
    frame[38..42].copy_from_slice(&seq.to_be_bytes());
    frame[42..46].copy_from_slice(&ack.to_be_bytes());
    frame[46..48].copy_from_slice(&[0x50, flags]);
    frame[48..50].copy_from_slice(&[0xff, 0xff]);
    out.write_all(&octets[..16 + 14 + total as usize])
}

/// The greatest memory of any child so far, octets.
fn children_peak() -> u64 {
    getrusage(UsageWho::RUSAGE_CHILDREN).map_or(0, |usage| usage.max_rss().unsigned_abs() * 1024)
}

/// Has the program list the connections; CPU seconds, and the most memory that any such run took so far.
fn listed(path: &Path) -> (f64, u64) {
    let before = cpu_of_children();
    let program = PathBuf::from(env!("CARGO_BIN_EXE_wirewalk"));
    let status = Command::new(program).arg("inspect").arg(path).stdout(std::process::Stdio::null()).status();
    assert!(status.is_ok_and(|status| status.success()));
    (cpu_of_children() - before, children_peak())
}

/// The section of the table.
pub fn captures() {
    let folder = tempfile::tempdir().expect("a scratch folder");
    let path = folder.path().join("large.pcap");
    let mut small = 0;
    for (connections, each) in [(10_000_u32, 100_u32), (10_000, 1_000), (1_000_000, 10)] {
        let packets = f64::from(connections) * f64::from(each);
        write(&path, connections, each).expect("room for the file");
        let size = std::fs::metadata(&path).map_or(0, |meta| meta.len()) as f64 / 1e6;
        let before = live();
        let (own, held) = timed(|| survey(File::open(&path).expect("it was written")).expect("a capture"));
        assert_eq!((held.packets as f64, held.connections.len() as u32), (packets, connections));
        let kept = live() - before;
        drop(held);
        let (whole, peak) = listed(&path);
        let work =
            format!("inspect, {} packets ({size:.0} MB), {connections} connections", millions(packets));
        let rate = packets / whole;
        let measured = format!(
            "{} packets/s ({} in the library), {} octets kept per connection, {:.1} MB at most",
            millions(rate),
            millions(packets / own),
            kept / connections as usize,
            peak as f64 / 1e6
        );
        if small == 0 {
            small = peak;
            row(&work, &measured, "1 M", Some(rate >= 1e6));
        } else if connections == 10_000 {
            let grown = peak.saturating_sub(small);
            let measured = format!("{measured}, {:.1} MB more than a tenth of it", grown as f64 / 1e6);
            row(&work, &measured, "1 M, no growth", Some(rate >= 1e6 && grown < 4_000_000));
        } else {
            row(&work, &measured, "1 M", Some(rate >= 1e6));
        }
        if connections == 10_000 && each == 1_000 {
            let mut opened =
                Opened::open(File::open(&path).expect("it was written"), "large").expect("a capture");
            let (again, rebuilt) = timed(|| opened.rebuild(Choice::Connection(5_000)).expect("it is there"));
            assert_eq!(rebuilt.findings.len(), 1_000);
            let measured = format!("{again:.3} s CPU, the first pass took {own:.1} s");
            row("one connection of these read again by index", &measured, "", None);
        }
        std::fs::remove_file(&path).expect("it was there");
    }
}
