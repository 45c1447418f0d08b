//! TCP options: what is offered, what is agreed, what each segment carries (RFC 9293 section 3.2, RFC 7323, RFC 2018).

use super::fast_open::Offer;
use super::{ConnOptions, Profile, WindowRule};
use crate::clock::Instant;
use crate::wire::{SackBlocks, Segment, Seq, TcpOption, TcpOptions};

/// Octets that the timestamps option takes, with its padding.
pub(super) const TIMESTAMPS_LENGTH: u32 = 12;
/// The largest shift (RFC 7323 section 2.3).
pub(super) const MAX_SHIFT: u8 = 14;

/// The options of a SYN or SYN-ACK that we understand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct SynOptions {
    pub mss: Option<u16>,
    pub scale: Option<u8>,
    pub sack: bool,
    pub timestamps: Option<(u32, u32)>,
    /// Fast Open (RFC 7413).
    pub fast_open: Option<Offer>,
    /// The user timeout (RFC 5482): whether in minutes, and how many.
    pub user_timeout: Option<(bool, u16)>,
}

impl SynOptions {
    /// What a segment offers, as far as the profile is willing.
    pub fn of(segment: &Segment, profile: &Profile) -> SynOptions {
        let mut found = SynOptions::default();
        for option in &segment.options {
            match option {
                TcpOption::Mss(mss) => found.mss = Some(mss),
                TcpOption::WindowScale(shift) if profile.settings.tcp_window_scaling != 0 => {
                    found.scale = Some(shift.min(MAX_SHIFT));
                }
                TcpOption::SackPermitted => found.sack = profile.settings.tcp_sack != 0,
                TcpOption::Timestamps { value, echo } if profile.settings.tcp_timestamps != 0 => {
                    found.timestamps = Some((value, echo));
                }
                TcpOption::FastOpen { cookie, experimental } => {
                    found.fast_open = Offer::of(&cookie, experimental, profile).or(found.fast_open);
                }
                TcpOption::UserTimeout { minutes, value } => found.user_timeout = Some((minutes, value)),
                TcpOption::WindowScale(_)
                | TcpOption::Timestamps { .. }
                | TcpOption::EndOfList
                | TcpOption::Nop
                | TcpOption::Sack(_)
                | TcpOption::Unknown { .. }
                | TcpOption::Malformed { .. } => {}
            }
        }
        found
    }

    /// The same in wire order, padded as stacks do: MSS, SACK-permitted and timestamps together, window scale,
    /// Fast Open, user timeout.
    pub fn to_wire(self) -> TcpOptions {
        let mut wire = TcpOptions::new();
        if let Some(mss) = self.mss {
            wire.extend([TcpOption::Mss(mss)]);
        }
        match (self.sack, self.timestamps) {
            (true, Some((value, echo))) => {
                wire.extend([TcpOption::SackPermitted, TcpOption::Timestamps { value, echo }]);
            }
            (false, Some((value, echo))) => {
                wire.extend([TcpOption::Nop, TcpOption::Nop, TcpOption::Timestamps { value, echo }]);
            }
            (true, None) => wire.extend([TcpOption::Nop, TcpOption::Nop, TcpOption::SackPermitted]),
            (false, None) => {}
        }
        if let Some(shift) = self.scale {
            wire.extend([TcpOption::Nop, TcpOption::WindowScale(shift)]);
        }
        wire.extend(self.fast_open.into_iter().flat_map(Offer::to_wire));
        if let Some((minutes, value)) = self.user_timeout {
            // With a long cookie there is no room: the first segment after the SYN tells it as well.
            let _ = wire.push(TcpOption::UserTimeout { minutes, value });
        }
        wire
    }
}

/// TSval and TSecr of a segment.
pub(super) fn timestamps(segment: &Segment) -> Option<(u32, u32)> {
    data_options(segment).stamps
}

/// The options of a segment that is no SYN; the first counts if one comes twice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct DataOptions {
    /// TSval and TSecr.
    pub stamps: Option<(u32, u32)>,
    pub sack: Option<SackBlocks>,
    /// The user timeout (RFC 5482): whether in minutes, and how many.
    pub user_timeout: Option<(bool, u16)>,
}

/// What a segment that is no SYN says in its options.
pub(super) fn data_options(segment: &Segment) -> DataOptions {
    let mut found = DataOptions { stamps: segment.options.only_timestamps(), ..DataOptions::default() };
    if found.stamps.is_some() {
        return found;
    }
    for option in &segment.options {
        match option {
            TcpOption::Timestamps { value, echo } => {
                found.stamps.get_or_insert((value, echo));
            }
            TcpOption::Sack(blocks) => {
                found.sack.get_or_insert(blocks);
            }
            TcpOption::UserTimeout { minutes, value } => {
                found.user_timeout.get_or_insert((minutes, value));
            }
            TcpOption::EndOfList
            | TcpOption::Nop
            | TcpOption::Mss(_)
            | TcpOption::WindowScale(_)
            | TcpOption::SackPermitted
            | TcpOption::FastOpen { .. }
            | TcpOption::Unknown { .. }
            | TcpOption::Malformed { .. } => {}
        }
    }
    found
}

/// The timestamp clock: milliseconds plus the connection's offset (RFC 7323 section 5.4).
pub(super) fn timestamp_now(now: Instant, offset: u32) -> u32 {
    (now.as_millis() as u32).wrapping_add(offset)
}

/// What both sides agreed on, and the timestamps' memory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Agreed {
    /// Timestamps are in use (Snd.TS.OK).
    pub timestamps: bool,
    /// SACK is in use.
    pub sack: bool,
    /// Windows are scaled, if only by nothing (Snd.WS.OK).
    pub scaled: bool,
    /// Added to our clock.
    pub ts_offset: u32,
    /// TS.Recent.
    pub ts_recent: u32,
    /// When TS.Recent was taken.
    pub ts_recent_at: Instant,
    /// Last.ACK.sent.
    pub last_ack_sent: Seq,
}

impl Agreed {
    /// Octets of option that every data segment carries.
    pub fn overhead(&self) -> u32 {
        if self.timestamps { TIMESTAMPS_LENGTH } else { 0 }
    }

    /// Octets that a report of so many SACK blocks takes, padding included; as many are reported as fit (RFC 2018 section 3).
    pub fn report_length(&self, blocks: usize) -> u32 {
        match blocks.min(self.max_blocks()) as u32 {
            0 => 0,
            _ if !self.sack => 0,
            blocks => 4 + 8 * blocks,
        }
    }

    /// Options of a segment that is no SYN. `first` is a block to report before the others (a duplicate, RFC 2883).
    pub fn to_wire(self, now: Instant, first: Option<(Seq, Seq)>, blocks: Vec<(Seq, Seq)>) -> TcpOptions {
        let mut wire = match self.timestamps {
            true => TcpOptions::timestamps(timestamp_now(now, self.ts_offset), self.ts_recent),
            false => TcpOptions::new(),
        };
        if self.sack && (first.is_some() || !blocks.is_empty()) {
            let told: SackBlocks = first.into_iter().chain(blocks).take(self.max_blocks()).collect();
            wire.extend([TcpOption::Nop, TcpOption::Nop, TcpOption::Sack(told)]);
        }
        wire
    }

    /// How many SACK blocks fit.
    pub fn max_blocks(&self) -> usize {
        if self.timestamps { 3 } else { 4 }
    }

    /// Whether a segment with this TSval is older than what came before (RFC 7323 section 5.3, R1). A TS.Recent that has
    /// not moved for too long says nothing (section 5.5).
    pub fn is_old(&self, now: Instant, profile: &Profile, value: u32) -> bool {
        self.is_older_by(0, now, profile, value)
    }

    /// The same, where being older by so many ticks does not count.
    pub fn is_older_by(&self, ticks: u32, now: Instant, profile: &Profile, value: u32) -> bool {
        i64::from(self.ts_recent.wrapping_sub(value) as i32) > i64::from(ticks)
            && now - self.ts_recent_at <= profile.timestamps_outdated
    }

    /// Remembers a TSval that is to be echoed (RFC 7323 section 4.3).
    pub fn remember(&mut self, now: Instant, profile: &Profile, seq: Seq, value: u32) {
        if seq.at_or_before(self.last_ack_sent) && !self.is_old(now, profile, value) {
            self.ts_recent = value;
            self.ts_recent_at = now;
        }
    }
}

/// The window to offer at the beginning and the scale that lets it grow, from the space for it, the MSS to fill and the
/// largest space the buffer may ever have.
pub(super) fn initial_window(space: u32, mss: u32, largest: u32, scaling: bool) -> (u32, u8) {
    let whole = if mss > 0 && space > mss { space - space % mss } else { space };
    let scale = if scaling { scale_for(space.max(largest)) } else { 0 };
    (whole, scale)
}

impl Profile {
    /// The window and the scale that a connection with these options begins with; `filled` is the text that fills a segment.
    pub(super) fn first_window(&self, options: &ConnOptions, filled: u32, scaling: bool) -> (u32, u8) {
        let octets = |setting: i64| u32::try_from(setting).unwrap_or(u32::MAX);
        let kept = options.receive_buffer;
        let mut space = self.window_of_buffer(kept.unwrap_or(octets(self.settings.tcp_rmem_default)));
        let mut most = octets(self.settings.tcp_rmem_max);
        if self.window_rule == WindowRule::Grows {
            most = most.max(octets(self.settings.rmem_max));
        }
        let mut largest = kept.map_or(most, |_| space);
        if let Some(clamp) = options.window_clamp {
            (space, largest) = (space.min(clamp), largest.min(clamp));
        }
        let (mut window, scale) = initial_window(space, filled, largest, scaling);
        match self.window_rule {
            WindowRule::Grows if self.settings.tcp_workaround_signed_windows != 0 => {
                window = window.min(32_767);
            }
            WindowRule::Grows => {}
            // More than its field holds cannot be offered on a SYN.
            WindowRule::HalfOrSegment => window = window.min(u32::from(u16::MAX)),
        }
        if let Some(segments) = self.route.first_segments {
            window = window.min(segments.saturating_mul(filled));
        }
        (window, scale)
    }
}

/// The least shift that can express a window of `space` octets.
fn scale_for(space: u32) -> u8 {
    let log = 31u32.saturating_sub(space.max(1).leading_zeros());
    (log.saturating_sub(15) as u8).min(MAX_SHIFT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_begin_as_the_kernel_was_seen_to_begin_them() {
        assert_eq!(initial_window(65_536, 1460, 6_291_456, true), (64_240, 7));
        assert_eq!(initial_window(65_536, 1448, 6_291_456, true), (65_160, 7));
        assert_eq!(initial_window(65_536, 65_495, 33_554_432, true), (65_495, 10));
        assert_eq!(initial_window(65_536, 65_483, 6_291_456, true).0, 65_483);
        assert_eq!(initial_window(4096, 1448, 4096, true), (2896, 0));
        assert_eq!(initial_window(65_536, 1460, 6_291_456, false), (64_240, 0));
    }

    #[test]
    fn options_come_in_the_order_of_the_wire() {
        let all = SynOptions {
            mss: Some(1460),
            scale: Some(7),
            sack: true,
            timestamps: Some((5, 0)),
            fast_open: None,
            user_timeout: None,
        };
        let kinds = [
            TcpOption::Mss(1460),
            TcpOption::SackPermitted,
            TcpOption::Timestamps { value: 5, echo: 0 },
            TcpOption::Nop,
            TcpOption::WindowScale(7),
        ];
        assert_eq!(all.to_wire(), TcpOptions::from(kinds));
        let no_timestamps = SynOptions { timestamps: None, ..all };
        let wire: Vec<TcpOption> = no_timestamps.to_wire().iter().collect();
        assert_eq!(wire[1..4], [TcpOption::Nop, TcpOption::Nop, TcpOption::SackPermitted]);
    }

    #[test]
    fn an_older_timestamp_is_old_also_across_the_wrap() {
        let agreed = Agreed { timestamps: true, ts_recent: 5, ..Agreed::default() };
        let old = |value| agreed.is_old(Instant::ZERO, &Profile::linux(), value);
        assert!(old(4) && old(u32::MAX) && !old(5) && !old(6));
    }
}
