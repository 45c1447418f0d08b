//! `setsockopt` and `getsockopt`.

use super::descriptors::SocketId;
use super::family::ipv6_option;
use super::layer::{Below, Sockets};
use super::object::{Datagram, End, Flow, Stream};
use super::{
    AlgorithmName, Errno, KeyOctets, OptionName, RareName, RareOption, SocketOption, datagram_option, stream,
    waits,
};
use crate::clock::Span;
use crate::tcp::cc::ALGORITHMS;
use std::net::IpAddr;
use std::sync::Arc;

/// Least and greatest TCP_KEEPIDLE and TCP_KEEPINTVL, seconds.
const KEEP_SECONDS: std::ops::RangeInclusive<u32> = 1..=32_767;
/// Least and greatest TCP_KEEPCNT.
const KEEP_COUNT: std::ops::RangeInclusive<u32> = 1..=127;

impl Sockets {
    pub(super) fn set_option(
        &mut self,
        id: SocketId,
        option: SocketOption,
        below: &mut Below<'_>,
    ) -> Result<(), Errno> {
        let socket = self.sockets.get_mut(&id).ok_or(Errno::EBADF)?;
        if let SocketOption::Linger(linger) = option {
            socket.linger = linger;
            return Ok(());
        }
        if let SocketOption::Rare(option) = option
            && waits::set(socket, option, below)
        {
            return Ok(());
        }
        if matches!(option, SocketOption::V6Only(_) | SocketOption::UnicastHops(_)) {
            return self.set_ipv6_option(id, option, below);
        }
        let socket = self.sockets.get_mut(&id).ok_or(Errno::EBADF)?;
        match &mut socket.flow {
            Flow::Stream(stream) => {
                set_stream_option(stream, option, below)?;
                match stream.end {
                    End::Conn(conn) => {
                        below.tcp.set_options(below.now, conn, &stream.options, below.tcp_effects);
                        if let SocketOption::Rare(RareOption::QuickAck(asked)) = option {
                            below.tcp.set_quick_ack(below.now, conn, asked, below.tcp_effects);
                        }
                        if matches!(
                            option,
                            SocketOption::NoDelay(true) | SocketOption::Rare(RareOption::Cork(false))
                        ) {
                            below.tcp.push_now(below.now, conn, below.tcp_effects);
                        }
                    }
                    End::Listener(listener) => below.tcp.set_listener_options(listener, &stream.options),
                    End::Idle => {}
                }
                Ok(())
            }
            Flow::Datagram(datagram) => set_datagram_option(datagram, option, below),
            // They have their own.
            Flow::Local(_) => Err(Errno::EOPNOTSUPP),
            Flow::Raw(raw) => raw.set_option(option, below.udp.profile()),
        }
    }

    pub(super) fn get_option(
        &mut self,
        id: SocketId,
        name: OptionName,
        below: &mut Below<'_>,
    ) -> Result<SocketOption, Errno> {
        let socket = self.sockets.get(&id).ok_or(Errno::EBADF)?;
        if name == OptionName::Linger {
            return Ok(SocketOption::Linger(socket.linger));
        }
        if let OptionName::Rare(name) = name
            && let Some(option) = waits::get(socket, name)
        {
            return Ok(SocketOption::Rare(option));
        }
        if matches!(name, OptionName::V6Only | OptionName::UnicastHops) {
            return ipv6_option(socket, name, below);
        }
        if name == OptionName::Error
            && let Some(errno) = self.take_cut_off(id)
        {
            return Ok(SocketOption::Error(Some(errno)));
        }
        let socket = self.sockets.get(&id).ok_or(Errno::EBADF)?;
        match &socket.flow {
            Flow::Stream(stream) => stream_option(stream, name, below),
            Flow::Local(_) => Err(Errno::EOPNOTSUPP),
            Flow::Raw(_) => self.raw_mut(id).ok_or(Errno::EBADF)?.option(name),
            Flow::Datagram(flow) => {
                if let Some(got) = datagram_option::get(flow, name, below) {
                    return got;
                }
                let endpoint = below.udp.get_mut(flow.id).ok_or(Errno::EBADF)?;
                match name {
                    OptionName::ReuseAddr => Ok(SocketOption::ReuseAddr(endpoint.sharing.address)),
                    OptionName::KeepAlive => Ok(SocketOption::KeepAlive(flow.keep_alive)),
                    OptionName::UrgentInline => Ok(SocketOption::UrgentInline(flow.urgent_inline)),
                    OptionName::ReceiveBuffer => Ok(SocketOption::ReceiveBuffer(endpoint.receive_buffer)),
                    OptionName::SendBuffer => Ok(SocketOption::SendBuffer(flow.send_buffer)),
                    OptionName::Linger => Ok(SocketOption::Linger(socket.linger)),
                    OptionName::TypeOfService => Ok(SocketOption::TypeOfService(flow.type_of_service)),
                    OptionName::TimeToLive => Ok(SocketOption::TimeToLive(shown_ttl(flow.ttl))),
                    OptionName::HeaderIncluded => Ok(SocketOption::HeaderIncluded(false)),
                    OptionName::PeerCredentials => Ok(SocketOption::PeerCredentials(None)),
                    OptionName::V6Only
                    | OptionName::UnicastHops
                    | OptionName::KeepIdle
                    | OptionName::KeepInterval
                    | OptionName::KeepCount
                    | OptionName::UserTimeout
                    | OptionName::DeferAccept
                    | OptionName::FastOpen
                    | OptionName::FastOpenConnect
                    | OptionName::Rare(_)
                    | OptionName::NoDelay
                    | OptionName::Congestion
                    | OptionName::ReusePort
                    | OptionName::Broadcast
                    | OptionName::NoChecksum
                    | OptionName::ReceiveErrors
                    | OptionName::PacketInfo
                    | OptionName::MtuDiscovery
                    | OptionName::Mtu
                    | OptionName::Error => Err(Errno::EOPNOTSUPP),
                }
            }
        }
    }
}

fn set_datagram_option(
    datagram: &mut Datagram,
    option: SocketOption,
    below: &mut Below<'_>,
) -> Result<(), Errno> {
    if let Some(done) = datagram_option::set(datagram, option, below) {
        return done;
    }
    match option {
        SocketOption::ReuseAddr(on) => {
            below.udp.get_mut(datagram.id).ok_or(Errno::EBADF)?.sharing.address = on;
        }
        SocketOption::ReceiveBuffer(asked) => {
            let kept = below.udp.profile().kept_receive_buffer(asked);
            below.udp.get_mut(datagram.id).ok_or(Errno::EBADF)?.receive_buffer = kept;
        }
        SocketOption::SendBuffer(asked) => {
            datagram.send_buffer = below.udp.profile().kept_send_buffer(asked);
        }
        SocketOption::KeepAlive(on) => datagram.keep_alive = on,
        SocketOption::UrgentInline(on) => datagram.urgent_inline = on,
        SocketOption::TypeOfService(octet) => datagram.type_of_service = octet,
        SocketOption::TimeToLive(ttl) => datagram.ttl = ttl,
        SocketOption::Linger(_)
        | SocketOption::PeerCredentials(_)
        | SocketOption::HeaderIncluded(_)
        | SocketOption::KeepIdle(_)
        | SocketOption::KeepInterval(_)
        | SocketOption::KeepCount(_)
        | SocketOption::UserTimeout(_)
        | SocketOption::DeferAccept(_)
        | SocketOption::FastOpen(_)
        | SocketOption::FastOpenConnect(_)
        | SocketOption::Rare(_)
        | SocketOption::NoDelay(_)
        | SocketOption::Congestion(_)
        | SocketOption::V6Only(_)
        | SocketOption::UnicastHops(_)
        | SocketOption::ReusePort(_)
        | SocketOption::Broadcast(_)
        | SocketOption::NoChecksum(_)
        | SocketOption::ReceiveErrors(_)
        | SocketOption::PacketInfo(_)
        | SocketOption::MtuDiscovery(_)
        | SocketOption::Mtu(_)
        | SocketOption::Error(_) => return Err(Errno::ENOPROTOOPT),
    }
    Ok(())
}

fn set_stream_option(stream: &mut Stream, option: SocketOption, below: &Below<'_>) -> Result<(), Errno> {
    let options = Arc::make_mut(&mut stream.options);
    let within = |range: std::ops::RangeInclusive<u32>, value: u32| {
        if range.contains(&value) { Ok(value) } else { Err(Errno::EINVAL) }
    };
    let seconds = |value: u32| within(KEEP_SECONDS, value).map(|value| Span::secs(u64::from(value)));
    match option {
        SocketOption::ReuseAddr(on) => options.reuse_address = on,
        SocketOption::KeepAlive(on) => options.keepalive.on = on,
        SocketOption::KeepIdle(value) => options.keepalive.idle = seconds(value)?,
        SocketOption::KeepInterval(value) => options.keepalive.interval = seconds(value)?,
        SocketOption::KeepCount(value) => options.keepalive.count = within(KEEP_COUNT, value)?,
        SocketOption::ReceiveBuffer(asked) => {
            options.receive_buffer = Some(below.tcp.profile().kept_receive_buffer(asked));
        }
        SocketOption::SendBuffer(asked) => {
            options.send_buffer = Some(below.tcp.profile().kept_send_buffer(asked));
        }
        SocketOption::NoDelay(on) => options.no_delay = on,
        SocketOption::UserTimeout(0) => options.user_timeout = None,
        SocketOption::UserTimeout(value) => {
            let value = i32::try_from(value).map_err(|_| Errno::EINVAL)?;
            options.user_timeout = Some(Span::millis(u64::from(value.unsigned_abs())));
        }
        SocketOption::DeferAccept(seconds) => {
            options.defer_accept = below.tcp.profile().defer_periods(seconds);
        }
        SocketOption::FastOpen(most) => {
            if i32::try_from(most).is_err() || matches!(stream.end, End::Conn(_)) {
                return Err(Errno::EINVAL);
            }
            options.fast_open = below.tcp.profile().bounded_backlog(most);
        }
        SocketOption::FastOpenConnect(on) => {
            if !below.tcp.fast_open_allowed() {
                return Err(Errno::EOPNOTSUPP);
            }
            if stream.end != End::Idle {
                return Err(Errno::EINVAL);
            }
            stream.fast_open_connect = on;
        }
        SocketOption::Rare(option) => return set_rare(stream, option),
        SocketOption::UrgentInline(on) => options.urgent_inline = on,
        SocketOption::Congestion(name) => options.congestion = Some(algorithm(name)?),
        SocketOption::TypeOfService(octet) => options.dscp = octet >> 2,
        SocketOption::TimeToLive(ttl) => options.ttl = ttl,
        SocketOption::Linger(_) => {}
        SocketOption::V6Only(_)
        | SocketOption::UnicastHops(_)
        | SocketOption::HeaderIncluded(_)
        | SocketOption::PeerCredentials(_)
        | SocketOption::Error(_) => return Err(Errno::ENOPROTOOPT),
        // A kernel takes them; here they are UDP's.
        SocketOption::ReusePort(_)
        | SocketOption::Broadcast(_)
        | SocketOption::NoChecksum(_)
        | SocketOption::ReceiveErrors(_)
        | SocketOption::PacketInfo(_)
        | SocketOption::MtuDiscovery(_)
        | SocketOption::Mtu(_) => return Err(Errno::EOPNOTSUPP),
    }
    Ok(())
}

/// Least TCP_WINDOW_CLAMP.
const LEAST_CLAMP: u32 = 1152;

fn set_rare(stream: &mut Stream, option: RareOption) -> Result<(), Errno> {
    let options = Arc::make_mut(&mut stream.options);
    match option {
        RareOption::FastOpenKey(octets) => options.fast_open_keys = Some(octets.keys()?),
        RareOption::FastOpenNoCookie(on) => {
            if matches!(stream.end, End::Conn(_)) {
                return Err(Errno::EINVAL);
            }
            options.fast_open_no_cookie = on;
        }
        RareOption::Cork(on) => options.cork = on,
        RareOption::UnsentLow(octets) => options.unsent_low = octets,
        RareOption::ThinLinear(on) => options.thin_linear = on,
        RareOption::GreatestTimeout(millis) => options.greatest_timeout = Some(millis),
        RareOption::WindowClamp(0) => {
            if stream.end != End::Idle {
                return Err(Errno::EINVAL);
            }
            options.window_clamp = None;
        }
        RareOption::WindowClamp(octets) => options.window_clamp = Some(octets.max(LEAST_CLAMP)),
        RareOption::PathDiscovery(how) => options.path_discovery = how,
        RareOption::TrafficClass(octet) => options.traffic_class = octet >> 2,
        RareOption::SynTries(tries) => options.syn_tries = tries,
        RareOption::FinWait2(seconds) => options.fin_wait_2 = seconds,
        // It is done to the connection, not kept.
        RareOption::QuickAck(_) => {}
        RareOption::ZeroCopy(on) => options.zero_copy = on,
        RareOption::Timestamping(stamping) => {
            // Only what a connection sends has numbers.
            if stamping.numbers() && !options.stamping.numbers() && !matches!(stream.end, End::Conn(_)) {
                return Err(Errno::EINVAL);
            }
            options.stamping = stamping;
        }
        // `waits` has them.
        RareOption::ReceiveLow(_) | RareOption::ReceiveTimeout(_) | RareOption::SendTimeout(_) => {}
        RareOption::MaxSegment(octets) => options.max_segment = u16::try_from(octets).unwrap_or(u16::MAX),
    }
    Ok(())
}

fn rare(stream: &Stream, name: RareName, below: &Below<'_>) -> RareOption {
    let options = &stream.options;
    match name {
        RareName::FastOpenKey => {
            let keys = options.fast_open_keys.unwrap_or(below.tcp.fast_open_keys());
            RareOption::FastOpenKey(KeyOctets::new(&keys.octets()))
        }
        RareName::FastOpenNoCookie => RareOption::FastOpenNoCookie(options.fast_open_no_cookie),
        RareName::Cork => RareOption::Cork(options.cork),
        RareName::UnsentLow => RareOption::UnsentLow(options.unsent_low),
        RareName::ThinLinear => RareOption::ThinLinear(options.thin_linear),
        RareName::GreatestTimeout => {
            let own = u32::try_from(below.tcp.profile().settings.tcp_rto_max_ms).unwrap_or(0);
            RareOption::GreatestTimeout(options.greatest_timeout.unwrap_or(own))
        }
        RareName::WindowClamp => {
            let present = stream.conn().and_then(|conn| below.tcp.window_clamp(conn));
            RareOption::WindowClamp(present.or(options.window_clamp).unwrap_or(0))
        }
        RareName::PathDiscovery => RareOption::PathDiscovery(options.path_discovery),
        RareName::TrafficClass => RareOption::TrafficClass(options.traffic_class << 2),
        RareName::SynTries if options.syn_tries == 0 => {
            RareOption::SynTries(below.tcp.profile().settings.tcp_syn_retries as u8)
        }
        RareName::SynTries => RareOption::SynTries(options.syn_tries),
        RareName::FinWait2 if options.fin_wait_2 == 0 => {
            RareOption::FinWait2(below.tcp.profile().settings.tcp_fin_timeout as i16)
        }
        RareName::FinWait2 => RareOption::FinWait2(options.fin_wait_2),
        RareName::QuickAck => {
            let quick = stream.conn().is_none_or(|conn| below.tcp.acks_quickly(conn));
            RareOption::QuickAck(quick.into())
        }
        RareName::ZeroCopy => RareOption::ZeroCopy(options.zero_copy),
        RareName::Timestamping => RareOption::Timestamping(options.stamping),
        // `waits` has them.
        RareName::ReceiveLow => RareOption::ReceiveLow(1),
        RareName::ReceiveTimeout => RareOption::ReceiveTimeout(0),
        RareName::SendTimeout => RareOption::SendTimeout(0),
        RareName::MaxSegment => {
            let agreed = stream.conn().and_then(|conn| below.tcp.segment_size(conn));
            let chosen = u32::from(options.max_segment);
            let usual = if chosen == 0 { u32::from(below.tcp.profile().default_mss) } else { chosen };
            RareOption::MaxSegment(agreed.unwrap_or(usual))
        }
    }
}

/// Octets that the card towards that host takes.
fn card_mtu(to: IpAddr, below: &Below<'_>) -> u16 {
    match to {
        IpAddr::V4(to) => below.routing.mtu_to(to),
        IpAddr::V6(to) => below.routing6.map_or(0, |routing| routing.mtu_to(to)),
    }
}

/// What `getsockopt` tells of a time to live: 64 where the host's own holds.
pub(super) fn shown_ttl(ttl: u8) -> u8 {
    const USUAL: u8 = 64;
    if ttl == 0 { USUAL } else { ttl }
}

/// The algorithm of that name.
fn algorithm(name: AlgorithmName) -> Result<&'static str, Errno> {
    if name.octets().is_empty() {
        return Err(Errno::EINVAL);
    }
    let found = ALGORITHMS.iter().find(|row| row.name.as_bytes() == name.octets());
    found.map(|row| row.name).ok_or(Errno::ENOENT)
}

fn stream_option(socket: &Stream, name: OptionName, below: &mut Below<'_>) -> Result<SocketOption, Errno> {
    let options = &socket.options;
    let settings = &below.tcp.profile().settings;
    let whole_seconds = |span: Span| u32::try_from(span.as_millis() / 1000).unwrap_or(u32::MAX);
    let octets = |value: i64| u32::try_from(value).unwrap_or(u32::MAX);
    Ok(match name {
        OptionName::ReuseAddr => SocketOption::ReuseAddr(options.reuse_address),
        OptionName::Linger => SocketOption::Linger(None),
        OptionName::KeepAlive => SocketOption::KeepAlive(options.keepalive.on),
        OptionName::KeepIdle => SocketOption::KeepIdle(whole_seconds(options.keepalive.idle)),
        OptionName::KeepInterval => SocketOption::KeepInterval(whole_seconds(options.keepalive.interval)),
        OptionName::KeepCount => SocketOption::KeepCount(options.keepalive.count),
        OptionName::ReceiveBuffer => {
            let grown = socket.conn().and_then(|conn| below.tcp.receive_buffer(conn));
            let usual = || octets(settings.tcp_rmem_default);
            SocketOption::ReceiveBuffer(options.receive_buffer.or(grown).unwrap_or_else(usual))
        }
        OptionName::SendBuffer => {
            let grown = socket.conn().and_then(|conn| below.tcp.send_buffer(conn));
            let usual = grown.unwrap_or(octets(settings.tcp_wmem_default));
            SocketOption::SendBuffer(options.send_buffer.unwrap_or(usual))
        }
        OptionName::NoDelay => SocketOption::NoDelay(options.no_delay),
        OptionName::UserTimeout => {
            let limit = options.user_timeout.map_or(0, Span::as_millis);
            SocketOption::UserTimeout(u32::try_from(limit).unwrap_or(u32::MAX))
        }
        OptionName::DeferAccept => {
            SocketOption::DeferAccept(whole_seconds(below.tcp.profile().defer_time(options.defer_accept)))
        }
        OptionName::FastOpen => SocketOption::FastOpen(options.fast_open),
        OptionName::FastOpenConnect => SocketOption::FastOpenConnect(socket.fast_open_connect),
        OptionName::Rare(name) => SocketOption::Rare(rare(socket, name, below)),
        OptionName::UrgentInline => SocketOption::UrgentInline(options.urgent_inline),
        OptionName::TypeOfService => SocketOption::TypeOfService(options.dscp << 2),
        OptionName::TimeToLive => SocketOption::TimeToLive(shown_ttl(options.ttl)),
        OptionName::V6Only => SocketOption::V6Only(options.v6_only),
        OptionName::UnicastHops => SocketOption::UnicastHops(shown_ttl(options.hop_limit)),
        OptionName::HeaderIncluded => SocketOption::HeaderIncluded(false),
        OptionName::PeerCredentials => SocketOption::PeerCredentials(None),
        OptionName::Congestion => {
            let name = options.congestion.unwrap_or(below.tcp.profile().congestion_control);
            SocketOption::Congestion(AlgorithmName::new(name.as_bytes()))
        }
        OptionName::Error => {
            let error = socket.conn().and_then(|conn| below.tcp.error_or_report(conn));
            SocketOption::Error(error.map(stream::errno_of))
        }
        OptionName::ReusePort
        | OptionName::Broadcast
        | OptionName::NoChecksum
        | OptionName::ReceiveErrors
        | OptionName::PacketInfo
        | OptionName::MtuDiscovery => return Err(Errno::EOPNOTSUPP),
        OptionName::Mtu => {
            let peer = socket.conn().and_then(|conn| below.tcp.addresses(conn));
            let (_, peer) = peer.ok_or(Errno::ENOTCONN)?;
            let told = below.tcp.path_mtu(peer.ip()).map(u32::from);
            SocketOption::Mtu(told.unwrap_or(u32::from(card_mtu(peer.ip(), below))))
        }
    })
}
