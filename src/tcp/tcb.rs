//! The control block of one connection (RFC 9293 section 3.3.1).

use super::burst::Bursts;
use super::cc::Congestion;
use super::challenge::ChallengeBudget;
use super::compress::Compression;
use super::counts::Counts;
use super::ecn::Ecn;
use super::ends::Ends;
use super::fast_open::{Asked, Early};
use super::flight::Flight;
use super::half_open::SynText;
use super::icmp::PathMtu;
use super::memory::Memory;
use super::mtu_probe::MtuSearch;
use super::notices::Notices;
use super::options::Agreed;
use super::rack::Rack;
use super::recovery::{Recovery, Tally};
use super::recv_buf::RecvBuf;
use super::rtt::Rtt;
use super::send_buf::SendBuf;
use super::timer::Timers;
use super::tlp::Probe;
use super::urgent::Mark;
use super::user_timeout::UserTimeout;
use super::{
    ConnId, ConnOptions, Edge, Effect, Effects, Event, ListenerId, Owner, Profile, Reason, State,
    StreamError, TimerKind,
};
use crate::clock::{Instant, Span};
use crate::wire::Seq;
use std::net::SocketAddr;
use std::sync::Arc;

/// The send sequence variables.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Snd {
    /// SND.UNA.
    pub una: Seq,
    /// SND.NXT.
    pub nxt: Seq,
    /// SND.WND, octets.
    pub wnd: u32,
    /// SND.UP.
    pub up: Seq,
    /// SND.WL1.
    pub wl1: Seq,
    /// SND.WL2.
    pub wl2: Seq,
    /// ISS.
    pub iss: Seq,
    /// Largest window the peer ever offered.
    pub max_wnd: u32,
    /// Snd.Wind.Shift.
    pub scale: u8,
    /// Largest text the peer takes, octets, options of the segment included.
    pub mss: u16,
    /// The end of the last small segment (Minshall).
    pub small: Seq,
}

/// The receive sequence variables.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Rcv {
    /// RCV.NXT.
    pub nxt: Seq,
    /// RCV.WND as last offered, counted from `wup`.
    pub wnd: u32,
    /// RCV.UP.
    pub up: Seq,
    /// IRS.
    pub irs: Seq,
    /// RCV.NXT when the window was last offered.
    pub wup: Seq,
    /// Rcv.Wind.Shift.
    pub scale: u8,
    /// The shift our SYN offered.
    pub offered_scale: Option<u8>,
    /// The MSS we announced.
    pub mss: u16,
    /// The largest window to offer for now.
    pub clamp: u32,
    /// Ordinal of the last piece that came too early.
    pub order: u32,
}

impl Rcv {
    /// The present window: what of the last offer is left.
    pub fn window(&self) -> u32 {
        let used = self.nxt - self.wup;
        self.wnd.saturating_sub(used)
    }
}

/// When to acknowledge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct AckClock {
    /// An acknowledgment is owed, and why.
    pub owed: Option<Reason>,
    /// Acknowledgments to be sent at once.
    pub quick: u8,
    /// Present delay; zero before any data.
    pub delay: Span,
    /// Answers sent soon after a question: an interactive connection.
    pub interactive: u8,
    /// When data last came.
    pub last_data: Option<Instant>,
    /// A small segment waits for acknowledgment; twice: several.
    pub pushed: u8,
    /// Size of the peer's full segments, as seen.
    pub full: u16,
    /// A block to report as duplicate (RFC 2883).
    pub duplicate: Option<(Seq, Seq)>,
    /// When the last ACK that answers an invalid segment went out.
    pub last_invalid: Option<Instant>,
    /// Duplicate acknowledgments made one.
    pub compression: Compression,
}

/// One connection.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Tcb {
    pub id: ConnId,
    pub ends: Ends,
    state: State,
    pub snd: Snd,
    pub rcv: Rcv,
    pub agreed: Agreed,
    pub send: SendBuf,
    /// What goes out at once, where the card segments.
    pub bursts: Option<Box<Bursts>>,
    /// What there is to tell of octets on their way.
    pub notices: Option<Box<Notices>>,
    pub recv: RecvBuf,
    /// What the receive buffer may take and how it grows.
    pub memory: Box<Memory>,
    pub timers: Timers,
    pub rtt: Rtt,
    pub cc: Congestion,
    /// A path MTU smaller than the link's, as routers told it.
    pub path: Option<PathMtu>,
    /// The search for a path MTU that nobody told.
    pub search: Option<Box<MtuSearch>>,
    /// What came and went.
    pub counts: Box<Counts>,
    pub recovery: Recovery,
    pub rack: Rack,
    /// Counts of segments over its life.
    pub tally: Tally,
    /// The tail loss probe that waits for its acknowledgment.
    pub probe: Option<Probe>,
    pub ack: AckClock,
    pub flight: Flight,
    /// When text or a FIN last went out.
    pub last_sent: Option<Instant>,
    /// Explicit congestion notification.
    pub ecn: Ecn,
    /// It was opened by a SYN with data.
    pub early: Option<Box<Early>>,
    /// What its own SYN asked and carried.
    pub asked: Option<Box<Asked>>,
    pub options: Arc<ConnOptions>,
    /// The user timeout option, if it is in use.
    pub uto: Option<Box<UserTimeout>>,
    /// The listener whose accept queue holds it.
    pub queued: Option<ListenerId>,
    /// Sequence number of our FIN, once the user closed.
    pub fin: Option<Seq>,
    /// What came on the peer's SYN, until the connection is open.
    pub syn_text: Option<Box<SynText>>,
    /// Where the peer's urgent data ends.
    pub mark: Option<Mark>,
    /// The peer's FIN was taken in.
    pub peer_fin: bool,
    /// The user has closed: nobody will read.
    pub orphan: bool,
    /// Nobody owns it any more: from FIN-WAIT-2 on a small entry is enough.
    pub waits: bool,
    /// The user will read no more.
    pub read_shut: bool,
    /// An error for the user, told once.
    pub error: Option<StreamError>,
    /// A trouble that may pass, told if the connection fails.
    pub soft_error: Option<StreamError>,
    /// Octets and FIN acknowledged so far; in an active open the SYN too.
    pub acknowledged: u64,
    /// When the peer last acknowledged anything.
    pub heard: Instant,
    /// Unanswered keepalive or window probes.
    pub probes: u32,
    /// Doublings of the persist timer.
    pub persist_doublings: u32,
    /// When the first probe of the closed window went.
    pub probing_since: Option<Instant>,
    /// What keeps waiting data from going, as last noted.
    pub held: Option<Reason>,
}

/// What every step works with.
pub(super) struct Context<'a> {
    pub now: Instant,
    pub profile: &'a Profile,
    pub fx: &'a mut Effects,
    pub budget: &'a mut ChallengeBudget,
    /// The IP packet of the segment at hand carried CE.
    pub marked: bool,
}

/// What a block begins with.
pub(super) struct Beginning {
    pub id: ConnId,
    pub local: SocketAddr,
    pub remote: SocketAddr,
    pub state: State,
    pub iss: Seq,
    pub options: Arc<ConnOptions>,
}

impl Tcb {
    /// A block at its beginning: `iss` chosen, nothing sent.
    pub fn new(cx: &Context<'_>, begin: Beginning) -> Tcb {
        let Beginning { id, local, remote, state, iss, options } = begin;
        let algorithm = options.congestion.unwrap_or(cx.profile.congestion_control);
        // Where the segment size decides it is not known yet.
        let initial = u32::try_from(cx.profile.settings.tcp_initial_cwnd).unwrap_or(1).max(1);
        let uto = UserTimeout { due: true, ..UserTimeout::default() };
        let uto = (cx.profile.settings.tcp_uto != 0).then(|| Box::new(uto));
        Tcb {
            id,
            ends: Ends::new(local, remote),
            state,
            snd: Snd { una: iss, nxt: iss, iss, wl2: iss, up: iss, small: iss, ..Snd::default() },
            rcv: Rcv::default(),
            agreed: Agreed::default(),
            send: SendBuf::new(iss + 1),
            bursts: Bursts::of(cx.profile),
            notices: None,
            recv: RecvBuf::default(),
            memory: Box::default(),
            timers: Timers::default(),
            rtt: Rtt::new(cx.profile),
            cc: Congestion::named(algorithm, initial).reckoned(cx.profile.cubic_by_ticks),
            path: None,
            search: None,
            counts: Box::default(),
            recovery: Recovery::default(),
            rack: Rack::default(),
            tally: Tally::default(),
            probe: None,
            ack: AckClock {
                owed: None,
                quick: 0,
                delay: Span::ZERO,
                interactive: 0,
                last_data: None,
                pushed: 0,
                full: cx.profile.default_mss,
                duplicate: None,
                last_invalid: None,
                compression: Compression::default(),
            },
            flight: Flight::default(),
            last_sent: None,
            ecn: Ecn::default(),
            early: None,
            asked: None,
            options,
            uto,
            queued: None,
            fin: None,
            syn_text: None,
            mark: None,
            peer_fin: false,
            orphan: false,
            waits: false,
            read_shut: false,
            error: None,
            soft_error: None,
            acknowledged: 0,
            heard: cx.now,
            probes: 0,
            persist_doublings: 0,
            probing_since: None,
            held: None,
        }
    }

    /// Its state.
    pub fn state(&self) -> State {
        self.state
    }

    /// Whom its effects are about.
    pub fn owner(&self) -> Owner {
        Owner::Conn(self.id)
    }

    /// Crosses an edge of the table.
    ///
    /// # Panics
    /// If the table has no such edge: a broken invariant of ours, whatever came in.
    pub fn enter(&mut self, cx: &mut Context<'_>, event: Event, to: State) {
        let Some(edge) = Edge::find(self.state, event, to) else {
            panic!("no edge leads from {} by {event:?} to {to}", self.state);
        };
        self.cross(cx, edge);
    }

    fn cross(&mut self, cx: &mut Context<'_>, edge: &'static Edge) {
        self.state = edge.to;
        cx.fx.entered(self.owner(), edge);
    }

    /// Whether the user may still hand over data to send.
    pub fn can_write(&self) -> bool {
        let open = matches!(self.state, State::Established | State::CloseWait);
        self.fin.is_none() && (open || self.state == State::SynReceived && self.speaks_early())
    }

    /// Whether nothing more can come that the user has not read.
    pub fn at_end(&self) -> bool {
        self.peer_fin || self.read_shut || matches!(self.state, State::Closed | State::TimeWait)
    }

    /// Whether data or FIN may be sent in this state.
    pub fn may_transmit(&self) -> bool {
        match self.state {
            State::Established | State::CloseWait | State::FinWait1 | State::Closing | State::LastAck => true,
            State::SynReceived => self.speaks_early(),
            State::Closed | State::Listen | State::SynSent | State::FinWait2 | State::TimeWait => false,
        }
    }

    /// Sequence number after everything the user wants sent so far, FIN included.
    pub fn write_end(&self) -> Seq {
        self.fin.map_or_else(|| self.send.end(), |fin| fin + 1)
    }

    /// Whether our FIN has been acknowledged.
    pub fn fin_acknowledged(&self) -> bool {
        self.fin.is_some_and(|fin| self.snd.una.after(fin))
    }

    /// The connection ends here: timers stop, what was to be sent is forgotten, what can be read stays.
    pub fn die(&mut self, cx: &mut Context<'_>, event: Event, error: Option<StreamError>) {
        use crate::mib::Counter;
        match self.state {
            State::Established | State::CloseWait => cx.fx.count(Counter::EstabResets),
            State::SynSent | State::SynReceived if event != Event::Close => {
                cx.fx.count(Counter::AttemptFails)
            }
            _ => {}
        }
        self.suspect_swallowed_answer(cx);
        self.enter(cx, event, State::Closed);
        self.error = error.or(self.error);
        self.silence();
        cx.fx.push(Effect::Wake(self.owner()));
    }

    /// Stops everything that could still send.
    pub fn silence(&mut self) {
        self.free_buffers();
        self.timers.clear_all();
        self.flight.clear();
        self.send.clear();
        if let Some(bursts) = &mut self.bursts {
            bursts.pieces.clear();
        }
        self.recv.clear_islands();
        self.ack.owed = None;
        self.snd.una = self.snd.nxt;
        self.recovery.reset(self.snd.nxt);
    }

    /// Asserts the invariants that cost no more than constant time.
    ///
    /// # Panics
    /// If one is broken: a mistake of ours, whatever came in.
    pub fn check(&self) {
        let snd = &self.snd;
        assert!(snd.una.at_or_before(snd.nxt), "SND.UNA {} is after SND.NXT {}", snd.una, snd.nxt);
        assert!(
            snd.nxt.at_or_before(self.write_end().max(snd.iss + 1)),
            "SND.NXT {} is after all data",
            snd.nxt
        );
        assert_eq!(
            self.flight.is_empty(),
            snd.una == snd.nxt,
            "something is on its way exactly while SND.UNA < SND.NXT"
        );
        self.check_recovery();
        let kinds = [TimerKind::Retransmission, TimerKind::Persist, TimerKind::LossProbe, TimerKind::Reorder];
        let driven = kinds.into_iter().any(|kind| self.timers.runs(kind));
        assert!(self.flight.is_empty() || driven, "data on its way without a timer in {}", self.state);
        if self.timers.runs(TimerKind::Retransmission) {
            assert!(
                !self.flight.is_empty(),
                "a retransmission timer with nothing on its way in {}",
                self.state
            );
        }
        if matches!(self.state, State::Closed | State::TimeWait) {
            assert_eq!(self.timers.next(), None, "a timer runs in {}", self.state);
        }
        assert!(self.fin.is_none_or(|fin| fin == self.send.end()), "data was written after our FIN");
        assert!(self.rcv.wup.at_or_before(self.rcv.nxt), "the window was offered for octets that never came");
        let closed_by_peer =
            matches!(self.state, State::CloseWait | State::LastAck | State::Closing | State::TimeWait);
        assert!(!closed_by_peer || self.peer_fin, "{} without a FIN", self.state);
        let closed_by_us = matches!(
            self.state,
            State::FinWait1 | State::FinWait2 | State::Closing | State::LastAck | State::TimeWait
        );
        assert!(!closed_by_us || self.fin.is_some(), "{} but the user never closed", self.state);
        assert!(
            self.state != State::FinWait2 || self.fin_acknowledged(),
            "FIN-WAIT-2 before our FIN was acknowledged"
        );
    }

    /// Asserts what takes a walk over the lists.
    #[cfg(test)]
    pub fn check_deep(&self) {
        self.check();
        self.flight.check_deep(self.snd.una, self.snd.nxt);
        if !matches!(self.state, State::Closed | State::TimeWait | State::SynSent) {
            self.recv.check_deep(self.rcv.nxt);
        }
    }
}
