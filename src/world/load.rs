//! Generated load leaves queues and counters in the trace, not frames: a flood of a million SYNs must not
//! leave a million records. Queue lengths are thinned out so that a plot keeps its shape and the greatest
//! length stays exact.

use crate::clock::{Instant, Span};
use crate::host::EndpointKey;
use crate::scenario::Ipv4Block;
use crate::trace::EndpointId;
use std::net::{IpAddr, Ipv4Addr};

/// A queue that moves less than one part in this of its limit (or greatest length) leaves no point…
const STEPS: u64 = 128;
/// …unless so much time has passed.
const POINT_EVERY: Span = Span::millis(10);
/// How often counters that load raised are written.
const COUNTERS_EVERY: Span = Span::millis(100);

/// Which addresses are load.
#[derive(Clone, Debug, Default)]
pub(crate) struct Load {
    blocks: Vec<Ipv4Block>,
}

impl Load {
    /// A flood with forged sources from this block began.
    pub(crate) fn add(&mut self, block: Ipv4Block) {
        if !self.blocks.contains(&block) {
            self.blocks.push(block);
        }
    }

    /// All blocks, in the order they were added.
    pub(crate) fn blocks(&self) -> &[Ipv4Block] {
        &self.blocks
    }

    /// Whether there is no load at all.
    pub(crate) fn is_empty(&self) -> bool {
        self.blocks.is_empty()
    }

    /// Whether the address is a forged one.
    pub(crate) fn forged(&self, address: Ipv4Addr) -> bool {
        self.blocks.iter().any(|block| contains(*block, address))
    }

    /// Whether the endpoint's peer is a forged address.
    pub(crate) fn concerns(&self, key: &EndpointKey) -> bool {
        !self.is_empty()
            && match key.remote.map(|remote| remote.ip()) {
                Some(IpAddr::V4(address)) => self.forged(address),
                Some(IpAddr::V6(_)) | None => false,
            }
    }
}

/// Whether the block holds the address.
pub(crate) fn contains(block: Ipv4Block, address: Ipv4Addr) -> bool {
    let mask = match block.prefix {
        0 => 0,
        prefix => u32::MAX << (32 - u32::from(prefix.min(32))),
    };
    (u32::from(block.base) ^ u32::from(address)) & mask == 0
}

/// A queue that load moves.
#[derive(Clone, Debug)]
struct Track {
    endpoint: EndpointId,
    queue: &'static str,
    limit: Option<u64>,
    /// Length now, and at the end of the step before.
    length: u64,
    previous: u64,
    /// Greatest length so far.
    greatest: u64,
    /// The last point in the trace.
    written: Option<(Instant, u64)>,
    greatest_written: u64,
    /// Whether this step moved it.
    moved: bool,
}

/// One point for the trace.
type Point = (EndpointId, &'static str, u64, Option<u64>);

/// What load does to one host.
#[derive(Clone, Debug, Default)]
pub(crate) struct HostLoad {
    tracks: Vec<Track>,
    any_moved: bool,
    counters_at: Instant,
}

impl HostLoad {
    fn track(&mut self, endpoint: EndpointId, queue: &'static str) -> &mut Track {
        let known = self.tracks.iter().position(|t| t.endpoint == endpoint && t.queue == queue);
        let place = known.unwrap_or_else(|| {
            self.tracks.push(Track {
                endpoint,
                queue,
                limit: None,
                length: 0,
                previous: 0,
                greatest: 0,
                written: None,
                greatest_written: 0,
                moved: false,
            });
            self.tracks.len() - 1
        });
        &mut self.tracks[place]
    }

    /// Load changed a queue; whether it is worth a point is decided when the step is over.
    pub(crate) fn queue_changed(
        &mut self,
        endpoint: EndpointId,
        queue: &'static str,
        length: u64,
        limit: Option<u64>,
    ) {
        let track = self.track(endpoint, queue);
        track.length = length;
        track.limit = limit;
        track.moved = true;
        self.any_moved = true;
    }

    /// Something else than load changed it, which is always recorded.
    pub(crate) fn queue_recorded(
        &mut self,
        at: Instant,
        endpoint: EndpointId,
        queue: &'static str,
        length: u64,
        limit: Option<u64>,
    ) {
        let track = self.track(endpoint, queue);
        (track.length, track.previous, track.limit) = (length, length, limit);
        track.greatest = track.greatest.max(length);
        track.greatest_written = track.greatest_written.max(length);
        track.written = Some((at, length));
        track.moved = false;
    }

    /// The points this step is worth.
    pub(crate) fn points(&mut self, at: Instant) -> Vec<Point> {
        if !std::mem::take(&mut self.any_moved) {
            return Vec::new();
        }
        let mut points = Vec::new();
        for track in &mut self.tracks {
            if !std::mem::take(&mut track.moved) {
                continue;
            }
            let top = track.greatest.max(track.length).max(track.limit.unwrap_or(0));
            let step = (top / STEPS).max(1);
            // Just before this step the queue was at its greatest length and no point says so yet.
            if track.length < track.previous
                && track.previous == track.greatest
                && track.greatest > track.greatest_written
            {
                points.push((track.endpoint, track.queue, track.previous, track.limit));
                track.write(at, track.previous);
            }
            track.greatest = track.greatest.max(track.length);
            track.previous = track.length;
            let worth = track.written.is_none_or(|(then, length)| {
                track.length.abs_diff(length) >= step
                    || (track.length != length && at.since(then) >= POINT_EVERY)
            });
            if worth {
                points.push((track.endpoint, track.queue, track.length, track.limit));
                track.write(at, track.length);
            }
        }
        points
    }

    /// Points for the exact present lengths, where the trace does not have them.
    pub(crate) fn settle(&mut self, at: Instant) -> Vec<Point> {
        let mut points = Vec::new();
        for track in &mut self.tracks {
            if track.written.is_some_and(|(_, length)| length != track.length) {
                points.push((track.endpoint, track.queue, track.length, track.limit));
                track.write(at, track.length);
            }
        }
        points
    }

    /// Whether it is time to write counters again.
    pub(crate) fn counters_due(&mut self, at: Instant) -> bool {
        let due = at.since(self.counters_at) >= COUNTERS_EVERY;
        if due {
            self.counters_at = at;
        }
        due
    }
}

impl Track {
    fn write(&mut self, at: Instant, length: u64) {
        self.written = Some((at, length));
        self.greatest_written = self.greatest_written.max(length);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_holds_its_addresses_and_no_other() {
        let block = Ipv4Block { base: Ipv4Addr::new(198, 18, 0, 0), prefix: 15 };
        assert!(contains(block, Ipv4Addr::new(198, 19, 255, 255)));
        assert!(!contains(block, Ipv4Addr::new(198, 20, 0, 0)));
        let all = Ipv4Block { base: Ipv4Addr::UNSPECIFIED, prefix: 0 };
        assert!(contains(all, Ipv4Addr::BROADCAST));
    }

    #[test]
    fn thinned_out_points_keep_the_greatest_length_and_the_last_one() {
        let mut load = HostLoad::default();
        let mut points = Vec::new();
        let lengths = (1..=100_000_u64).chain((40_001..100_000).rev()).chain([99_999, 40_000, 40_003]);
        for (step, length) in lengths.enumerate() {
            let at = Instant::from_nanos(step as u64);
            load.queue_changed(EndpointId(0), "half-open", length, None);
            points.extend(load.points(at).into_iter().map(|(_, _, length, _)| length));
        }
        points
            .extend(load.settle(Instant::from_nanos(1_000_000)).into_iter().map(|(_, _, length, _)| length));
        assert_eq!(points.iter().max(), Some(&100_000));
        assert_eq!(points.last(), Some(&40_003));
        assert!(points.len() < 3_000, "{} points", points.len());
    }
}
