//! The connection a script speaks of: its addresses, and how the script's numbers stand to those on the wire.

use super::Settings;
use std::collections::BTreeMap;
use std::net::SocketAddr;

/// How far the connection under examination has come, as the script's calls and packets tell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Stage {
    /// A socket exists.
    #[default]
    New,
    /// It listens.
    Listening,
    /// A SYN was sent to it.
    SynReceived,
    /// It answered.
    SynAckSent,
    /// The handshake it did not begin is over.
    Accepted,
    /// `connect` was called.
    Connecting,
    /// Its SYN is expected, or was seen.
    SynSent,
    /// Its SYN was answered.
    Connected,
}

/// The connection under examination.
#[derive(Clone, Debug)]
pub struct Flow {
    /// How far it has come.
    pub stage: Stage,
    /// Protocol number.
    pub protocol: u8,
    /// The examined stack's end.
    pub local: SocketAddr,
    /// The script's end.
    pub remote: SocketAddr,
    /// Initial numbers (as the script writes them, on the wire) of the examined stack.
    pub local_isn: (u32, u32),
    /// Those of the script.
    pub remote_isn: (u32, u32),
    /// TSvals seen: as the script writes them, and on the wire.
    stamps: BTreeMap<u32, u32>,
    first_stamp: Option<(u32, u32)>,
}

impl Flow {
    /// A new socket's, with the addresses that `...` stands for.
    pub fn new(settings: &Settings, protocol: u8) -> Flow {
        Flow {
            stage: Stage::New,
            protocol,
            local: SocketAddr::new(settings.local, 0),
            remote: SocketAddr::new(settings.remote, 0),
            local_isn: (0, 0),
            remote_isn: (0, 0),
            stamps: BTreeMap::new(),
            first_stamp: None,
        }
    }

    /// What to add to a number of the script to have the one on the wire. Only a SYN's numbers are written with the script's
    /// initial number in them; all others count from it.
    fn offset((script, wire): (u32, u32), syn: bool) -> u32 {
        if syn { wire.wrapping_sub(script) } else { wire }
    }
    /// For numbers of the examined stack.
    pub fn local_offset(&self, syn: bool) -> u32 {
        Flow::offset(self.local_isn, syn)
    }
    /// For the script's own.
    pub fn remote_offset(&self, syn: bool) -> u32 {
        Flow::offset(self.remote_isn, syn)
    }

    /// The stack sent a TSval where the script says `written`: the value in the script's count.
    pub fn stamp_out(&mut self, written: u32, on_wire: u32) -> u32 {
        self.stamps.insert(written, on_wire);
        let (first_written, first) = *self.first_stamp.get_or_insert((written, on_wire));
        first_written.wrapping_add(on_wire.wrapping_sub(first))
    }

    /// A TSval in the script's count; as it is on the wire before the script has named one.
    pub fn stamp_counted(&self, on_wire: u32) -> u32 {
        match self.first_stamp {
            Some((written, first)) => written.wrapping_add(on_wire.wrapping_sub(first)),
            None => on_wire,
        }
    }

    /// The TSval on the wire that the script means by echoing `written`; `None` when none like it was seen.
    pub fn stamp_in(&self, written: u32, scaled: bool) -> Option<u32> {
        if let Some(on_wire) = self.stamps.get(&written) {
            return Some(*on_wire);
        }
        let (first_written, first) = self.first_stamp.filter(|_| scaled)?;
        Some(first.wrapping_add(written.wrapping_sub(first_written)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_syn_has_the_scripts_initial_number_in_it_and_other_segments_count_from_it() {
        let mut flow = Flow::new(&Settings::default(), 6);
        flow.local_isn = (10, 1_000);
        assert_eq!(10_u32.wrapping_add(flow.local_offset(true)), 1_000);
        assert_eq!(1_u32.wrapping_add(flow.local_offset(false)), 1_001);
    }

    #[test]
    fn an_echoed_stamp_is_the_one_that_was_sent_or_lies_on_the_line_through_the_first() {
        let mut flow = Flow::new(&Settings::default(), 6);
        assert_eq!(flow.stamp_in(100, true), None);
        assert_eq!(flow.stamp_out(100, 7_000), 100);
        assert_eq!(flow.stamp_out(200, 7_090), 190);
        assert_eq!(flow.stamp_in(200, false), Some(7_090));
        assert_eq!(flow.stamp_in(150, false), None);
        assert_eq!(flow.stamp_in(150, true), Some(7_050));
    }
}
