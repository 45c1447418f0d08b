//! What is said beside an arrow: only what the arrow itself does not tell.

use super::Look;
use crate::host::Reason;
use crate::{ip, link, tcp};
use bytes::Bytes;

/// Why a frame was lost, in few words.
pub fn lost(why: &Reason, look: &Look) -> String {
    let lang = look.lang;
    match why {
        Reason::Link(link::Reason::Fault { .. }) => lang.pick("lost", "丢失").to_owned(),
        Reason::Link(link::Reason::QueueFull { limit }) => {
            lang.pick(format!("lost: queue of {limit} is full"), format!("丢失：队列 {limit} 帧已满"))
        }
        Reason::Link(link::Reason::LinkDown) => {
            lang.pick("lost: off the wire", "丢失：已离开线路").to_owned()
        }
        Reason::Link(link::Reason::NoReceiver) => {
            lang.pick("lost: nobody is there", "丢失：无此站点").to_owned()
        }
        Reason::Link(link::Reason::LossyLink { .. }) => {
            lang.pick("lost: a lossy link", "丢失：链路丢帧").to_owned()
        }
        Reason::Link(link::Reason::LostInBurst { .. }) => {
            lang.pick("lost: in a burst", "丢失：突发丢帧").to_owned()
        }
        Reason::Link(link::Reason::Listed { nth }) => {
            lang.pick(format!("lost: frame {nth} of the link"), format!("丢失：该链路第 {nth} 帧"))
        }
        Reason::Link(link::Reason::EarlyDrop { average, .. }) => lang
            .pick(format!("lost early: {average} wait on average"), format!("提早丢弃：平均队长 {average}")),
        Reason::Link(link::Reason::TooManyCollisions) => {
            lang.pick("lost: 16 collisions", "丢失：碰撞 16 次").to_owned()
        }
        Reason::Link(link::Reason::TooLong { mtu }) => {
            lang.pick(format!("lost: longer than {mtu}"), format!("丢失：超过 {mtu} 字节"))
        }
        Reason::Link(
            link::Reason::SentOn
            | link::Reason::Flooded
            | link::Reason::Repeated
            | link::Reason::Delayed(_)
            | link::Reason::Duplicated
            | link::Reason::Corrupted { .. }
            | link::Reason::Marked
            | link::Reason::EarlyMark { .. }
            | link::Reason::Collision { .. }
            | link::Reason::NoCarrier
            | link::Reason::OtherVlan { .. }
            | link::Reason::Tree(_),
        )
        | Reason::ByHand
        | Reason::Malformed(_)
        | Reason::Ip(_)
        | Reason::Ipv6(_)
        | Reason::Udp(_)
        | Reason::Tcp(_)
        | Reason::Local(_)
        | Reason::Concluded(_) => why.sentence(lang),
    }
}

/// How a frame differs that arrived otherwise than it was sent.
pub fn altered(sent: &Bytes, arrived: &Bytes, look: &Look) -> String {
    if sent != arrived && link::mark_ce(sent) == *arrived {
        return look.lang.pick("marked on the way: congestion (CE)", "途中打上拥塞标记（CE）").to_owned();
    }
    look.lang.pick("damaged on the way", "途中受损").to_owned()
}

/// Why a frame was sent, where its flags and numbers do not show it.
pub fn sent(why: &Reason, look: &Look) -> Option<String> {
    let lang = look.lang;
    let tcp = match why {
        Reason::Tcp(why) => *why,
        Reason::ByHand => return Some(lang.pick("made by hand", "手工构造").to_owned()),
        Reason::Concluded(conclusion) => {
            return conclusion.brief.as_ref().map(|text| text.get(lang).to_owned());
        }
        Reason::Ip(ip::Reason::Raw(ip::RawReason::SourceForged { .. })) => {
            return Some(lang.pick("forged source", "源地址是伪造的").to_owned());
        }
        Reason::Link(_)
        | Reason::Malformed(_)
        | Reason::Ip(_)
        | Reason::Ipv6(_)
        | Reason::Udp(_)
        | Reason::Local(_) => return None,
    };
    use tcp::Reason as Why;
    match tcp {
        Why::ProbeKeepalive => Some(lang.pick("keepalive probe", "保活探测").to_owned()),
        Why::ProbeWindow => Some(lang.pick("zero-window probe", "零窗口探测").to_owned()),
        Why::AckDelayed => Some(lang.pick("delayed ACK", "延迟确认").to_owned()),
        Why::AnswerWithCookie => Some(lang.pick("a SYN cookie", "SYN cookie").to_owned()),
        Why::FastRetransmit => Some(lang.pick("fast retransmit", "快重传").to_owned()),
        Why::RepeatSynAck => Some(lang.pick("answers the repeated SYN", "回答重复的 SYN").to_owned()),
        Why::AckWindowUpdate => Some(lang.pick("window opens", "窗口重新打开").to_owned()),
        Why::ResetNoConnection => Some(lang.pick("nobody listens there", "无人收听").to_owned()),
        Why::ResetUnreadData => Some(lang.pick("closed with data unread", "关闭时有未读数据").to_owned()),
        Why::ResetDataAfterClose => Some(lang.pick("data after close", "关闭后又收到数据").to_owned()),
        Why::ResetAbort => Some(lang.pick("abort (linger 0)", "中止（linger 0）").to_owned()),
        Why::ResetKeepalive => Some(lang.pick("no probe was answered", "探测均无回答").to_owned()),
        Why::ResetBadCookie => Some(lang.pick("no valid cookie", "cookie 无效").to_owned()),
        Why::ResetOverflow => Some(lang.pick("accept queue is full", "全连接队列已满").to_owned()),
        Why::AckInTimeWait => Some(lang.pick("again, in TIME-WAIT", "TIME-WAIT 中再确认").to_owned()),
        Why::AckDuplicate => Some(lang.pick("came before: ACK again", "重复到达：再确认").to_owned()),
        Why::AckUnacceptable => Some(lang.pick("not in the window", "不在窗口内").to_owned()),
        Why::AckOutOfOrder => Some(lang.pick("duplicate ACK: a gap", "重复确认：有缺口").to_owned()),
        Why::ResetListenAck
        | Why::ResetSynSentAck
        | Why::ResetSynReceivedAck
        | Why::ResetSynReceivedSyn
        | Why::ResetListenerClosed
        | Why::ChallengeSyn
        | Why::ChallengeReset
        | Why::ChallengeAck => Some(tcp.sentence(lang).to_owned()),
        // What is left shows in the arrow, or is no reason to send; no new reason needs a remark to be right.
        _ => None,
    }
}

/// Why a receiver did nothing with a frame, or only part; told `again`, its first words do.
pub fn dropped(why: &Reason, again: bool, look: &Look) -> String {
    let sentence = why.sentence(look.lang);
    let whole = sentence.trim_end_matches(['.', '。']);
    let words = if again { whole.split([':', '：']).next().unwrap_or(whole) } else { whole };
    format!("✗ {words}")
}
