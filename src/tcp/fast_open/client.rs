//! The client's side: what it knows of each server, what its SYN carries, and what the SYN-ACK says about that
//! (RFC 7413 sections 4.1.3, 4.2.1 and 4.2.2).

use super::{CLIENT, CLIENT_WITHOUT_COOKIE, Cookie, Offer};
use crate::clock::Instant;
use crate::mib::Counter;
use crate::tcp::options::SynOptions;
use crate::tcp::profile::seconds;
use crate::tcp::stack::Stack;
use crate::tcp::tcb::{Context, Tcb};
use crate::tcp::{ConnId, ConnOptions, ConnectError, Effects, Reason, State};
use crate::wire::{Seq, tcp_headers};
use bytes::Bytes;
use std::net::SocketAddr;

/// Octets kept free for the options of a SYN with data.
const OPTION_ROOM: u16 = 40;

/// What a client remembers of a server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::tcp) struct Known {
    cookie: Cookie,
    experimental: bool,
    /// The MSS its last SYN-ACK told.
    mss: Option<u16>,
    /// Until when it gets no data on a SYN.
    not_before: Option<Instant>,
}

/// What a SYN carries beyond the usual.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::tcp) struct Asked {
    /// The option; none where data goes without a cookie.
    pub offer: Option<Offer>,
    /// The user waits to send more: its first segment completes the handshake.
    pub writer_waits: bool,
    /// The SYN-ACK acknowledged what the SYN carried.
    pub taken: bool,
    /// What went wrong, as TCP_INFO tells it.
    pub trouble: Trouble,
    /// Begun when something had been swallowed before: if it goes well that is forgotten.
    pub trial: bool,
    /// It seems to be swallowed on the way; for the stack to remember.
    pub swallowed: bool,
    /// What the SYN-ACK taught, for the stack to remember.
    pub learnt: Option<Learnt>,
}

/// Why a SYN brought no data over, by the numbers of tcpi_fastopen_client_fail.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::tcp) enum Trouble {
    #[default]
    None = 0,
    NoCookie = 1,
    NotAcknowledged = 2,
    SentAgain = 3,
}

/// What one handshake taught.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::tcp) struct Learnt {
    /// What the SYN-ACK told, if one came.
    mss: Option<u16>,
    given: Option<Offer>,
    /// Data on the SYN, or the option, did not get through.
    failed: bool,
    /// The SYN asked for a cookie by this option.
    asked: Option<bool>,
}

impl Stack {
    /// Whether tcp_fastopen lets clients send data on a SYN.
    pub fn fast_open_allowed(&self) -> bool {
        self.profile.settings.tcp_fastopen & CLIENT != 0
    }

    /// Whether a SYN to that host could carry data now.
    pub fn fast_open_ready(&self, now: Instant, remote: SocketAddr, options: &ConnOptions) -> bool {
        self.fast_open_to(now, remote, options)
            .is_some_and(|(offer, _)| offer.is_none_or(|o| !o.cookie.is_empty()))
    }

    /// The option for a SYN to that host and the octets of text it may carry; `None` if it is to be a usual SYN.
    fn fast_open_to(
        &self,
        now: Instant,
        remote: SocketAddr,
        options: &ConnOptions,
    ) -> Option<(Option<Offer>, u16)> {
        let known = self.fast_open.known.get(&remote.ip()).copied().unwrap_or_default();
        let pause = seconds(self.profile.settings.tcp_fastopen_blackhole_timeout_sec);
        if self.fast_open.pauses(now, pause) {
            return None;
        }
        if !self.fast_open_allowed() || known.not_before.is_some_and(|until| now < until) {
            return None;
        }
        let path = self.path_to(now, remote).map_or(u16::MAX, |path| path.mss(tcp_headers(remote.ip())));
        let mss = known.mss.unwrap_or(u16::MAX).min(self.mss(remote.ip())).min(path);
        let room = mss.saturating_sub(OPTION_ROOM);
        if self.profile.settings.tcp_fastopen & CLIENT_WITHOUT_COOKIE != 0 || options.fast_open_no_cookie {
            return Some((None, room));
        }
        let offer = Offer { cookie: known.cookie, experimental: known.experimental };
        Some((Some(offer), if offer.cookie.is_empty() { 0 } else { room }))
    }

    /// Begins a connection whose SYN carries as much of `data` as it may (RFC 7413 section 4.2.2), or asks for a cookie.
    /// Returns how much that was.
    ///
    /// # Errors
    /// [`ConnectError::PairInUse`] as [`Stack::connect`].
    pub fn connect_with(
        &mut self,
        now: Instant,
        local: SocketAddr,
        remote: SocketAddr,
        options: &ConnOptions,
        data: &Bytes,
        fx: &mut Effects,
    ) -> Result<(ConnId, usize), ConnectError> {
        let Some((offer, room)) = self.fast_open_to(now, remote, options) else {
            return self.connect(now, local, remote, options, fx).map(|c| (c, 0));
        };
        let len = data.len().min(usize::from(room));
        // A writer that waits for the handshake has something for its last ACK to ride on.
        let no_cookie = offer.is_some_and(|offer| offer.cookie.is_empty());
        let trouble = if no_cookie { Trouble::NoCookie } else { Trouble::None };
        let trial = self.fast_open.doubts();
        let asked = Asked { offer, writer_waits: len < data.len(), trouble, trial, ..Asked::default() };
        let c = self.begin(now, local, remote, options, Some((asked, data.slice(..len))), fx)?;
        Ok((c, len))
    }

    /// Nothing is held against the way any more: the administrator chose another pause.
    pub fn forget_black_hole(&mut self) {
        self.fast_open.forgets_black_hole();
    }

    /// Nobody waits to send on it any more, or is going to.
    pub fn writer_left(&mut self, c: ConnId) {
        let block = self.tables.block_mut(c);
        if let Some(asked) = block.and_then(|tcb| tcb.asked.as_mut()) {
            asked.writer_waits = false;
        }
    }

    /// Keeps what a handshake taught about the server.
    pub(in crate::tcp) fn settle_asked(&mut self, now: Instant, c: ConnId) {
        let Some(tcb) = self.tables.block_mut(c) else { return };
        let (came, over) = (tcb.rcv.nxt.after(tcb.rcv.irs + 1), tcb.state() == State::Closed);
        let remote = tcb.ends.remote().ip();
        let Some(asked) = tcb.asked.as_mut() else { return };
        if std::mem::take(&mut asked.swallowed) {
            self.fast_open.meets_black_hole(now);
        } else if asked.trial && came && over {
            asked.trial = false;
            self.fast_open.forgets_black_hole();
        }
        let Some(learnt) = asked.learnt.take() else { return };
        let known = self.fast_open.known.entry(remote).or_default();
        known.mss = learnt.mss.or(known.mss);
        let rules = self.profile.fast_open;
        if let Some(offer) = learnt.given {
            (known.cookie, known.experimental) = (offer.cookie, offer.experimental);
        } else if learnt.asked == Some(known.experimental) && known.cookie.is_empty() && rules.asks_both_ways
        {
            known.experimental = !known.experimental;
        }
        known.not_before = rules.negative_life.filter(|_| learnt.failed).map(|life| now + life);
    }
}

impl Tcb {
    /// How much of what was on our SYN the SYN-ACK leaves out, and what it teaches about the server
    /// (RFC 7413 section 4.2.2).
    pub fn learn_from_syn_ack(&mut self, cx: &mut Context<'_>, peer: &SynOptions, ack: Seq) {
        let timeouts = self.recovery.timeouts;
        let sent = self.snd.nxt != self.snd.iss + 1;
        let left_out = ack.before(self.snd.nxt);
        let owner = self.owner();
        let Some(asked) = self.asked.as_mut() else { return };
        asked.taken = sent && ack.after(self.snd.iss + 1);
        // A cookie that nobody asked for is no cookie.
        let given = peer.fast_open.filter(|offer| {
            let ours = asked.offer.is_some_and(|asked| asked.experimental == offer.experimental);
            ours && !offer.cookie.is_empty()
        });
        let refused = asked.offer.is_some_and(|offer| offer.cookie.is_empty()) && given.is_none();
        let failed = sent && left_out || (refused && timeouts > 0);
        asked.learnt = Some(Learnt {
            mss: Some(peer.mss.unwrap_or(cx.profile.mss_unsaid(self.ends.remote().ip()))),
            given,
            failed: failed || refused,
            asked: asked.offer.map(|offer| offer.experimental).filter(|_| timeouts == 0 && refused),
        });
        if given.is_some() {
            cx.fx.note(owner, Reason::FastOpenCookieKept);
        }
        if sent && left_out {
            asked.trouble = if timeouts > 0 { Trouble::SentAgain } else { Trouble::NotAcknowledged };
            cx.fx.count(Counter::TCPFastOpenActiveFail);
            cx.fx.note(owner, Reason::FastOpenNotTaken);
        } else if sent {
            cx.fx.count(Counter::TCPFastOpenActive);
        }
    }

    /// The retransmission timer runs out for the third time, or there is no hope any more: was it for Fast Open that
    /// nothing comes back (RFC 7413 section 4.1.3.1)?
    pub fn suspect_swallowed(&mut self, cx: &mut Context<'_>, hopeless: bool) {
        const SUSPICIOUS: u32 = 2;
        let timeouts = self.recovery.timeouts;
        if timeouts == SUSPICIOUS || (timeouts < SUSPICIOUS && hopeless) {
            self.seems_swallowed(cx);
        }
    }

    /// It is over, and all that ever came of the peer's text was a FIN behind a hole.
    pub fn suspect_swallowed_answer(&mut self, cx: &mut Context<'_>) {
        if self.asked.is_some() && self.rcv.nxt == self.rcv.irs + 1 && self.recv.holds_only_fin() {
            self.seems_swallowed(cx);
        }
    }

    fn seems_swallowed(&mut self, cx: &mut Context<'_>) {
        let pauses = cx.profile.settings.tcp_fastopen_blackhole_timeout_sec > 0;
        let owner = self.owner();
        if let Some(asked) = self.asked.as_mut().filter(|_| pauses) {
            asked.swallowed = true;
            cx.fx.count(Counter::TCPFastOpenBlackhole);
            cx.fx.note(owner, Reason::FastOpenPaused);
        }
    }

    /// What went wrong with the data on our SYN, as tcpi_fastopen_client_fail tells it.
    pub fn early_trouble(&self) -> i64 {
        self.asked.as_deref().map_or(0, |asked| asked.trouble as i64)
    }

    /// No SYN was ever answered.
    pub fn learn_from_silence(&mut self) {
        if let Some(asked) = self.asked.as_mut() {
            asked.learnt = Some(Learnt { mss: None, given: None, failed: true, asked: None });
        }
    }

    /// The text that our first SYN carries.
    pub fn text_on_syn(&self) -> Bytes {
        match self.asked {
            Some(_) => self.send.slice(self.snd.iss + 1, self.snd.nxt - (self.snd.iss + 1)),
            None => Bytes::new(),
        }
    }
}
