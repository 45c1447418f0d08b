//! smoltcp as a neighbour: another TCP, written by others, on the same Ethernet.

use bytes::Bytes;
use smoltcp::iface::{Config, Interface, SocketHandle, SocketSet};
use smoltcp::phy::{Device, DeviceCapabilities, Medium, RxToken, TxToken};
use smoltcp::socket::tcp::{Socket, SocketBuffer};
use smoltcp::time::Instant;
use smoltcp::wire::{EthernetAddress, IpAddress, IpCidr};
use std::collections::VecDeque;

/// A card: frames that came and frames that go. Its checksums are made and verified by smoltcp.
pub struct Card {
    pub came: VecDeque<Bytes>,
    pub goes: VecDeque<Bytes>,
}

/// A frame that came.
pub struct Came(Bytes);

/// Room for a frame that goes.
pub struct Goes<'a>(&'a mut VecDeque<Bytes>);

impl RxToken for Came {
    fn consume<R, F: FnOnce(&[u8]) -> R>(self, look: F) -> R {
        look(&self.0)
    }
}

impl TxToken for Goes<'_> {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, len: usize, fill: F) -> R {
        let mut frame = vec![0; len];
        let result = fill(&mut frame);
        self.0.push_back(frame.into());
        result
    }
}

impl Device for Card {
    type RxToken<'a> = Came;
    type TxToken<'a> = Goes<'a>;

    fn capabilities(&self) -> DeviceCapabilities {
        let mut capabilities = DeviceCapabilities::default();
        capabilities.max_transmission_unit = 1514;
        capabilities.medium = Medium::Ethernet;
        capabilities
    }
    fn receive(&mut self, _: Instant) -> Option<(Came, Goes<'_>)> {
        let frame = self.came.pop_front()?;
        Some((Came(frame), Goes(&mut self.goes)))
    }
    fn transmit(&mut self, _: Instant) -> Option<Goes<'_>> {
        Some(Goes(&mut self.goes))
    }
}

/// A host that runs smoltcp.
pub struct Small {
    pub card: Card,
    pub sockets: SocketSet<'static>,
    interface: Interface,
}

impl Small {
    /// A host at 10.0.0.`host`/24.
    pub fn new(host: u8, seed: u64) -> Small {
        let mut card = Card { came: VecDeque::new(), goes: VecDeque::new() };
        let mut config = Config::new(EthernetAddress([2, 0, 0, 0, 0, host]).into());
        config.random_seed = seed;
        let mut interface = Interface::new(config, &mut card, Instant::ZERO);
        interface.update_ip_addrs(|addresses| {
            let own = IpCidr::new(IpAddress::v4(10, 0, 0, host), 24);
            addresses.push(own).expect("room for an address");
        });
        Small { card, sockets: SocketSet::new(Vec::new()), interface }
    }

    /// A socket with buffers of so many octets.
    pub fn socket(&mut self, buffer: usize) -> SocketHandle {
        let room = || SocketBuffer::new(vec![0; buffer]);
        let mut socket = Socket::new(room(), room());
        socket.set_tsval_generator(Some(|| 1));
        self.sockets.add(socket)
    }

    /// The socket.
    pub fn get(&mut self, handle: SocketHandle) -> &mut Socket<'static> {
        self.sockets.get_mut(handle)
    }

    /// Begins to connect.
    pub fn connect(&mut self, handle: SocketHandle, host: u8, port: u16, own: u16) {
        let context = self.interface.context();
        let socket = self.sockets.get_mut::<Socket<'_>>(handle);
        socket
            .connect(context, (IpAddress::v4(10, 0, 0, host), port), own)
            .expect("an address to connect to");
    }

    /// Does what is due and takes in what came.
    pub fn poll(&mut self, now_us: u64) {
        let _ = self.interface.poll(Instant::from_micros(now_us as i64), &mut self.card, &mut self.sockets);
    }

    /// When it wants to be polled next, microseconds.
    pub fn next(&mut self, now_us: u64) -> Option<u64> {
        let at = self.interface.poll_at(Instant::from_micros(now_us as i64), &self.sockets)?;
        Some((at.total_micros().max(0) as u64).max(now_us))
    }
}
