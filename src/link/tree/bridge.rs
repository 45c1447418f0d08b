//! A bridge and its ports: messages in, ports up and down.

use super::{PortRole, PortState, TreeEffect, TreeHabits, TreeReason};
use crate::clock::{Instant, Span};
use crate::link::HostId;
use crate::wire::{Bpdu, BridgeId, ConfigBpdu};

/// What an administrator sets of a bridge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TreeSettings {
    /// Who it is; the lowest becomes the root.
    pub id: BridgeId,
    /// How often it speaks while it is the root, 1 to 10 s.
    pub hello: Span,
    /// After which a message is worth nothing, 6 to 40 s.
    pub max_age: Span,
    /// How long a port listens, and then learns, 2 to 30 s.
    pub forward_delay: Span,
    /// What the standard leaves open.
    pub habits: TreeHabits,
}

/// What is set of a port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PortSettings {
    /// Priority (the high octet) and number, from 1.
    pub id: u16,
    /// What the way over its link costs.
    pub cost: u32,
    /// Who is at the link's other end, for those who tell of the port.
    pub to: Option<HostId>,
}

/// A bridge with spanning tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bridge {
    pub(super) own: TreeSettings,
    pub(super) root: BridgeId,
    pub(super) root_cost: u32,
    pub(super) root_port: Option<usize>,
    /// As the root says: maximum age, hello time, forward delay.
    pub(super) max_age: Span,
    pub(super) hello: Span,
    pub(super) forward_delay: Span,
    /// The root says that the tree changes.
    pub(super) topology_change: bool,
    /// A change was seen here, and the root may not know yet.
    pub(super) change_detected: bool,
    pub(super) hello_at: Option<Instant>,
    pub(super) notify_at: Option<Instant>,
    pub(super) change_over_at: Option<Instant>,
    pub(super) ports: Vec<TreePort>,
    pub(super) effects: Vec<TreeEffect>,
}

/// A port: what it does, and the best message heard on its link (IEEE 802.1D section 8.5.5).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TreePort {
    pub settings: PortSettings,
    pub state: PortState,
    pub designated_root: BridgeId,
    pub designated_cost: u32,
    pub designated_bridge: BridgeId,
    pub designated_port: u16,
    pub acknowledges: bool,
    pub pending: bool,
    /// When the root sent what was heard last.
    pub born: Instant,
    pub too_old_at: Option<Instant>,
    pub forward_at: Option<Instant>,
    pub held_until: Instant,
}

impl Bridge {
    /// A bridge that is switched on; its ports come [up](Bridge::port_up) one by one.
    pub fn new(now: Instant, own: TreeSettings, ports: Vec<PortSettings>) -> Bridge {
        let port = |settings: PortSettings| TreePort {
            settings,
            state: PortState::Disabled,
            designated_root: own.id,
            designated_cost: 0,
            designated_bridge: own.id,
            designated_port: settings.id,
            acknowledges: false,
            pending: false,
            born: now,
            too_old_at: None,
            forward_at: None,
            held_until: now,
        };
        Bridge {
            own,
            root: own.id,
            root_cost: 0,
            root_port: None,
            max_age: own.max_age,
            hello: own.hello,
            forward_delay: own.forward_delay,
            topology_change: false,
            change_detected: false,
            hello_at: Some(now + own.hello),
            notify_at: None,
            change_over_at: None,
            ports: ports.into_iter().map(port).collect(),
            effects: Vec::new(),
        }
    }

    /// What is to be done since the last time this was asked.
    pub fn take_effects(&mut self) -> Vec<TreeEffect> {
        std::mem::take(&mut self.effects)
    }

    /// What that port does; a port that is not there is disabled.
    pub fn state(&self, port: u16) -> PortState {
        self.ports.get(usize::from(port)).map_or(PortState::Disabled, |port| port.state)
    }

    /// How long places are remembered now; `None` is as long as usual.
    pub fn ageing(&self) -> Option<Span> {
        self.topology_change.then_some(self.forward_delay * u64::from(self.own.habits.short_ageing))
    }

    /// Whether the bridge takes itself for the root.
    pub fn is_root(&self) -> bool {
        self.root == self.own.id
    }

    /// The port's link came up (section 8.8.2).
    pub fn port_up(&mut self, now: Instant, port: u16) {
        let place = usize::from(port);
        if self.ports.get(place).is_none_or(|port| port.state != PortState::Disabled) {
            return;
        }
        self.become_designated(place);
        let data = &mut self.ports[place];
        data.state = PortState::Blocking;
        (data.acknowledges, data.pending) = (false, false);
        (data.too_old_at, data.forward_at, data.held_until) = (None, None, now);
        self.select_states(now);
        if self.own.habits.speaks_at_once && self.is_root() {
            self.transmit(now, place, TreeReason::Hello);
        }
    }

    /// The port's link went down (section 8.8.3).
    pub fn port_down(&mut self, now: Instant, port: u16) {
        let place = usize::from(port);
        if self.ports.get(place).is_none_or(|port| port.state == PortState::Disabled) {
            return;
        }
        let was_root = self.is_root();
        self.become_designated(place);
        let data = &mut self.ports[place];
        (data.acknowledges, data.pending) = (false, false);
        (data.too_old_at, data.forward_at) = (None, None);
        self.set_state(place, PortState::Disabled);
        self.update_configuration();
        self.select_states(now);
        if self.is_root() && !was_root {
            self.become_root(now);
        }
    }

    /// A message came in by that port. `Err` says why it counts for nothing.
    ///
    /// # Errors
    /// The port has no link, or the message is older than its maximum age.
    pub fn receive(&mut self, now: Instant, port: u16, message: &Bpdu) -> Result<(), TreeReason> {
        let place = usize::from(port);
        let state = self.state(port);
        if state == PortState::Disabled {
            return Err(TreeReason::Discards { number: port + 1, state });
        }
        match message {
            Bpdu::Config(config) if config.message_age > config.max_age => return Err(TreeReason::Stale),
            Bpdu::Config(config) => self.configured(now, place, config),
            Bpdu::TopologyChange => self.notified(now, place),
        }
        Ok(())
    }

    /// Section 8.7.1.
    fn configured(&mut self, now: Instant, place: usize, config: &ConfigBpdu) {
        let was_root = self.is_root();
        if !self.supersedes(place, config) {
            if self.is_designated(place) {
                self.transmit(now, place, TreeReason::Objects);
            }
            return;
        }
        self.record(now, place, config);
        self.update_configuration();
        self.select_states(now);
        if was_root && !self.is_root() {
            self.hello_at = None;
            if self.change_detected {
                self.change_over_at = None;
                self.notify(now);
            }
        }
        if self.root_port == Some(place) {
            self.max_age = ticks(config.max_age);
            self.hello = ticks(config.hello_time);
            self.forward_delay = ticks(config.forward_delay);
            self.topology_change = config.topology_change;
            self.speak(now, TreeReason::PassesOn);
            if config.acknowledgment {
                self.change_detected = false;
                self.notify_at = None;
            }
        }
    }

    /// Section 8.7.2.
    fn notified(&mut self, now: Instant, place: usize) {
        if self.is_designated(place) {
            self.detect_change(now);
            self.ports[place].acknowledges = true;
            self.transmit(now, place, TreeReason::AcknowledgesChange);
        }
    }

    /// Section 8.6.2.
    fn record(&mut self, now: Instant, place: usize, config: &ConfigBpdu) {
        let port = &mut self.ports[place];
        port.designated_root = config.root;
        port.designated_cost = config.root_cost;
        port.designated_bridge = config.bridge;
        port.designated_port = config.port;
        let age = ticks(config.message_age);
        port.born = Instant::from_nanos(now.as_nanos().saturating_sub(age.as_nanos()));
        port.too_old_at = Some(now + ticks(config.max_age.saturating_sub(config.message_age)));
    }

    /// Section 8.6.4: to every port that speaks for its link.
    pub(super) fn speak(&mut self, now: Instant, why: TreeReason) {
        for place in 0..self.ports.len() {
            if self.ports[place].state != PortState::Disabled && self.is_designated(place) {
                self.transmit(now, place, why);
            }
        }
    }

    /// Section 8.6.1; within the hold time of the message before it only becomes due.
    pub(super) fn transmit(&mut self, now: Instant, place: usize, why: TreeReason) {
        let increment = ticks(self.own.habits.age_increment);
        let age = match self.root_port {
            None => Span::ZERO,
            Some(port) => now.since(self.ports[port].born) + increment,
        };
        let port = &mut self.ports[place];
        if now < port.held_until {
            port.pending = true;
            return;
        }
        if age >= self.max_age {
            return;
        }
        let message = ConfigBpdu {
            topology_change: self.topology_change,
            acknowledgment: port.acknowledges,
            root: self.root,
            root_cost: self.root_cost,
            bridge: self.own.id,
            port: port.settings.id,
            message_age: in_ticks(age),
            max_age: in_ticks(self.max_age),
            hello_time: in_ticks(self.hello),
            forward_delay: in_ticks(self.forward_delay),
        };
        (port.acknowledges, port.pending) = (false, false);
        port.held_until = now + super::HOLD_TIME;
        let message = Bpdu::Config(message);
        self.effects.push(TreeEffect::Send { port: place as u16, message, why });
    }

    /// Section 8.6.6, with the timer that repeats it.
    pub(super) fn notify(&mut self, now: Instant) {
        let Some(port) = self.root_port else { return };
        let (port, message, why) = (port as u16, Bpdu::TopologyChange, TreeReason::TellsChange);
        self.effects.push(TreeEffect::Send { port, message, why });
        self.notify_at = Some(now + self.own.hello);
    }

    /// A port is in another state now.
    pub(super) fn set_state(&mut self, place: usize, state: PortState) {
        self.ports[place].state = state;
        let role = self.role(place);
        let number = place as u16 + 1;
        self.effects.push(TreeEffect::Tell(TreeReason::Port {
            number,
            to: self.ports[place].settings.to,
            state,
            role,
        }));
    }

    fn role(&self, place: usize) -> PortRole {
        if self.root_port == Some(place) {
            PortRole::Root
        } else if self.is_designated(place) {
            PortRole::Designated
        } else {
            PortRole::Blocked
        }
    }
}

/// A time in a message, 1/256 s.
fn ticks(ticks: u16) -> Span {
    Span::nanos(u64::from(ticks) * 1_000_000_000 / 256)
}

/// A time as messages have it.
fn in_ticks(span: Span) -> u16 {
    u16::try_from(u128::from(span.as_nanos()) * 256 / 1_000_000_000).unwrap_or(u16::MAX)
}
