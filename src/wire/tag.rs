//! VLAN tags between the addresses and the type of a frame (IEEE 802.1Q section 9.3).

use super::{Flaw, Header, ParseError};
use bytes::Bytes;

/// The type that announces a tag (802.1Q).
pub const ETHER_TYPE_VLAN: u16 = 0x8100;
/// The type that announces a provider's tag, with the customer's own behind it (802.1ad).
pub const ETHER_TYPE_PROVIDER: u16 = 0x88a8;
/// The same before it was standardised.
const ETHER_TYPE_OLD: u16 = 0x9100;

/// Octets of a tag, its type counted in.
pub(super) const TAG_LEN: usize = 4;

/// A VLAN tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tag {
    /// The type that announces it.
    pub ether_type: u16,
    /// How urgent the frame is, 0 to 7; 0 is usual.
    pub priority: u8,
    /// Whether it may be dropped first.
    pub drop_eligible: bool,
    /// The VLAN, 0 to 4095; 0 is none: only the priority counts.
    pub vlan: u16,
}

/// The tags of a frame, the outermost first. Of more than two the rest counts as what the frame carries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tags([Option<Tag>; 2]);

impl Tags {
    /// No tag.
    pub const NONE: Tags = Tags([None; 2]);

    /// One tag.
    pub const fn one(tag: Tag) -> Tags {
        Tags([Some(tag), None])
    }

    /// These, and another inside; a third is left out.
    pub fn with(mut self, inner: Tag) -> Tags {
        if let Some(place) = self.0.iter_mut().find(|place| place.is_none()) {
            *place = Some(inner);
        }
        self
    }

    /// They, the outermost first.
    pub fn iter(&self) -> impl Iterator<Item = Tag> + '_ {
        self.0.iter().copied().flatten()
    }

    /// The outermost.
    pub fn outer(&self) -> Option<Tag> {
        self.0[0]
    }

    /// Octets they take.
    pub fn len(&self) -> usize {
        self.iter().count() * TAG_LEN
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0[0].is_none()
    }

    /// The tags that `ether_type` announces at `at` of the frame, the type of what follows them, and where that begins.
    ///
    /// # Errors
    /// The frame ends within a tag.
    pub(super) fn parse(
        frame: &[u8],
        mut ether_type: u16,
        mut at: usize,
    ) -> Result<(Tags, u16, usize), ParseError> {
        let mut tags = Tags::NONE;
        for place in &mut tags.0 {
            if !announces_tag(ether_type) {
                break;
            }
            let octets = frame.get(at..).unwrap_or_default();
            let Some(&[high, low, next_high, next_low]) = octets.first_chunk::<TAG_LEN>() else {
                let flaw = Flaw::Truncated { need: TAG_LEN, have: octets.len() };
                return Err(ParseError { header: Header::Vlan, at, flaw });
            };
            *place = Some(Tag::new(ether_type, u16::from_be_bytes([high, low])));
            ether_type = u16::from_be_bytes([next_high, next_low]);
            at += TAG_LEN;
        }
        Ok((tags, ether_type, at))
    }
}

impl Tag {
    /// The tag that this type announces, of the two octets behind it.
    pub const fn new(ether_type: u16, control: u16) -> Tag {
        Tag {
            ether_type,
            priority: (control >> 13) as u8,
            drop_eligible: control & 0x1000 != 0,
            vlan: control & 0x0fff,
        }
    }

    /// The two octets after the type that announces it.
    pub fn control(&self) -> u16 {
        u16::from(self.priority & 7) << 13 | u16::from(self.drop_eligible) << 12 | self.vlan & 0x0fff
    }
}

/// The frame without its tags, if it has any and none of them names a VLAN; else the outermost that does. `None` where there
/// is no tag, or the frame ends within one.
pub fn untag(frame: &Bytes) -> Option<Result<Bytes, u16>> {
    const ADDRESSES: usize = 12;
    let kind = |at: usize| Some(u16::from_be_bytes([*frame.get(at)?, *frame.get(at + 1)?]));
    let mut at = ADDRESSES;
    // The kernel knows these two types, and takes off as many tags as there are.
    while matches!(kind(at)?, ETHER_TYPE_VLAN | ETHER_TYPE_PROVIDER) {
        let vlan = kind(at + 2)? & 0x0fff;
        if vlan != 0 {
            return Some(Err(vlan));
        }
        at += TAG_LEN;
    }
    (at > ADDRESSES).then(|| Ok([&frame[..ADDRESSES], &frame[at..]].concat().into()))
}

/// Whether a tag follows that type.
pub fn announces_tag(ether_type: u16) -> bool {
    matches!(ether_type, ETHER_TYPE_VLAN | ETHER_TYPE_PROVIDER | ETHER_TYPE_OLD)
}
