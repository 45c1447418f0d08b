//! Two of our hosts, whole, from socket call to frame, and the event queue between them, as a world drives them.

use bytes::Bytes;
use std::net::SocketAddr;
use wirewalk::clock::{EventQueue, Instant, Span};
use wirewalk::host::{Host, HostConfig, HostEffect, Neighbours, Outcome, Route, Via};
use wirewalk::link::HostId;
use wirewalk::socket::{Call, Domain, Fd, Kind, ProcessId, Return, SocketOption};
use wirewalk::tcp::Profile;
use wirewalk::wire::MacAddr;

pub const CLIENT: usize = 0;
pub const SERVER: usize = 1;

/// The profile of all benches: `linux`, with the congestion control asked for.
pub fn profile(congestion: &'static str) -> Profile {
    Profile { congestion_control: congestion, ..Profile::linux() }
}

/// A host that knows all others, as 10.0.0.1 or 10.0.0.2; 198.18.0.0/15 lies beyond it.
pub fn host(place: usize, profile: Profile) -> Host {
    let mac = |place: usize| MacAddr::of_host(place as u16 + 1);
    let other = 1 - place;
    let block = [198, 18, 0, 0].into();
    let neighbours = vec![(at(other, 0).1, 32, mac(other)), (block, 15, mac(other))];
    let name = ["client", "server"][place];
    let mut host = Host::new(HostConfig {
        neighbours: Neighbours::Static(neighbours),
        routes: vec![Route { network: block, prefix: 15, via: Via::Wire(0) }],
        ..HostConfig::new(HostId(place as u16), name, at(place, 0).1, mac(place), profile)
    });
    host.process_started(ProcessId(0), None);
    host
}

/// The address and port of a host.
pub fn at(place: usize, port: u16) -> (SocketAddr, std::net::Ipv4Addr) {
    let address = std::net::Ipv4Addr::new(10, 0, 0, place as u8 + 1);
    (SocketAddr::from((address, port)), address)
}

/// What is due.
enum Due {
    Frame(usize, Bytes),
    Deadline(usize),
}

/// Two hosts and the wire.
pub struct Net {
    pub now: Instant,
    pub hosts: [Host; 2],
    pub frames: u64,
    queue: EventQueue<Due>,
    alarms: [Option<Instant>; 2],
    effects: Vec<HostEffect>,
    delay: Span,
    pub returned: [Option<Return>; 2],
}

impl Net {
    pub fn new(profile: &Profile, delay: Span) -> Net {
        Net {
            now: Instant::ZERO,
            hosts: [host(CLIENT, profile.clone()), host(SERVER, profile.clone())],
            frames: 0,
            queue: EventQueue::new(),
            alarms: [None; 2],
            effects: Vec::new(),
            delay,
            returned: [None, None],
        }
    }

    fn carry(&mut self, from: usize) {
        for effect in self.effects.drain(..) {
            match effect {
                HostEffect::Transmit { frame, .. } => {
                    self.frames += 1;
                    self.queue.push(self.now + self.delay, Due::Frame(1 - from, frame));
                }
                HostEffect::Returned { result, .. } => self.returned[from] = Some(result),
                _ => {}
            }
        }
        self.arm(from);
    }

    fn arm(&mut self, place: usize) {
        if let Some(deadline) = self.hosts[place].next_deadline()
            && self.alarms[place].is_none_or(|set| deadline < set)
        {
            self.alarms[place] = Some(deadline);
            self.queue.push(deadline, Due::Deadline(place));
        }
    }

    /// A call; `None` if it waits.
    pub fn call(&mut self, place: usize, call: &Call) -> Option<Return> {
        let outcome = self.hosts[place].call(self.now, ProcessId(0), call, &mut self.effects);
        self.carry(place);
        match outcome {
            Outcome::Returned(result) => Some(result),
            Outcome::Blocked => None,
        }
    }

    /// The next thing happens.
    pub fn step(&mut self) -> bool {
        let Some((at, due)) = self.queue.pop() else { return false };
        self.now = at;
        match due {
            Due::Frame(place, frame) => {
                self.hosts[place].receive(at, &frame, &mut self.effects);
                self.carry(place);
            }
            Due::Deadline(place) => {
                if self.alarms[place] == Some(at) {
                    self.alarms[place] = None;
                }
                if self.hosts[place].next_deadline().is_some_and(|deadline| deadline <= at) {
                    self.hosts[place].on_timer(at, &mut self.effects);
                }
                self.carry(place);
            }
        }
        true
    }

    /// A call that may wait: what it returns in the end.
    pub fn finish(&mut self, place: usize, call: &Call) -> Return {
        match self.call(place, call) {
            Some(result) => result,
            None => self.wait(place),
        }
    }

    /// Waits for the call under way.
    pub fn wait(&mut self, place: usize) -> Return {
        loop {
            if let Some(result) = self.returned[place].take() {
                return result;
            }
            assert!(self.step(), "nothing more happens");
        }
    }

    pub fn socket(&mut self, place: usize) -> Fd {
        match self.call(place, &Call::Socket { domain: Domain::Inet, kind: Kind::Stream, protocol: 0 }) {
            Some(Return::Descriptor(fd)) => fd,
            other => panic!("{other:?}"),
        }
    }

    pub fn listen(&mut self, port: u16, backlog: i32, buffer: Option<u32>) -> Fd {
        let fd = self.socket(SERVER);
        if let Some(octets) = buffer {
            let option = SocketOption::ReceiveBuffer(octets);
            assert_eq!(self.call(SERVER, &Call::SetOption { fd, option }), Some(Return::Done));
        }
        let address = at(SERVER, port).0;
        assert_eq!(self.call(SERVER, &Call::Bind { fd, address }), Some(Return::Done));
        assert_eq!(self.call(SERVER, &Call::Listen { fd, backlog }), Some(Return::Done));
        fd
    }

    /// A connection to the listener, accepted.
    pub fn open(&mut self, listener: Fd, port: u16) -> (Fd, Fd) {
        let fd = self.socket(CLIENT);
        let early = self.call(SERVER, &Call::Accept { fd: listener });
        let connected = self.finish(CLIENT, &Call::Connect { fd, address: at(SERVER, port).0 });
        assert_eq!(connected, Return::Done);
        match early.unwrap_or_else(|| self.wait(SERVER)) {
            Return::Accepted(accepted, _) => (fd, accepted),
            other => panic!("{other:?}"),
        }
    }
}

/// Sends so many octets through a window of so many; gives the segments that took.
pub fn bulk(total: usize, window: u32, congestion: &'static str) -> u64 {
    let mut profile = profile(congestion);
    for (name, value) in [("tcp_wmem_max", i64::from(window) * 2), ("tcp_rmem_max", i64::from(window) * 2)] {
        profile.set(name, value).expect("a buffer of that size");
    }
    profile.set("tcp_rmem_default", i64::from(window.min(3_000_000)) * 2).expect("a buffer of that size");
    let mut net = Net::new(&profile, Span::millis(5));
    let listener = net.listen(80, 5, Some(window));
    let (from, to) = net.open(listener, 80);
    for (place, fd) in [(CLIENT, from), (SERVER, to)] {
        net.call(place, &Call::SetBlocking { fd, blocking: false });
    }
    let data = Bytes::from(vec![0x5a; 65_536]);
    let send = Call::Send { fd: from, data: data.clone() };
    let (mut sent, mut got) = (0, 0);
    let frames = net.frames;
    while got < total {
        while sent < total
            && let Some(Return::Sent(count)) = net.call(CLIENT, &send)
        {
            sent += count;
        }
        // The reader wakes once all that comes at one moment has come.
        assert!(net.step(), "the transfer stands still");
        while net.queue.next_at() == Some(net.now) {
            net.step();
        }
        while let Some(Return::Received(octets)) = net.call(SERVER, &Call::Recv { fd: to, len: 65_536 }) {
            assert!(octets.iter().step_by(997).all(|octet| *octet == 0x5a));
            got += octets.len();
        }
    }
    net.frames - frames
}

/// So many connections one after the other: handshake, 1,000 octets, close; TIME-WAIT entries are left to live.
pub fn connections(count: u32) -> Net {
    let mut net = Net::new(&profile("reno"), Span::micros(50));
    let ports: Vec<u16> = (80..90).collect();
    let listeners: Vec<Fd> = ports.iter().map(|port| net.listen(*port, 128, None)).collect();
    let data = Bytes::from(vec![7; 1_000]);
    for n in 0..count {
        let which = n as usize % ports.len();
        let (client, server) = net.open(listeners[which], ports[which]);
        assert_eq!(
            net.call(CLIENT, &Call::Send { fd: client, data: data.clone() }),
            Some(Return::Sent(1_000))
        );
        net.call(CLIENT, &Call::Close { fd: client });
        let mut got = 0;
        loop {
            match net.finish(SERVER, &Call::Recv { fd: server, len: 4_096 }) {
                Return::Received(octets) if octets.is_empty() => break,
                Return::Received(octets) => got += octets.len(),
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(got, 1_000);
        net.call(SERVER, &Call::Close { fd: server });
    }
    net
}
