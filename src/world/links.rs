//! A link between two ports: a pipe either way, what it loses, and whether it is up.

use crate::clock::{Draws, Instant, Span};
use crate::link::{LossModel, LossState, LostList, Offer, Pipe, Port, Reason, allows_marking};
use crate::scenario::LinkPlan;

/// Octets of an Ethernet header.
const ETHERNET: usize = 14;

/// A link.
#[derive(Clone, Debug)]
pub(crate) struct Link {
    pub(super) ends: [Port; 2],
    /// From each end to the other.
    pub(super) ways: [Way; 2],
    /// Octets that a packet on it may have; `None` where whoever sends keeps to it anyhow.
    mtu: Option<u16>,
    jitter: Span,
    loss: LossModel,
    lost: LostList,
    /// Frames that both ends have put on it.
    frames: u64,
    pub(super) up: bool,
    /// The shared wire it is part of, and which station of that each end is; a hub is none.
    pub(super) shared: Option<(usize, [Option<usize>; 2])>,
    /// How often it has gone down: what was under way then does not arrive, even if it is up again.
    pub(super) epoch: u32,
}

/// One direction of a link.
#[derive(Clone, Debug)]
pub(super) struct Way {
    pub(super) pipe: Pipe,
    /// Frames so far: each has draws of its own.
    frames: u64,
    /// When the last one arrives: with jitter, too, no frame overtakes another.
    last: Instant,
    state: LossState,
}

/// A frame that a link has taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Taken {
    /// When it comes out…
    pub(crate) at: Instant,
    /// …and where.
    pub(crate) end: Port,
    /// Why it is to be marked with CE, if it is.
    pub(crate) mark: Option<Reason>,
    /// How often the link had gone down when it was taken.
    pub(crate) epoch: u32,
}

impl Link {
    /// As the plan has it; on the one wire of a plain scenario senders keep to the MTU by themselves.
    pub(super) fn new(ends: [Port; 2], pipes: [Pipe; 2], plan: &LinkPlan, plain: bool) -> Link {
        let way = |pipe: Pipe| Way {
            pipe: pipe.with_red(plan.red),
            frames: 0,
            last: Instant::ZERO,
            state: LossState::default(),
        };
        Link {
            ends,
            ways: pipes.map(way),
            mtu: (!plain).then_some(plan.mtu),
            jitter: plan.jitter,
            loss: plan.loss,
            lost: plan.lost.clone(),
            frames: 0,
            up: true,
            shared: None,
            epoch: 0,
        }
    }

    /// The end `side` puts a frame on it, link `number` of the network.
    pub(super) fn take(
        &mut self,
        now: Instant,
        (number, side): (usize, usize),
        frame: &[u8],
        draws: &Draws,
    ) -> Result<Taken, Reason> {
        let len = frame.len();
        self.admit(len)?;
        let way = &mut self.ways[side];
        if self.shared.is_some() {
            // A hub repeats bit by bit, and what a station has sent has taken its time already.
            let at = now + way.pipe.delay();
            return self.carry(at, None, (number, side), draws);
        }
        let key = (number * 2 + side) as u64;
        let (at, mark) = if way.pipe.has_red() {
            let draw = draws.draw("red", key, way.pipe.offered());
            way.pipe.offer_to_red(now, Offer { len, marks: allows_marking(frame), draw })?
        } else {
            (way.pipe.offer(now, len)?, None)
        };
        self.carry(at, mark, (number, side), draws)
    }

    /// Refuses a frame that is too long.
    pub(super) fn admit(&self, len: usize) -> Result<(), Reason> {
        if let Some(mtu) = self.mtu.filter(|mtu| len > ETHERNET + usize::from(*mtu)) {
            return Err(Reason::TooLong { mtu });
        }
        Ok(())
    }

    /// The link has the frame, which comes out then unless something happens to it.
    fn carry(
        &mut self,
        at: Instant,
        mark: Option<Reason>,
        (number, side): (usize, usize),
        draws: &Draws,
    ) -> Result<Taken, Reason> {
        let way = &mut self.ways[side];
        let (key, nth) = ((number * 2 + side) as u64, way.frames);
        way.frames += 1;
        self.frames += 1;
        if !self.lost.is_empty() {
            let of_both = self.lost.whole.binary_search(&self.frames).is_ok();
            if of_both || self.lost.ends[side].binary_search(&way.frames).is_ok() {
                return Err(Reason::Listed { nth: if of_both { self.frames } else { way.frames } });
            }
        }
        if let Some(why) = way.state.judge(self.loss, draws, key, nth) {
            return Err(why);
        }
        let taken = |at| Taken { at, end: self.ends[1 - side], mark, epoch: self.epoch };
        if self.jitter == Span::ZERO {
            return Ok(taken(at));
        }
        let more = draws.below("jitter", key, nth, self.jitter.as_nanos().saturating_add(1));
        way.last = (at + Span::nanos(more)).max(way.last);
        Ok(taken(way.last))
    }

    /// Takes it down or up; whether that is news.
    pub(super) fn set_up(&mut self, now: Instant, up: bool) -> bool {
        let news = self.up != up;
        self.up = up;
        if news && !up {
            self.epoch += 1;
            for way in &mut self.ways {
                way.pipe.empty(now);
            }
        }
        news
    }
}
