//! Bridge protocol data units: what spanning tree says (IEEE 802.1D-1998 section 9), in an 802.3 frame with an LLC header.

use super::{Flaw, Header, MacAddr, ParseError};

/// The group address of all bridges (IEEE 802.1D table 7-9); no bridge with spanning tree passes it on.
pub const BRIDGE_GROUP: MacAddr = MacAddr([0x01, 0x80, 0xc2, 0, 0, 0]);

/// The LLC header of spanning tree: both service access points 0x42, an unnumbered information frame.
pub(super) const LLC: [u8; 3] = [0x42, 0x42, 0x03];

/// Octets of a configuration message, LLC header aside.
const CONFIG_LEN: usize = 35;
/// Octets of a topology change notification.
const CHANGE_LEN: usize = 4;
/// The type octet of a topology change notification; that of a configuration message is 0.
const CHANGE: u8 = 0x80;
/// Flags of a configuration message.
const TOPOLOGY_CHANGE: u8 = 0x01;
const ACKNOWLEDGMENT: u8 = 0x80;

/// A bridge's identifier: the lower one is the better root (IEEE 802.1D section 9.2.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BridgeId {
    /// Its priority, the first two octets.
    pub priority: u16,
    /// Its address.
    pub mac: MacAddr,
}

/// A configuration message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConfigBpdu {
    /// The root knows of a change, and says so.
    pub topology_change: bool,
    /// A notification of a change is acknowledged.
    pub acknowledgment: bool,
    /// Whom the sender takes for the root.
    pub root: BridgeId,
    /// What the way from the sender to the root costs.
    pub root_cost: u32,
    /// The sender.
    pub bridge: BridgeId,
    /// The sender's port: priority and number.
    pub port: u16,
    /// How old the root's message is that this one passes on, in 1/256 s; so the next ones.
    pub message_age: u16,
    /// At which age it is worth nothing any more.
    pub max_age: u16,
    /// How often the root speaks.
    pub hello_time: u16,
    /// How long a port listens, and then learns.
    pub forward_delay: u16,
}

/// A message of spanning tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bpdu {
    /// A configuration message.
    Config(ConfigBpdu),
    /// To the root: the tree has changed here.
    TopologyChange,
}

impl Bpdu {
    /// Octets of the message with its LLC header: what the frame's length field says.
    pub fn len(&self) -> usize {
        LLC.len()
            + match self {
                Bpdu::Config(_) => CONFIG_LEN,
                Bpdu::TopologyChange => CHANGE_LEN,
            }
    }

    /// Never: there is always a header.
    pub fn is_empty(&self) -> bool {
        false
    }

    /// LLC header and message, handed to `out` piece by piece.
    pub(super) fn write(&self, mut out: impl FnMut(&[u8])) {
        out(&LLC);
        match self {
            Bpdu::TopologyChange => out(&[0, 0, 0, CHANGE]),
            Bpdu::Config(config) => {
                let flags = (u8::from(config.topology_change) * TOPOLOGY_CHANGE)
                    | (u8::from(config.acknowledgment) * ACKNOWLEDGMENT);
                out(&[0, 0, 0, 0, flags]);
                out(&config.root.octets());
                out(&config.root_cost.to_be_bytes());
                out(&config.bridge.octets());
                for field in
                    [config.port, config.message_age, config.max_age, config.hello_time, config.forward_delay]
                {
                    out(&field.to_be_bytes());
                }
            }
        }
    }

    /// The message whose LLC header begins at `at` of the frame; `None` if the header is another's, or the message of a
    /// later version of the protocol.
    ///
    /// # Errors
    /// It is shorter than its type needs.
    pub(super) fn parse(frame: &[u8], at: usize) -> Result<Option<Bpdu>, ParseError> {
        let octets = frame.get(at..).unwrap_or_default();
        let Some(message) = octets.strip_prefix(&LLC) else { return Ok(None) };
        let truncated = |need: usize| ParseError {
            header: Header::Bpdu,
            at: at + LLC.len(),
            flaw: Flaw::Truncated { need, have: message.len() },
        };
        let Some(head) = message.first_chunk::<CHANGE_LEN>() else { return Err(truncated(CHANGE_LEN)) };
        match head {
            [0, 0, _, CHANGE] => Ok(Some(Bpdu::TopologyChange)),
            [0, 0, _, 0] => match message.first_chunk::<CONFIG_LEN>() {
                Some(message) => Ok(Some(Bpdu::Config(config(message)))),
                None => Err(truncated(CONFIG_LEN)),
            },
            _ => Ok(None),
        }
    }
}

fn config(message: &[u8; CONFIG_LEN]) -> ConfigBpdu {
    let word = |at: usize| u16::from_be_bytes([message[at], message[at + 1]]);
    let id = |at: usize| {
        let mut mac = [0; 6];
        mac.copy_from_slice(&message[at + 2..at + 8]);
        BridgeId { priority: word(at), mac: MacAddr(mac) }
    };
    ConfigBpdu {
        topology_change: message[4] & TOPOLOGY_CHANGE != 0,
        acknowledgment: message[4] & ACKNOWLEDGMENT != 0,
        root: id(5),
        root_cost: u32::from(word(13)) << 16 | u32::from(word(15)),
        bridge: id(17),
        port: word(25),
        message_age: word(27),
        max_age: word(29),
        hello_time: word(31),
        forward_delay: word(33),
    }
}

impl BridgeId {
    fn octets(self) -> [u8; 8] {
        let mut octets = [0; 8];
        octets[..2].copy_from_slice(&self.priority.to_be_bytes());
        octets[2..].copy_from_slice(&self.mac.0);
        octets
    }
}

/// As `bridge` prints it: `8000.02:ff:00:01:00:00`.
impl std::fmt::Display for BridgeId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:04x}.{}", self.priority, self.mac)
    }
}
