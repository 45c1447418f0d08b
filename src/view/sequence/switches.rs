//! What switches do that is no frame: what spanning tree makes of their ports, links that go down and come up.

use super::Builder;
use crate::host::Reason;
use crate::link::{self, HostId, PortState, TreeReason};
use crate::trace::Record;
use crate::view::lanes::Beside;

impl Builder<'_> {
    /// The engine noted something: of ports and of cards without a carrier it is told.
    pub(super) fn noted(&mut self, record: &Record, why: &Reason) {
        let lang = self.look.lang;
        match why {
            Reason::Link(link::Reason::Tree(TreeReason::Port { number, to, state, .. })) => {
                self.port_changed(record, *number, *to, *state);
            }
            Reason::Link(link::Reason::Tree(TreeReason::BecomesRoot)) => {
                let words = lang.pick("takes itself for the root", "认为自己是根");
                self.beside(record, Beside::State, words.to_owned());
            }
            Reason::Link(link::Reason::Collision { attempt, slots }) => {
                let words = lang.pick(
                    format!("collision {attempt}: waits {slots} slots"),
                    format!("第 {attempt} 次碰撞：退避 {slots} 个时隙"),
                );
                self.beside(record, Beside::Trouble, words);
            }
            Reason::Link(link::Reason::NoCarrier) => {
                let words = lang.pick("✗ no carrier: thrown away", "✗ 没有载波：丢弃");
                self.beside(record, Beside::Trouble, words.to_owned());
            }
            _ => {}
        }
    }

    /// A port's new state; ports of one switch that come to the same state at once are told in one line.
    fn port_changed(&mut self, record: &Record, number: u16, to: Option<HostId>, state: PortState) {
        let lang = self.look.lang;
        let name = to.map_or_else(|| number.to_string(), |to| self.trace.host_name(to).to_owned());
        let state = match state {
            PortState::Disabled => lang.pick("no link", "无链路"),
            PortState::Blocking => lang.pick("blocking", "阻塞"),
            PortState::Listening => lang.pick("listening", "侦听"),
            PortState::Learning => lang.pick("learning", "学习"),
            PortState::Forwarding => lang.pick("forwarding", "转发"),
        };
        let end = lang.pick(format!(": {state}"), format!("：{state}"));
        let lane = self.lane(record.host);
        let last = self.diagram.rows.last_mut().filter(|row| row.at == record.at && row.arrow.is_none());
        let aside = last.zip(lane).and_then(|(row, lane)| row.asides[lane].as_mut());
        if let Some(aside) = aside
            && let Some(ports) = aside.text.strip_suffix(&end)
        {
            aside.text = format!("{ports}, {name}{end}");
            return;
        }
        self.beside(record, Beside::State, lang.pick(format!("to {name}{end}"), format!("到 {name}{end}")));
    }

    /// A node was taken off its links or put back, or one of its links went down or up.
    pub(super) fn link_changed(&mut self, record: &Record, up: bool, next: Option<HostId>) {
        let lang = self.look.lang;
        let words = match (next, up) {
            (Some(next), true) => {
                let next = self.trace.host_name(next);
                lang.pick(format!("link to {next} up"), format!("到 {next} 的链路接通"))
            }
            (Some(next), false) => {
                let next = self.trace.host_name(next);
                lang.pick(format!("link to {next} down"), format!("到 {next} 的链路断开"))
            }
            (None, true) => lang.pick("back on the wire", "重新接上线路").to_owned(),
            (None, false) => lang.pick("off the wire", "离开线路").to_owned(),
        };
        self.beside(record, Beside::Trouble, words);
    }
}
