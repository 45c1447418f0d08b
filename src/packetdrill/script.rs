//! A packetdrill script as it was written: settings, then events one after another.

use crate::clock::Span;
use crate::wire::{OptionData, TcpOption};
use std::net::IpAddr;
use std::ops::Range;
use std::sync::Arc;

/// A script that could be read.
#[derive(Clone, Debug)]
pub struct Script {
    /// The file it came from, as errors name it.
    pub name: String,
    /// Its whole text; every span counts octets of it.
    pub source: Arc<str>,
    /// `--name=value` lines at its head.
    pub settings: Vec<Setting>,
    /// A command before the first event.
    pub init: Option<Command>,
    /// What happens, in the order written.
    pub events: Vec<Event>,
    /// A command after the last event, run whatever came of them.
    pub cleanup: Option<Command>,
}

/// `--name=value`, or `--name`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// Without the two dashes.
    pub name: String,
    /// What follows `=`, quotes taken off.
    pub value: Option<String>,
    /// Where it stands.
    pub span: Range<usize>,
}

/// One event.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// When it is to happen, or to be seen.
    pub when: When,
    /// What.
    pub action: Action,
    /// The whole of it in the source.
    pub span: Range<usize>,
}

/// The stamp before an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// `+0.1`: that long after the event before it really happened.
    After(Span),
    /// `0.1`: that long after the script began.
    At(Span),
    /// `*`: whenever it comes, within the time that one may wait at all.
    Any,
    /// `0.1~0.2`: between the two, counted from the script's beginning.
    Between(Span, Span),
    /// `+0.1~+0.2`: between the two, counted from the event before it.
    AfterBetween(Span, Span),
}

/// What an event is.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// A packet that comes in, or one that is to go out.
    Packet(Box<Packet>),
    /// A system call and what is to come of it.
    Call(Box<Call>),
    /// A shell command in backticks.
    Command(Command),
    /// Statements between `%{` and `}%`.
    Code(Code),
}

/// A shell command in backticks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// What stands between the backticks.
    pub text: String,
    /// Where it stands, backticks included.
    pub span: Range<usize>,
}

/// Statements between `%{` and `}%`.
#[derive(Clone, Debug, PartialEq)]
pub struct Code {
    /// They, read.
    pub statements: Vec<super::python::Statement>,
    /// Where they stand, brackets included.
    pub span: Range<usize>,
}

/// Which way a packet goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// `<`: the script sends it to the stack.
    Inbound,
    /// `>`: the stack is to send it.
    Outbound,
}

/// A packet of the script. What is left out is `None`, and not looked at.
#[derive(Clone, Debug, PartialEq)]
pub struct Packet {
    /// `<` or `>`.
    pub direction: Direction,
    /// Headers in front of its own: `ipv4 1.1.1.1 > 2.2.2.2:`, `gre:`, `mpls …:`.
    pub outer: Vec<Outer>,
    /// What is said of its IP header.
    pub ip: IpInfo,
    /// `80 > 8080`: source and destination port.
    pub ports: Option<(u16, u16)>,
    /// The rest.
    pub body: Body,
    /// `{…}` behind it asks for damage.
    pub damaged: bool,
    /// From its direction to its end.
    pub span: Range<usize>,
}

/// A header in front of a packet's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outer {
    /// An IP header with addresses.
    Ip {
        /// Source.
        source: IpAddr,
        /// Destination.
        destination: IpAddr,
        /// What else is said of it.
        info: IpInfo,
    },
    /// Anything else, by the word it began with (`gre`, `mpls`).
    Other(String),
}

/// What `[…]` or `(…)` before a packet says of its IP header.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct IpInfo {
    /// `ect0`, `ce`, `noecn`, `ect01`, `tos 0x10`.
    pub tos: Option<Tos>,
    /// `flowlabel 0x12345`.
    pub flow_label: Option<u32>,
    /// `ttl 64`.
    pub ttl: Option<u8>,
}

/// What is said of the former type-of-service octet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tos {
    /// The two ECN bits are these.
    Ecn(u8),
    /// Either of ECT(0) and ECT(1).
    EitherEct,
    /// The whole octet.
    Octet(u8),
}

/// What a packet carries.
#[derive(Clone, Debug, PartialEq)]
pub enum Body {
    /// TCP.
    Tcp(Segment),
    /// UDP with so many octets of data.
    Udp(u16),
    /// ICMP of the packet's IP version.
    Icmp(Icmp),
}

/// A TCP segment.
#[derive(Clone, Debug, PartialEq)]
pub struct Segment {
    /// The eight flags of the header's octet 13.
    pub flags: u8,
    /// The ninth, AE (once NS), in front of them.
    pub ae: bool,
    /// First sequence number, as the script counts.
    pub seq: u32,
    /// Octets of data.
    pub len: u32,
    /// `ack N`; for a segment without it 0.
    pub ack: u32,
    /// `win N`.
    pub window: Option<u16>,
    /// `urg N`.
    pub urgent: u16,
    /// `<…>`; `None` is the literal `<...>`: whatever they are.
    pub options: Option<Vec<SegmentOption>>,
}

/// A TCP option of the script.
#[derive(Clone, Debug, PartialEq)]
pub enum SegmentOption {
    /// One that the wire knows as a value.
    Known(TcpOption),
    /// `ECN e1b 1 ceb 0 e0b 1`, AccECN's counters in the order they are to lie on the wire (draft-ietf-tcpm-accurate-ecn).
    AccEcn {
        /// Kind 254 with a magic number instead of a kind of its own.
        experimental: bool,
        /// The counters.
        counters: Vec<(EcnCounter, u32)>,
    },
    /// `md5 …`: a signature nobody computes here, as it is written (RFC 2385).
    Md5(OptionData),
}

/// Which octets an AccECN counter counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EcnCounter {
    /// `e0b`: ECT(0).
    Ect0,
    /// `ceb`: CE.
    Ce,
    /// `e1b`: ECT(1).
    Ect1,
}

/// An ICMP message about a packet, or an echo.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Icmp {
    /// The type's word: `unreachable`, `packet_too_big`, `time_exceeded`, `echo_request`.
    pub kind: String,
    /// The code's word: `host_unreachable`, `frag_needed`, `port`…
    pub code: Option<String>,
    /// `mtu N`.
    pub mtu: Option<u32>,
    /// `id N`.
    pub id: Option<u16>,
    /// The packet it speaks of.
    pub quoted: Quoted,
}

/// What of the packet that an ICMP error quotes is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quoted {
    /// `[1:1001(1000)]`, or nothing: a TCP segment with that first number and so much data.
    Tcp {
        /// Its sequence number, as the script counts.
        seq: u32,
        /// Octets of data.
        len: u32,
    },
    /// `[udp (N)]`.
    Udp(u16),
    /// `[raw (N)]`.
    Raw(u16),
}

/// A system call.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// `...0.2` before the name: it blocks, and returns at this time (from the event before it if the stamp is relative).
    pub until: Option<Span>,
    /// Its name.
    pub name: String,
    /// What it is called with.
    pub arguments: Vec<Expression>,
    /// What it is to return.
    pub result: Expression,
    /// The error it is to fail with.
    pub errno: Option<String>,
    /// From `...` or the name to the end.
    pub span: Range<usize>,
}

/// A value of a call, with its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Expression {
    /// The value.
    pub value: Value,
    /// Where it stands.
    pub span: Range<usize>,
}

/// A value of a call.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `...`: anything.
    Any,
    /// `17`, `0x11`, `-1`.
    Integer(i64),
    /// A constant by its name, or what the script assigns to: `AF_INET`.
    Word(String),
    /// `"text"`, several in a row joined; escapes are undone.
    Text(Vec<u8>),
    /// `"text"...`: what begins so.
    TextAndMore(Vec<u8>),
    /// `a|b`.
    Or(Box<Expression>, Box<Expression>),
    /// `[a, b]`.
    List(Vec<Expression>),
    /// `{a, b}`, `{sa_family = AF_INET, …}`: members, some with a name.
    Braces(Vec<Member>),
    /// `htons(80)`, `inet_addr("1.2.3.4")`.
    Function(String, Vec<Expression>),
    /// `name = value` outside braces.
    Assigned(String, Box<Expression>),
}

/// One member within braces.
#[derive(Clone, Debug, PartialEq)]
pub struct Member {
    /// Its name, where it has one.
    pub name: Option<String>,
    /// `msg_iov(1)`: what stands in parentheses behind the name.
    pub index: Option<Expression>,
    /// The value.
    pub value: Expression,
}
