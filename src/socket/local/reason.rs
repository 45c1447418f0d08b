//! What happens between two local sockets: inside one kernel, without a wire.

use crate::lang::Lang;

/// What happened between two local sockets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LocalReason {
    /// Octets of a stream went into the peer's queue.
    HandedOver {
        /// How many.
        octets: usize,
    },
    /// A record went into a queue, whole.
    RecordHandedOver {
        /// Octets of it.
        octets: usize,
    },
    /// A connection lies in the listener's queue; its maker need not wait.
    Connected,
    /// The sender waits: what it sent and nobody has read takes all of its buffer.
    BufferFull {
        /// Octets of room taken.
        used: u32,
        /// Octets of room there are.
        limit: u32,
    },
    /// The sender waits: the receiver's queue has as many as it takes.
    QueueFull {
        /// How many it has.
        waiting: usize,
    },
    /// A socket was closed with octets that nobody had read: its peer is told of a reset.
    UnreadAtClose,
    /// A record was longer than what was asked for: the rest of it is gone.
    RecordCut {
        /// Octets that are gone.
        lost: usize,
    },
}

impl LocalReason {
    /// No RFC speaks of local sockets.
    pub fn section(&self) -> &'static str {
        ""
    }

    /// One plain sentence.
    pub fn sentence(&self, lang: Lang) -> String {
        match self {
            LocalReason::HandedOver { octets } => lang.pick(
                format!("Inside the kernel, {octets} octets go into the peer's queue: no segment, no header, no checksum."),
                format!("{octets} 个字节在内核里直接进入对方的接收队列：没有报文段，没有首部，没有检验和。"),
            ),
            LocalReason::RecordHandedOver { octets } => lang.pick(
                format!("Inside the kernel, a record of {octets} octets goes into the receiver's queue, its boundary with it."),
                format!("一个 {octets} 字节的记录在内核里连同边界一起进入对方的接收队列。"),
            ),
            LocalReason::Connected => lang
                .pick(
                    "The connection is made at once, inside the kernel, before anybody accepts it: no handshake.",
                    "连接在内核里当即建立，不必等 accept：没有握手。",
                )
                .to_owned(),
            LocalReason::BufferFull { used, limit } => lang.pick(
                format!("What was sent and not yet read takes {used} of {limit} octets: the sender waits."),
                format!("已发送而未读走的数据占用 {used} 字节，上限 {limit}：发送方等待。"),
            ),
            LocalReason::QueueFull { waiting } => lang.pick(
                format!("{waiting} wait in the receiver's queue, as many as it takes: the sender waits."),
                format!("对方的队列里已有 {waiting} 个，满了：发送方等待。"),
            ),
            LocalReason::UnreadAtClose => lang
                .pick(
                    "It was closed with octets that nobody had read: the peer is told of a reset.",
                    "关闭时还有未读的数据：对方会得知连接被复位。",
                )
                .to_owned(),
            LocalReason::RecordCut { lost } => lang.pick(
                format!("The record was longer than asked for: its last {lost} octets are gone."),
                format!("记录比要读的长：最后 {lost} 个字节丢弃了。"),
            ),
        }
    }
}
