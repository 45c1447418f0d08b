//! The same work by smoltcp: two interfaces, frames handed from one to the other, checksums made and verified, buffers of
//! frames used again.

use smoltcp::iface::{Config, Interface, SocketHandle, SocketSet};
use smoltcp::phy::{Device, DeviceCapabilities, Medium, RxToken, TxToken};
use smoltcp::socket::tcp::{Socket, SocketBuffer, State};
use smoltcp::time::Instant;
use smoltcp::wire::{EthernetAddress, IpAddress, IpCidr};
use std::collections::VecDeque;

/// A card with the frames that came and those that go.
#[derive(Default)]
struct Card {
    came: VecDeque<Vec<u8>>,
    goes: VecDeque<Vec<u8>>,
    unused: Vec<Vec<u8>>,
}

struct Came<'a>(Vec<u8>, &'a std::cell::RefCell<Vec<Vec<u8>>>);
struct Goes<'a>(&'a mut VecDeque<Vec<u8>>, &'a std::cell::RefCell<Vec<Vec<u8>>>);

struct Handed<'a> {
    card: &'a mut Card,
    unused: std::cell::RefCell<Vec<Vec<u8>>>,
}

impl RxToken for Came<'_> {
    fn consume<R, F: FnOnce(&[u8]) -> R>(self, look: F) -> R {
        let result = look(&self.0);
        self.1.borrow_mut().push(self.0);
        result
    }
}

impl TxToken for Goes<'_> {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, len: usize, fill: F) -> R {
        let mut frame = self.1.borrow_mut().pop().unwrap_or_default();
        frame.resize(len, 0);
        let result = fill(&mut frame);
        self.0.push_back(frame);
        result
    }
}

impl Device for Handed<'_> {
    type RxToken<'a>
        = Came<'a>
    where
        Self: 'a;
    type TxToken<'a>
        = Goes<'a>
    where
        Self: 'a;

    fn capabilities(&self) -> DeviceCapabilities {
        let mut capabilities = DeviceCapabilities::default();
        capabilities.max_transmission_unit = 1514;
        capabilities.medium = Medium::Ethernet;
        capabilities
    }
    fn receive(&mut self, _: Instant) -> Option<(Came<'_>, Goes<'_>)> {
        let frame = self.card.came.pop_front()?;
        Some((Came(frame, &self.unused), Goes(&mut self.card.goes, &self.unused)))
    }
    fn transmit(&mut self, _: Instant) -> Option<Goes<'_>> {
        Some(Goes(&mut self.card.goes, &self.unused))
    }
}

struct Host {
    card: Card,
    interface: Interface,
    sockets: SocketSet<'static>,
}

impl Host {
    fn new(last: u8) -> Host {
        let mut card = Card::default();
        let config = Config::new(EthernetAddress([2, 0, 0, 0, 0, last]).into());
        let mut device = Handed { card: &mut card, unused: Vec::new().into() };
        let mut interface = Interface::new(config, &mut device, Instant::ZERO);
        interface.update_ip_addrs(|addresses| {
            addresses.push(IpCidr::new(IpAddress::v4(10, 0, 0, last), 24)).expect("room for an address");
        });
        Host { card, interface, sockets: SocketSet::new(Vec::new()) }
    }
    fn socket(&mut self, buffer: usize) -> SocketHandle {
        let room = || SocketBuffer::new(vec![0; buffer]);
        let mut socket = Socket::new(room(), room());
        socket.set_tsval_generator(Some(|| 1));
        self.sockets.add(socket)
    }
    fn get(&mut self, handle: SocketHandle) -> &mut Socket<'static> {
        self.sockets.get_mut(handle)
    }
    fn poll(&mut self, now: Instant) {
        let unused = std::mem::take(&mut self.card.unused).into();
        let mut device = Handed { card: &mut self.card, unused };
        let _ = self.interface.poll(now, &mut device, &mut self.sockets);
        let unused = device.unused.into_inner();
        self.card.unused = unused;
    }
}

struct Net {
    hosts: [Host; 2],
    now: Instant,
}

impl Net {
    fn new() -> Net {
        Net { hosts: [Host::new(1), Host::new(2)], now: Instant::from_millis(1) }
    }
    /// Each host takes what came and says what it has to say. Whether anything was said.
    fn turn(&mut self) -> bool {
        let mut said = false;
        for place in [0, 1] {
            self.hosts[place].poll(self.now);
            let goes = std::mem::take(&mut self.hosts[place].card.goes);
            said |= !goes.is_empty();
            self.hosts[1 - place].card.came.extend(goes);
            // Buffers wander with the frames; give back what gathers on the other side.
            if self.hosts[place].card.unused.len() > 64 {
                let half = self.hosts[place].card.unused.split_off(32);
                self.hosts[1 - place].card.unused.extend(half);
            }
        }
        if !said {
            self.now += smoltcp::time::Duration::from_millis(10);
        }
        said
    }
    fn open(&mut self, client: SocketHandle, server: SocketHandle, own: u16) {
        self.hosts[1].get(server).listen(80).expect("a port to listen on");
        let Host { interface, sockets, .. } = &mut self.hosts[0];
        let socket = sockets.get_mut::<Socket<'_>>(client);
        socket.connect(interface.context(), (IpAddress::v4(10, 0, 0, 2), 80), own).expect("connects");
        while !self.hosts[0].get(client).may_send() || !self.hosts[1].get(server).may_recv() {
            self.turn();
        }
    }
}

/// Sends so many octets through a window of so many.
pub fn bulk(total: usize, window: usize) {
    let mut net = Net::new();
    let (client, server) = (net.hosts[0].socket(window), net.hosts[1].socket(window));
    net.open(client, server, 50_000);
    let data = vec![0x5a; 65_536];
    let (mut sent, mut got) = (0, 0);
    while got < total {
        let socket = net.hosts[0].get(client);
        while sent < total && socket.can_send() {
            sent += socket.send_slice(&data).expect("takes data");
        }
        net.turn();
        let socket = net.hosts[1].get(server);
        while socket.can_recv() {
            got += socket
                .recv(|octets| {
                    assert!(octets.iter().step_by(997).all(|octet| *octet == 0x5a));
                    (octets.len(), octets.len())
                })
                .expect("gives data");
        }
    }
}

/// So many connections one after the other: handshake, 1,000 octets, close. The client's TIME-WAIT is cut short.
pub fn connections(count: u32) {
    let mut net = Net::new();
    let (client, server) = (net.hosts[0].socket(4_096), net.hosts[1].socket(4_096));
    let data = [7; 1_000];
    for n in 0..count {
        net.open(client, server, 1_024 + (n % 60_000) as u16);
        assert_eq!(net.hosts[0].get(client).send_slice(&data), Ok(1_000));
        net.hosts[0].get(client).close();
        let mut got = 0;
        while net.hosts[1].get(server).may_recv() || net.hosts[1].get(server).can_recv() {
            net.turn();
            while net.hosts[1].get(server).can_recv() {
                got +=
                    net.hosts[1].get(server).recv(|octets| (octets.len(), octets.len())).expect("gives data");
            }
        }
        assert_eq!(got, 1_000);
        net.hosts[1].get(server).close();
        while net.hosts[1].get(server).state() != State::Closed
            || net.hosts[0].get(client).state() != State::TimeWait
        {
            net.turn();
        }
        net.hosts[0].get(client).abort();
        net.turn();
    }
}
