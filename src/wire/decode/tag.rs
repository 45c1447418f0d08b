//! A VLAN tag (IEEE 802.1Q).

use super::draft::{Draft, Level};
use super::ethernet::type_words;
use crate::lang::Text;
use crate::wire::{ETHER_TYPE_PROVIDER, Flaw, Header, ParseError};

const CITE: &str = "IEEE 802.1Q 9.6";
const LEN: usize = 4;

/// Reads the tag at `start`, announced by the type `kind`; returns the type of what follows, 0 if the frame ends within.
pub(super) fn decode(draft: &mut Draft<'_>, start: usize, kind: u16) -> u16 {
    let name = if kind == ETHER_TYPE_PROVIDER {
        Text::new("802.1ad tag", "802.1ad 标签")
    } else {
        Text::new("802.1Q tag", "802.1Q 标签")
    };
    draft.layer(name, Level::Link, start, start + LEN);
    let have = draft.frame.len().saturating_sub(start);
    if have < LEN {
        draft.flaw(ParseError { header: Header::Vlan, at: start, flaw: Flaw::Truncated { need: LEN, have } });
        return 0;
    }
    let control = draft.u16(start);
    let (priority, drop, vlan) = (control >> 13, control >> 12 & 1, control & 0x0fff);
    let meaning = match priority {
        0 => Text::new("as usual", "普通"),
        1 => Text::new("in the background", "后台，最低"),
        7 => Text::new("the most urgent", "最紧急"),
        _ => Text::new("more urgent than usual", "比普通紧急"),
    };
    let place = start..start + 2;
    let name = Text::new("priority", "优先级（PCP）");
    draft.bits("vlan.priority", name, (place.clone(), 0..3), priority, meaning, CITE);
    let meaning = if drop == 1 {
        Text::new("may be dropped first", "拥塞时可先丢弃")
    } else {
        Text::new("not to be dropped before others", "不比别的帧先丢弃")
    };
    let name = Text::new("drop eligible", "可丢弃（DEI）");
    draft.bits("vlan.dei", name, (place.clone(), 3..4), drop, meaning, CITE);
    let meaning = match vlan {
        0 => Text::new("no VLAN: only the priority counts", "不属于任何 VLAN，只有优先级有意义"),
        0xfff => Text::new("reserved", "保留"),
        _ => Text::new("the network that the frame belongs to", "该帧所属的虚拟局域网"),
    };
    draft.bits("vlan.id", Text::new("VLAN", "VLAN 标识"), (place, 4..16), vlan, meaning, CITE);
    let ether_type = draft.u16(start + 2);
    let (value, meaning) = type_words(ether_type);
    let place = start + 2..start + LEN;
    draft.field("vlan.type", Text::new("type", "类型"), place, value, meaning, CITE);
    ether_type
}
