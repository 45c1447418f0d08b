//! Which window to offer (RFC 9293 sections 3.8.6 and 3.8.6.2.2).

use super::tcb::Tcb;
use super::{Profile, Reason, WindowRule};

impl Tcb {
    /// Octets of window the receive buffer can give altogether.
    pub fn receive_space(&self, profile: &Profile) -> u32 {
        match profile.window_rule {
            WindowRule::Grows => self.memory.window(self.memory.limit),
            WindowRule::HalfOrSegment => profile.window_of_buffer(self.receive_limit(profile)),
        }
    }

    /// Octets the receive buffer has been given: by the user, or by the profile.
    pub fn receive_limit(&self, profile: &Profile) -> u32 {
        let usual = || u32::try_from(profile.settings.tcp_rmem_default).unwrap_or(131_072);
        self.options.receive_buffer.unwrap_or_else(usual)
    }

    /// The window that could be offered now, never mind what was offered before: no silly small steps
    /// (RFC 9293 section 3.8.6.2.2).
    pub fn offerable(&mut self, profile: &Profile) -> u32 {
        if profile.settings.tcp_silly_windows != 0 {
            return self.every_free_octet(profile);
        }
        match profile.window_rule {
            WindowRule::HalfOrSegment => self.offer_in_steps(profile),
            WindowRule::Grows => self.offer_that_grows(profile),
        }
    }

    /// RCV.BUFF - RCV.USER, however little more than is still offered: what silly windows come from.
    fn every_free_octet(&self, profile: &Profile) -> u32 {
        let space = self.receive_space(profile).min(u32::from(u16::MAX) << self.rcv.scale);
        let free = space.saturating_sub(self.recv.readable() as u32);
        (free - free % (1u32 << self.rcv.scale)).max(self.rcv.window())
    }

    /// RCV.BUFF - RCV.USER once that is enough more than is still offered.
    fn offer_in_steps(&self, profile: &Profile) -> u32 {
        // More cannot be said: the field has 16 bits.
        let space = self.receive_space(profile).min(u32::from(u16::MAX) << self.rcv.scale);
        let free = space.saturating_sub(self.recv.readable() as u32);
        let left = self.rcv.window();
        let step = (space / 2).min(self.segment_size(profile));
        let unit = 1u32 << self.rcv.scale;
        if free >= left.saturating_add(step) {
            return free - free % unit;
        }
        // Rounded up as far as there is room: what was offered is not taken back, even if the user made the buffer smaller.
        let whole = |octets: u32| octets.div_ceil(unit).saturating_mul(unit);
        whole(left).min(whole(free).max(left))
    }

    fn offer_that_grows(&mut self, profile: &Profile) -> u32 {
        let allowed = self.receive_space(profile);
        let greatest = allowed.min(self.memory.clamp);
        let full = u32::from(self.ack.full).min(greatest);
        if full == 0 {
            return 0;
        }
        let unit = 1u32 << self.rcv.scale;
        let shrinks = profile.settings.tcp_shrink_window != 0 && self.rcv.scale > 0;
        let mut free = self.memory.window(self.memory.limit.saturating_sub(self.recv.cost()));
        if shrinks {
            free -= free % unit;
        }
        if free < greatest / 2 {
            self.ack.quick = 0;
            free -= free % unit;
            if free < allowed / 16 || free < full || (shrinks && free < unit) {
                return 0;
            }
        }
        if self.rcv.scale > 0 {
            let offer = free.min(self.rcv.clamp);
            // What is free was cut to whole units already where the window may shrink.
            return if shrinks && free <= self.rcv.clamp { free } else { offer.next_multiple_of(unit) };
        }
        free = free.min(self.rcv.clamp);
        let offered = self.rcv.wnd;
        if offered > free || i64::from(offered) <= i64::from(free) - i64::from(full) {
            free - free % full
        } else if full == greatest && free > offered.saturating_add(greatest / 2) {
            free
        } else {
            offered
        }
    }

    /// Chooses SEG.WND and remembers the offer. The right edge never moves back (RFC 9293 section 3.8.6), unless
    /// tcp_shrink_window lets it.
    pub fn select_window(&mut self, profile: &Profile) -> u16 {
        let unit = 1u32 << self.rcv.scale;
        let most = match self.rcv.scale {
            0 if profile.settings.tcp_workaround_signed_windows != 0 => 32_767,
            scale => u32::from(u16::MAX) << scale,
        };
        let left = self.rcv.window();
        let mut window = self.offerable(profile);
        let shrinks = profile.settings.tcp_shrink_window != 0 && self.rcv.scale > 0;
        if self.ack.owed == Some(Reason::AckNoMemory) {
            window = 0;
        } else if window < left && profile.window_rule == WindowRule::Grows && !shrinks {
            window = left.next_multiple_of(unit);
        }
        let said = window.min(most);
        self.rcv.wnd = match profile.window_rule {
            WindowRule::Grows => window,
            WindowRule::HalfOrSegment => said,
        };
        self.rcv.wup = self.rcv.nxt;
        (said >> self.rcv.scale) as u16
    }
}
