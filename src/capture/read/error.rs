//! What can be wrong with a capture file, and where.

use crate::lang::Lang;

/// A file that cannot be read on from some octet. What came before it stands.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.sentence(Lang::En))]
pub struct Broken {
    /// Offset of the octets at fault from the start of the file.
    pub at: u64,
    /// What.
    pub trouble: Trouble,
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// The system could not read.
    Unreadable(String),
    /// Neither pcap nor pcapng; the first four octets.
    NotACapture([u8; 4]),
    /// Compressed; with what.
    Compressed(&'static str),
    /// The file has no octets at all.
    Empty,
    /// The file ends before the header or the packet does.
    Cut {
        /// Octets wanted there.
        need: u64,
        /// Octets there are.
        have: u64,
    },
    /// A version of the format that is not known.
    Version(u16, u16),
    /// A block's length that cannot be: no multiple of four, too small, or beyond any use.
    BlockLength(u32),
    /// A block's length stands at its start and at its end, and the two differ.
    LengthsDiffer {
        /// At its start.
        first: u32,
        /// At its end.
        last: u32,
    },
    /// A byte-order mark that is none.
    ByteOrder([u8; 4]),
    /// A packet longer than its block, or than any packet is.
    PacketLength(u32),
    /// A packet from an interface that was not described.
    NoInterface(u32),
    /// More interfaces than any machine has.
    TooManyInterfaces,
}

impl Broken {
    /// The system cannot read at that place.
    pub fn unreadable(at: u64, error: &std::io::Error) -> Broken {
        Broken { at, trouble: Trouble::Unreadable(error.to_string()) }
    }

    /// One plain sentence, its place included.
    pub fn sentence(&self, lang: Lang) -> String {
        let at = self.at;
        match &self.trouble {
            Trouble::Unreadable(why) => lang.pick(
                format!("Octet {at}: the system cannot read on: {why}."),
                format!("第 {at} 字节：系统读不下去：{why}。"),
            ),
            Trouble::NotACapture([a, b, c, d]) => lang.pick(
                format!("Octet {at}: neither pcap nor pcapng begins with {a:02x} {b:02x} {c:02x} {d:02x}."),
                format!("第 {at} 字节：pcap 与 pcapng 都不以 {a:02x} {b:02x} {c:02x} {d:02x} 开头。"),
            ),
            Trouble::Compressed(how) => lang.pick(
                format!("Octet {at}: the file is compressed with {how}; unpack it first."),
                format!("第 {at} 字节：文件经 {how} 压缩，请先解压。"),
            ),
            Trouble::Empty => lang.pick("The file is empty.".to_owned(), "文件是空的。".to_owned()),
            Trouble::Cut { need, have } => lang.pick(
                format!("Octet {at}: the file ends too early: {need} octets belong here, {have} are there."),
                format!("第 {at} 字节：文件提前结束：此处应有 {need} 字节，只有 {have} 字节。"),
            ),
            Trouble::Version(major, minor) => lang.pick(
                format!("Octet {at}: version {major}.{minor} of the format is not known."),
                format!("第 {at} 字节：不认识此格式的 {major}.{minor} 版。"),
            ),
            Trouble::BlockLength(length) => lang.pick(
                format!("Octet {at}: a block cannot be {length} octets long."),
                format!("第 {at} 字节：块长度不可能是 {length} 字节。"),
            ),
            Trouble::LengthsDiffer { first, last } => lang.pick(
                format!("Octet {at}: the block's length is {first} at its start and {last} at its end."),
                format!("第 {at} 字节：块长度在块首为 {first}，在块尾为 {last}。"),
            ),
            Trouble::ByteOrder([a, b, c, d]) => lang.pick(
                format!("Octet {at}: {a:02x} {b:02x} {c:02x} {d:02x} tells no byte order."),
                format!("第 {at} 字节：{a:02x} {b:02x} {c:02x} {d:02x} 不是字节序标记。"),
            ),
            Trouble::PacketLength(length) => lang.pick(
                format!("Octet {at}: a packet of {length} octets does not fit where it stands."),
                format!("第 {at} 字节：此处容不下 {length} 字节的分组。"),
            ),
            Trouble::NoInterface(number) => lang.pick(
                format!("Octet {at}: a packet of interface {number}, which was not described."),
                format!("第 {at} 字节：分组属于接口 {number}，但文件没有描述过它。"),
            ),
            Trouble::TooManyInterfaces => lang.pick(
                format!("Octet {at}: more interfaces are described than any machine has."),
                format!("第 {at} 字节：描述的接口多得不合情理。"),
            ),
        }
    }
}
