//! Why spanning tree acts.

use super::{PortRole, PortState};
use crate::lang::Lang;
use crate::link::HostId;

/// Why a bridge sent a message, or what became of a port. Ports are counted from 1, as the messages have them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TreeReason {
    /// The root speaks, every hello time.
    Hello,
    /// What the root said is passed on.
    PassesOn,
    /// It waited until a second had passed since the message before.
    Held,
    /// Somebody on the link claimed what is worse.
    Objects,
    /// The tree has changed: the root must hear of it.
    TellsChange,
    /// The notification of a change is acknowledged.
    AcknowledgesChange,
    /// The root was lost, and the bridge takes its place.
    BecomesRoot,
    /// A port is now in that state.
    Port {
        /// Its number, from 1.
        number: u16,
        /// Who is at the other end of its link, where that is known.
        to: Option<HostId>,
        /// What it does.
        state: PortState,
        /// What it is for.
        role: PortRole,
    },
    /// Nothing was heard on that port for the maximum age: what was known of it is forgotten.
    TooOld {
        /// Its number, from 1.
        number: u16,
    },
    /// A frame came by a port that does not forward.
    Discards {
        /// Its number, from 1.
        number: u16,
        /// What it does instead.
        state: PortState,
    },
    /// It is for bridges, and no message that this one knows.
    Unknown,
    /// The message's age is beyond its maximum.
    Stale,
}

impl TreeReason {
    /// The section of IEEE 802.1D-1998.
    pub fn section(self) -> &'static str {
        match self {
            TreeReason::Hello => "IEEE 802.1D 8.6.4",
            TreeReason::PassesOn => "IEEE 802.1D 8.6.1",
            TreeReason::Held => "IEEE 802.1D 8.7.8",
            TreeReason::Objects => "IEEE 802.1D 8.6.5",
            TreeReason::TellsChange => "IEEE 802.1D 8.6.6",
            TreeReason::AcknowledgesChange => "IEEE 802.1D 8.6.16",
            TreeReason::BecomesRoot => "IEEE 802.1D 8.6.8",
            TreeReason::Port { .. } => "IEEE 802.1D 8.4",
            TreeReason::TooOld { .. } => "IEEE 802.1D 8.7.4",
            TreeReason::Discards { .. } => "IEEE 802.1D 8.4",
            TreeReason::Unknown => "IEEE 802.1D 9.3.4",
            TreeReason::Stale => "IEEE 802.1D 8.5.1.6",
        }
    }

    /// One plain sentence.
    pub fn sentence(self, lang: Lang) -> String {
        let plain = |en: &str, zh: &str| lang.pick(en, zh).to_owned();
        match self {
            TreeReason::Hello => plain(
                "The root says that it is there, every hello time.",
                "根网桥每隔一个问候时间说一次：我在。",
            ),
            TreeReason::PassesOn => plain(
                "What the root said is passed on, away from the root.",
                "把根网桥的话往远离根的方向转告。",
            ),
            TreeReason::Held => plain(
                "It had to wait: a port sends one message a second at most.",
                "刚才不能发：一个端口一秒最多发一个 BPDU，现在补发。",
            ),
            TreeReason::Objects => plain(
                "Somebody on this link claimed a worse root or a longer way: this bridge knows better.",
                "这条链路上有人说的根更差或路径更远：本网桥知道更好的，予以纠正。",
            ),
            TreeReason::TellsChange => plain(
                "The tree has changed here: the root must hear of it, that all forget old places soon.",
                "这里的拓扑变了：要通知根网桥，让大家尽快忘掉旧的位置。",
            ),
            TreeReason::AcknowledgesChange => plain(
                "The notification of a change came: it need not be sent again.",
                "拓扑变更通知已收到，不必再发。",
            ),
            TreeReason::BecomesRoot => plain(
                "No way to a better root is left: the bridge takes itself for the root.",
                "再没有通往更好的根的路：网桥认为自己就是根。",
            ),
            TreeReason::Port { number, state, role, .. } => port_sentence(number, state, role, lang),
            TreeReason::TooOld { number } => lang.pick(
                format!(
                    "Port {number} has heard nothing for the maximum age: what was known there is forgotten."
                ),
                format!("端口 {number} 在最大寿命内没有听到任何消息：原先所知作废。"),
            ),
            TreeReason::Discards { number, state } => {
                let (en, zh) = words(state);
                lang.pick(
                    format!("It came by port {number}, which is {en}: no frame passes."),
                    format!("它从端口 {number} 进来，而该端口处于{zh}状态：帧不得通过。"),
                )
            }
            TreeReason::Unknown => plain(
                "It is for bridges, but no message of this spanning tree.",
                "这是给网桥的，但不是这种生成树的报文。",
            ),
            TreeReason::Stale => {
                plain("What it tells is older than its maximum age.", "它所说的已超过最大寿命。")
            }
        }
    }
}

/// A state's name.
fn words(state: PortState) -> (&'static str, &'static str) {
    match state {
        PortState::Disabled => ("disabled", "禁用"),
        PortState::Blocking => ("blocking", "阻塞"),
        PortState::Listening => ("listening", "侦听"),
        PortState::Learning => ("learning", "学习"),
        PortState::Forwarding => ("forwarding", "转发"),
    }
}

fn port_sentence(number: u16, state: PortState, role: PortRole, lang: Lang) -> String {
    let (en, zh) = words(state);
    let role = match (role, state) {
        (_, PortState::Disabled) => ("it has no link", "没有链路"),
        (PortRole::Root, _) => ("it leads to the root", "它通往根网桥"),
        (PortRole::Designated, _) => ("it speaks for its link", "它是该链路的指定端口"),
        (PortRole::Blocked, _) => {
            ("another port leads there better, and a loop is cut", "另有更好的端口，环路在此断开")
        }
    };
    lang.pick(
        format!("Port {number} is {en} now: {}.", role.0),
        format!("端口 {number} 进入{zh}状态：{}。", role.1),
    )
}
