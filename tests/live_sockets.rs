//! Random sequences of socket calls, made on the simulated sockets and on the kernel's: every return must be the same.
//! Its own program, because a user namespace must be entered before there is a second thread. Where namespaces are
//! forbidden it is skipped, loudly, and in CI it fails instead.

#[cfg(not(target_os = "linux"))]
fn main() {
    eprintln!("SKIPPED: the live side needs Linux");
}

#[cfg(target_os = "linux")]
fn main() -> std::process::ExitCode {
    linux::main()
}

#[cfg(target_os = "linux")]
mod linux {
    use libtest_mimic::{Arguments, Failed, Trial};
    use netlink_packet_core::{NLM_F_ACK, NLM_F_REQUEST, NetlinkHeader, NetlinkMessage, NetlinkPayload};
    use netlink_packet_route::RouteNetlinkMessage;
    use netlink_packet_route::link::{LinkFlags, LinkMessage};
    use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
    use nix::sched::{CloneFlags, unshare};
    use nix::sys::socket::MsgFlags;
    use socket2::{Socket, Type};
    use std::collections::{BTreeMap, BTreeSet};
    use std::io::{self, Read};
    use std::net::{Ipv4Addr, Shutdown, SocketAddr};
    use std::os::fd::{AsFd, AsRawFd};
    use std::process::ExitCode;
    use wirewalk::clock::{Draws, Instant, Span};
    use wirewalk::host::{Host, HostConfig, Outcome};
    use wirewalk::link::HostId;
    use wirewalk::socket::{Call, Domain, Errno, Fd, How, Kind, OptionName, ProcessId, Return, SocketOption};
    use wirewalk::tcp::Profile;
    use wirewalk::wire::MacAddr;

    /// Calls of one sequence.
    const LENGTH: usize = 40;
    /// Sequences of one trial.
    const SEQUENCES: u64 = 150;
    /// Trials; they run side by side.
    const TRIALS: u64 = 4;
    const PID: ProcessId = ProcessId(0);

    pub fn main() -> ExitCode {
        let arguments = Arguments::from_args();
        if let Err(why) = wirewalk::live::enter() {
            eprintln!("SKIPPED: {why}\n{}", why.remedy.en);
            return if std::env::var_os("CI").is_some() { ExitCode::FAILURE } else { ExitCode::SUCCESS };
        }
        let trial = |number: u64| {
            Trial::test(format!("simulated_and_real_sockets_agree_{number}"), move || agree(number))
        };
        libtest_mimic::run(&arguments, (0..TRIALS).map(trial).collect()).exit_code()
    }

    fn agree(trial: u64) -> Result<(), Failed> {
        for seed in trial * SEQUENCES..(trial + 1) * SEQUENCES {
            let script = simulated(seed);
            // A thread of its own has a network namespace of its own.
            let outcome = std::thread::spawn(move || real(&script).map_err(|why| (why, script)))
                .join()
                .map_err(|_| "the kernel's side panicked")?;
            if let Err((why, script)) = outcome {
                let told: Vec<String> =
                    script.iter().map(|(call, told)| format!("{call:?} = {told}")).collect();
                return Err(format!("sequence {seed}: {why}\n{}", told.join("\n")).into());
            }
        }
        Ok(())
    }

    /// Chosen ports are not the same on both sides: they are named in the order in which they are seen.
    #[derive(Default)]
    struct Names(BTreeMap<u16, usize>);

    impl Names {
        fn address(&mut self, address: SocketAddr) -> String {
            if address.port() < 32_768 {
                return address.to_string();
            }
            let next = self.0.len();
            format!("{}:chosen{}", address.ip(), self.0.entry(address.port()).or_insert(next))
        }

        fn told(&mut self, result: &Return) -> String {
            match result {
                Return::Accepted(fd, peer) => format!("accepted {fd} from {}", self.address(*peer)),
                Return::Address(address) => self.address(*address),
                Return::ReceivedFrom(data, _) | Return::Received(data) => format!("received {}", data.len()),
                Return::Done
                | Return::Descriptor(_)
                | Return::Sent(_)
                | Return::Number(_)
                | Return::Timeout(_)
                | Return::Ready(..)
                | Return::Value(_)
                | Return::Message(_)
                | Return::Local(_)
                | Return::Failed(_) => format!("{result:?}"),
            }
        }
    }

    /// A sequence of calls with what the simulated host returned.
    fn simulated(seed: u64) -> Vec<(Call, String)> {
        let (address, mac) = (Ipv4Addr::new(10, 0, 0, 1), MacAddr::of_host(1));
        let config = HostConfig::new(HostId(0), "host", address, mac, Profile::linux());
        let mut host = Host::new(HostConfig { secret: u128::from(seed).to_be_bytes(), ..config });
        let mut writer =
            Writer { draws: Draws::new(seed), drawn: 0, open: Vec::new(), begun: BTreeSet::new() };
        let (mut now, mut fx, mut names) = (Instant::ZERO, Vec::new(), Names::default());
        let mut script = Vec::new();
        while script.len() < LENGTH {
            let call = writer.call();
            if writer.is_curious(&call, &mut host, now) {
                continue;
            }
            now += Span::micros(10);
            while let Some(due) = host.next_deadline().filter(|due| *due <= now) {
                host.on_timer(due, &mut fx);
            }
            let Outcome::Returned(result) = host.call(now, PID, &call, &mut fx) else {
                panic!("a non-blocking call blocks: {call:?}")
            };
            if let Return::Descriptor(fd) | Return::Accepted(fd, _) = result {
                host.call(now, PID, &Call::SetBlocking { fd, blocking: false }, &mut fx);
            }
            writer.learn(&call, &result);
            script.push((call, names.told(&result)));
        }
        script
    }

    /// Makes calls up.
    struct Writer {
        draws: Draws,
        drawn: u64,
        open: Vec<Fd>,
        /// Descriptors that have, or had, a connection.
        begun: BTreeSet<Fd>,
    }

    impl Writer {
        fn draw(&mut self, bound: u64) -> u64 {
            self.drawn += 1;
            self.draws.below("call", 0, self.drawn, bound)
        }

        fn fd(&mut self) -> Fd {
            match self.open.len() as u64 {
                0 => Fd(3),
                count => {
                    let which = self.draw(count) as usize;
                    self.open[which]
                }
            }
        }

        fn address(&mut self) -> SocketAddr {
            let ip = match self.draw(5) {
                0 => Ipv4Addr::UNSPECIFIED,
                1 => Ipv4Addr::new(127, 0, 0, 2),
                _ => Ipv4Addr::LOCALHOST,
            };
            SocketAddr::from((ip, if self.draw(3) == 0 { 7002 } else { 7001 }))
        }

        fn call(&mut self) -> Call {
            let fd = self.fd();
            match self.draw(30) {
                0..=2 => {
                    let kind = if self.draw(3) == 0 { Kind::Datagram } else { Kind::Stream };
                    Call::Socket { domain: Domain::Inet, kind, protocol: 0 }
                }
                3 => Call::Bind { fd, address: self.address() },
                4 => {
                    let ip = self.address().ip();
                    Call::Bind { fd, address: SocketAddr::new(ip, 0) }
                }
                5 | 6 => Call::Listen { fd, backlog: 5 },
                7..=9 => Call::Connect { fd, address: self.address() },
                10..=12 => Call::Accept { fd },
                13 | 14 => Call::Send { fd, data: vec![b'x'; self.draw(4) as usize].into() },
                15 => Call::SendTo { fd, data: "abc".into(), to: self.address(), fast_open: false },
                16 | 17 => Call::Recv { fd, len: self.draw(4) as usize },
                18 => {
                    let how = [How::Read, How::Write, How::Both][self.draw(3) as usize];
                    Call::Shutdown { fd, how }
                }
                19 => Call::Close { fd },
                20 => Call::GetSockName { fd },
                21 => Call::GetPeerName { fd },
                22 | 23 => Call::SendUrgent { fd, data: vec![b'u'; self.draw(3) as usize].into() },
                24 | 25 => Call::RecvUrgent { fd, len: 1 },
                26 | 27 => Call::PollUrgent { fd },
                28 => {
                    let option = match self.draw(5) {
                        0 => SocketOption::Linger(Some(0)),
                        1 => SocketOption::ReuseAddr(false),
                        2 => SocketOption::UrgentInline(false),
                        3 => SocketOption::UrgentInline(true),
                        _ => SocketOption::ReuseAddr(true),
                    };
                    Call::SetOption { fd, option }
                }
                _ => Call::GetOption { fd, name: OptionName::Error },
            }
        }

        /// Two things the kernel does in its own way, and no program does: a socket that connects to itself, and one that
        /// is shut down before it ever connects or listens.
        fn is_curious(&self, call: &Call, host: &mut Host, now: Instant) -> bool {
            match call {
                Call::Connect { fd, address } => {
                    let name = host.call(now, PID, &Call::GetSockName { fd: *fd }, &mut Vec::new());
                    matches!(name, Outcome::Returned(Return::Address(own)) if own.port() == address.port())
                }
                Call::Shutdown { fd, .. } => !self.begun.contains(fd),
                _ => false,
            }
        }

        fn learn(&mut self, call: &Call, result: &Return) {
            match (call, result) {
                (_, Return::Descriptor(fd)) => self.open.push(*fd),
                (_, Return::Accepted(fd, _)) => {
                    self.open.push(*fd);
                    self.begun.insert(*fd);
                }
                (Call::Close { fd }, Return::Done) => {
                    self.open.retain(|open| open != fd);
                    self.begun.remove(fd);
                }
                (Call::Connect { fd, .. }, Return::Done | Return::Failed(Errno::EINPROGRESS)) => {
                    self.begun.insert(*fd);
                }
                _ => {}
            }
        }
    }

    /// The same calls on the kernel.
    fn real(script: &[(Call, String)]) -> Result<(), String> {
        unshare(CloneFlags::CLONE_NEWNET).map_err(|errno| errno.to_string())?;
        loopback_up().map_err(|error| error.to_string())?;
        let (mut sockets, mut names) = (BTreeMap::new(), Names::default());
        for (place, (call, expected)) in script.iter().enumerate() {
            let result = match perform(call, &mut sockets) {
                Ok(result) => result,
                Err(error) => match error.raw_os_error().and_then(Errno::from_value) {
                    Some(errno) => Return::Failed(errno),
                    None => return Err(format!("call {place}: {error}")),
                },
            };
            let told = names.told(&result);
            if told != *expected {
                return Err(format!("call {place}, {call:?}: {expected} simulated, {told} by the kernel"));
            }
        }
        Ok(())
    }

    fn perform(call: &Call, sockets: &mut BTreeMap<Fd, Socket>) -> io::Result<Return> {
        let add = |sockets: &mut BTreeMap<Fd, Socket>, socket: Socket| -> io::Result<Fd> {
            socket.set_nonblocking(true)?;
            let fd = (3..).map(Fd).find(|fd| !sockets.contains_key(fd)).unwrap_or(Fd(i32::MAX));
            sockets.insert(fd, socket);
            Ok(fd)
        };
        if let Call::Socket { kind, .. } = call {
            let kind = if *kind == Kind::Stream { Type::STREAM } else { Type::DGRAM };
            return Ok(Return::Descriptor(add(sockets, Socket::new(socket2::Domain::IPV4, kind, None)?)?));
        }
        let open = call.fd().and_then(|fd| sockets.get(&fd));
        let socket = open.ok_or_else(|| io::Error::from_raw_os_error(Errno::EBADF.value()))?;
        let address = |address: socket2::SockAddr| Return::Address(address.as_socket().expect("IPv4"));
        Ok(match call {
            Call::Bind { address, .. } => done(socket.bind(&(*address).into()))?,
            Call::Listen { backlog, .. } => done(socket.listen(*backlog))?,
            Call::Connect { address, .. } => done(socket.connect(&(*address).into()))?,
            Call::Accept { .. } => {
                let (accepted, peer) = socket.accept()?;
                Return::Accepted(add(sockets, accepted)?, peer.as_socket().expect("IPv4"))
            }
            Call::Send { data, .. } => Return::Sent(socket.send(data)?),
            Call::SendTo { data, to, .. } => Return::Sent(socket.send_to(data, &(*to).into())?),
            Call::Recv { len, .. } => {
                let (mut reader, mut buffer): (&Socket, _) = (socket, vec![0; *len]);
                let read = reader.read(&mut buffer)?;
                buffer.truncate(read);
                Return::Received(buffer.into())
            }
            Call::Shutdown { how, .. } => done(socket.shutdown(match how {
                How::Read => Shutdown::Read,
                How::Write => Shutdown::Write,
                How::Both => Shutdown::Both,
            }))?,
            Call::Close { fd } => {
                sockets.remove(fd);
                Return::Done
            }
            Call::GetSockName { .. } => address(socket.local_addr()?),
            Call::GetPeerName { .. } => address(socket.peer_addr()?),
            Call::SetOption { option: SocketOption::ReuseAddr(on), .. } => {
                done(socket.set_reuse_address(*on))?
            }
            Call::SetOption { option: SocketOption::UrgentInline(on), .. } => {
                done(socket.set_out_of_band_inline(*on))?
            }
            Call::SendUrgent { data, .. } => Return::Sent(socket.send_out_of_band(data)?),
            Call::RecvUrgent { len, .. } => {
                let mut buffer = vec![0; *len];
                let read = nix::sys::socket::recv(socket.as_raw_fd(), &mut buffer, MsgFlags::MSG_OOB)?;
                buffer.truncate(read);
                Return::Received(buffer.into())
            }
            Call::PollUrgent { .. } => {
                let mut polled = [PollFd::new(socket.as_fd(), PollFlags::POLLPRI)];
                poll(&mut polled, PollTimeout::ZERO)?;
                let urgent = polled[0].revents().is_some_and(|events| events.contains(PollFlags::POLLPRI));
                Return::Number(i64::from(urgent))
            }
            Call::SetOption { .. } => done(socket.set_linger(Some(std::time::Duration::ZERO)))?,
            Call::GetOption { .. } => {
                let pending = socket.take_error()?.and_then(|error| error.raw_os_error());
                Return::Value(SocketOption::Error(pending.and_then(Errno::from_value)))
            }
            Call::Socket { .. }
            | Call::SendWith { .. }
            | Call::AtMark { .. }
            | Call::Configure { .. }
            | Call::Local(_)
            | Call::Receive { .. }
            | Call::Disconnect { .. }
            | Call::RecvFrom { .. }
            | Call::SetBlocking { .. }
            | Call::GetTimeout { .. }
            | Call::Select { .. }
            | Call::SetTimeout { .. } => unreachable!("not among the calls made up"),
        })
    }

    fn done(result: io::Result<()>) -> io::Result<Return> {
        result.map(|()| Return::Done)
    }

    /// Brings up `lo`, the first interface of every namespace.
    fn loopback_up() -> io::Result<()> {
        let mut socket = netlink_sys::Socket::new(netlink_sys::protocols::NETLINK_ROUTE)?;
        socket.bind_auto()?;
        socket.connect(&netlink_sys::SocketAddr::new(0, 0))?;
        let mut link = LinkMessage::default();
        link.header.index = 1;
        link.header.flags = LinkFlags::Up;
        link.header.change_mask = LinkFlags::Up;
        let mut header = NetlinkHeader::default();
        header.flags = NLM_F_REQUEST | NLM_F_ACK;
        let payload = NetlinkPayload::from(RouteNetlinkMessage::SetLink(link));
        let mut message = NetlinkMessage::new(header, payload);
        message.finalize();
        let mut octets = vec![0; message.buffer_len()];
        message.serialize(&mut octets);
        socket.send(&octets, 0)?;
        let mut answer = Vec::with_capacity(4096);
        socket.recv(&mut answer, 0)?;
        Ok(())
    }
}
