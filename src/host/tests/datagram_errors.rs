//! What UDP sockets hear of datagrams that did not arrive, and what they do about it.

use super::wire::{A, B, Cable, address, at, config, fails, received};
use crate::clock::Span;
use crate::host::{HostConfig, HostEffect, Reason};
use crate::socket::{
    Beside, Call, Errno, ErrorReport, Fd, Kind, Message, OptionName, Return, SocketOption, Wanted,
};
use crate::udp::{Discovery, Origin};
use crate::wire::{self, IcmpMessage, Ipv4Packet, MacAddr, Packet, Transport};
use crate::{ip, tcp, udp};
use bytes::Bytes;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

const ROUTER: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 99);

fn wanted(beside: Beside) -> Wanted {
    Wanted { beside, peek: false, whole: false, all: false }
}

fn error_queue(cable: &mut Cable, fd: Fd) -> Option<(ErrorReport, Option<SocketAddr>)> {
    match cable.call(A, Call::Receive { fd, len: 1000, wanted: wanted(Beside::Error) }) {
        Return::Message(message) => message.error.map(|error| (error, message.address)),
        Return::Failed(Errno::EAGAIN) => None,
        other => panic!("{other:?}"),
    }
}

/// A router says about the last packet that the first host sent: this type, this code.
fn report(cable: &mut Cable, message: impl FnOnce(Bytes) -> IcmpMessage) {
    let (_, _, frame) = cable.frames.iter().rev().find(|(_, host, _)| *host == 0).expect("a frame of A");
    let quote = frame.slice(14..frame.len().min(14 + 548));
    forge(cable, message(quote));
}

fn forge(cable: &mut Cable, message: IcmpMessage) {
    let packet = Ipv4Packet::new(ROUTER, address(0), Transport::Icmp(message));
    let frame = wire::build(&Packet::ipv4(MacAddr::of_host(9), config(0).mac, packet));
    cable.inject(0, &frame);
}

fn too_big(mtu: u16) -> impl FnOnce(Bytes) -> IcmpMessage {
    move |quote| IcmpMessage::DestinationUnreachable { code: 4, next_hop_mtu: mtu, quote }
}

fn connected(cable: &mut Cable, discovery: Discovery) -> Fd {
    let fd = cable.bound(A, Kind::Datagram, at(0, 4000));
    assert_eq!(cable.set(A, fd, SocketOption::MtuDiscovery(discovery)), Return::Done);
    assert_eq!(cable.connect(A, fd, at(1, 9)), Return::Done);
    fd
}

fn send(cable: &mut Cable, fd: Fd, octets: usize) -> Return {
    cable.call(A, Call::Send { fd, data: Bytes::from(vec![7; octets]) })
}

/// The packets that the first host sent since `mark`: octets of each, and whether it may be cut.
fn sent_since(cable: &Cable, mark: usize) -> Vec<(usize, bool)> {
    let packets = cable.packets();
    packets[mark..]
        .iter()
        .filter(|(host, _)| *host == 0)
        .filter_map(|(_, packet)| packet.ip())
        .map(size)
        .collect()
}

fn size(packet: &Ipv4Packet) -> (usize, bool) {
    (packet.len(), !packet.dont_fragment)
}

#[test]
fn an_unconnected_socket_that_asks_is_told_what_went_wrong_who_says_so_and_where_the_datagram_was_to_go() {
    let mut cable = Cable::new();
    let fd = cable.bound(A, Kind::Datagram, at(0, 4000));
    cable.set(A, fd, SocketOption::ReceiveErrors(true));
    assert_eq!(error_queue(&mut cable, fd), None, "it never waits");
    cable.send_to(A, fd, "anyone?", at(1, 9));
    cable.pass(Span::millis(10));
    assert_eq!(cable.recv(A, fd, 10), fails(Errno::ECONNREFUSED), "the next call fails");
    let (error, to) = error_queue(&mut cable, fd).expect("a report");
    assert_eq!(error.to_string(), "ECONNREFUSED icmp 3/3 from 10.0.0.2");
    assert_eq!(to, Some(at(1, 9)));
    assert_eq!(error_queue(&mut cable, fd), None);
}

#[test]
fn reading_the_report_settles_the_pending_error() {
    let mut cable = Cable::new();
    let fd = cable.bound(A, Kind::Datagram, at(0, 4000));
    cable.set(A, fd, SocketOption::ReceiveErrors(true));
    cable.send_to(A, fd, "anyone?", at(1, 9));
    cable.pass(Span::millis(10));
    assert!(error_queue(&mut cable, fd).is_some());
    assert_eq!(cable.send_to(A, fd, "anyone?", at(1, 9)), Return::Sent(7));
}

#[test]
fn a_hop_that_ends_the_way_is_heard_of_by_whoever_asked_for_all_errors_and_by_nobody_else() {
    for asked in [false, true] {
        let mut cable = Cable::new();
        let fd = connected(&mut cable, Discovery::Want);
        cable.set(A, fd, SocketOption::ReceiveErrors(asked));
        send(&mut cable, fd, 10);
        report(&mut cable, |quote| IcmpMessage::TimeExceeded { code: 0, quote });
        let expected = asked.then_some("EHOSTUNREACH icmp 11/0 from 10.0.0.99".to_owned());
        assert_eq!(error_queue(&mut cable, fd).map(|(error, _)| error.to_string()), expected);
    }
}

#[test]
fn that_fragments_were_missing_is_told_by_the_rfc_and_kept_back_by_linux() {
    let told = [tcp::Profile::rfc9293(), tcp::Profile::linux()].map(|profile| {
        let mut cable = Cable::with(|host| HostConfig {
            udp: HostConfig::new(config(0).id, "x", address(0), config(0).mac, profile.clone()).udp,
            ..config(host)
        });
        let fd = connected(&mut cable, Discovery::Want);
        cable.set(A, fd, SocketOption::ReceiveErrors(true));
        send(&mut cable, fd, 10);
        report(&mut cable, |quote| IcmpMessage::TimeExceeded { code: 1, quote });
        error_queue(&mut cable, fd).is_some()
    });
    assert_eq!(told, [true, false]);
}

#[test]
fn what_a_router_reports_makes_the_next_datagrams_fit_and_a_connected_socket_hears_of_it_once() {
    let mut cable = Cable::new();
    let fd = connected(&mut cable, Discovery::Want);
    let read_mtu = |cable: &mut Cable| cable.get(A, fd, OptionName::Mtu);
    assert_eq!(read_mtu(&mut cable), Return::Value(SocketOption::Mtu(1500)));
    send(&mut cable, fd, 1200);
    assert_eq!(sent_since(&cable, 0), [(1228, false)], "not to be cut on its way");
    report(&mut cable, too_big(1000));
    assert_eq!(read_mtu(&mut cable), Return::Value(SocketOption::Mtu(1000)));
    assert_eq!(send(&mut cable, fd, 1200), fails(Errno::EMSGSIZE), "the error of the one before");
    let mark = cable.frames.len();
    assert_eq!(send(&mut cable, fd, 1200), Return::Sent(1200));
    assert_eq!(sent_since(&cable, mark), [(996, true), (252, true)], "cut here");
    cable.pass(Span::secs(601));
    assert_eq!(read_mtu(&mut cable), Return::Value(SocketOption::Mtu(1500)), "forgotten after ten minutes");
}

#[test]
fn a_datagram_not_to_be_cut_is_refused_when_it_is_larger_than_the_path_and_the_queue_says_what_would_fit() {
    let mut cable = Cable::new();
    let fd = connected(&mut cable, Discovery::Do);
    assert_eq!(send(&mut cable, fd, 1473), fails(Errno::EMSGSIZE));
    assert_eq!(error_queue(&mut cable, fd), None, "it did not ask for reports");
    cable.set(A, fd, SocketOption::ReceiveErrors(true));
    assert_eq!(send(&mut cable, fd, 1473), fails(Errno::EMSGSIZE));
    let (error, to) = error_queue(&mut cable, fd).expect("a report of this host's own");
    assert_eq!((error.origin, error.info, error.offender, to), (Origin::Local, 1500, None, Some(at(1, 9))));
    assert_eq!(send(&mut cable, fd, 1472), Return::Sent(1472));
    assert_eq!(sent_since(&cable, 0), [(1500, false)]);
    report(&mut cable, too_big(1000));
    let (error, _) = error_queue(&mut cable, fd).expect("the router's report");
    assert_eq!(error.to_string(), "EMSGSIZE icmp 3/4 mtu 1000 from 10.0.0.99");
    assert_eq!(send(&mut cable, fd, 973), fails(Errno::EMSGSIZE));
    assert_eq!(send(&mut cable, fd, 972), Return::Sent(972));
}

#[test]
fn whoever_probes_sends_what_the_own_link_takes_whatever_routers_reported() {
    let mut cable = Cable::new();
    let fd = connected(&mut cable, Discovery::Probe);
    send(&mut cable, fd, 1200);
    report(&mut cable, too_big(1000));
    assert_eq!(send(&mut cable, fd, 1200), fails(Errno::EMSGSIZE), "the report");
    let mark = cable.frames.len();
    assert_eq!(send(&mut cable, fd, 1472), Return::Sent(1472));
    assert_eq!(sent_since(&cable, mark), [(1500, false)]);
    assert_eq!(send(&mut cable, fd, 1473), fails(Errno::EMSGSIZE));
}

#[test]
fn whoever_lets_routers_cut_is_not_told_that_one_would_have_liked_to() {
    let mut cable = Cable::new();
    let fd = connected(&mut cable, Discovery::Dont);
    send(&mut cable, fd, 1200);
    assert_eq!(sent_since(&cable, 0), [(1228, true)]);
    report(&mut cable, too_big(1000));
    assert_eq!(send(&mut cable, fd, 10), Return::Sent(10));
}

#[test]
fn an_error_about_what_nobody_here_sent_changes_nothing() {
    let mut cable = Cable::new();
    let fd = connected(&mut cable, Discovery::Want);
    send(&mut cable, fd, 10);
    // The quote names another port of the peer.
    report(&mut cable, |quote| {
        let mut forged = quote.to_vec();
        forged[23] ^= 1;
        IcmpMessage::DestinationUnreachable { code: 4, next_hop_mtu: 600, quote: forged.into() }
    });
    forge(&mut cable, IcmpMessage::DestinationUnreachable { code: 3, next_hop_mtu: 0, quote: Bytes::new() });
    let nothing = Reason::Ip(ip::IcmpReason::ErrorAboutNothing.into());
    let unreadable = Reason::Ip(ip::IcmpReason::QuoteUnreadable.into());
    let dropped: Vec<&Reason> = cable
        .effects
        .iter()
        .filter_map(|(_, effect)| match effect {
            HostEffect::Dropped { why, .. } => Some(why),
            _ => None,
        })
        .filter(|why| matches!(why, Reason::Ip(_)))
        .collect();
    assert_eq!(dropped, [&nothing, &unreadable]);
    assert_eq!(cable.get(A, fd, OptionName::Mtu), Return::Value(SocketOption::Mtu(1500)));
    assert_eq!(send(&mut cable, fd, 10), Return::Sent(10));
}

#[test]
fn a_datagram_without_a_checksum_carries_a_zero_in_its_place_and_is_taken() {
    let mut cable = Cable::new();
    let server = cable.bound(B, Kind::Datagram, at(1, 7));
    let fd = cable.bound(A, Kind::Datagram, at(0, 4000));
    cable.set(A, fd, SocketOption::NoChecksum(true));
    cable.send_to(A, fd, "unsummed", at(1, 7));
    assert_eq!(cable.frames[0].2[40..42], [0, 0]);
    assert_eq!(cable.recv(B, server, 100), received("unsummed"));
}

#[test]
fn looking_takes_nothing_and_the_whole_length_is_told_however_little_fits() {
    let mut cable = Cable::new();
    let server = cable.bound(B, Kind::Datagram, at(1, 7));
    let fd = cable.bound(A, Kind::Datagram, at(0, 4000));
    cable.send_to(A, fd, "0123456789", at(1, 7));
    let look = Wanted { beside: Beside::Sender, peek: true, whole: true, all: false };
    for wanted in [look, Wanted { peek: false, ..look }] {
        let message = Message {
            wanted,
            data: Bytes::from_static(b"012"),
            length: 10,
            address: Some(at(0, 4000)),
            error: None,
            notice: None,
        };
        let got = cable.call(B, Call::Receive { fd: server, len: 3, wanted });
        assert_eq!(got, Return::Message(Box::new(message)));
    }
    cable.time_out(B, server, 10);
    assert_eq!(cable.recv(B, server, 3), fails(Errno::EAGAIN), "the second time it was taken");
}

#[test]
fn a_stream_can_be_looked_at_too_and_counts_what_it_throws_away() {
    let mut cable = Cable::new();
    let (client, server) = super::wire::connection(&mut cable);
    cable.send(A, client, "0123456789");
    let data = |cable: &mut Cable, len, peek, whole| {
        let wanted = Wanted { beside: Beside::Nothing, peek, whole, all: false };
        match cable.call(B, Call::Receive { fd: server, len, wanted }) {
            Return::Message(message) => (message.data, message.length),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(data(&mut cable, 4, true, false), (Bytes::from_static(b"0123"), 4));
    assert_eq!(data(&mut cable, 4, false, true), (Bytes::new(), 4));
    assert_eq!(cable.recv(B, server, 100), received("456789"));
}

#[test]
fn the_own_address_that_a_datagram_was_sent_to_is_told_to_whoever_wants_it() {
    for wants in [false, true] {
        let mut cable = Cable::new();
        let server = cable.bound(B, Kind::Datagram, "0.0.0.0:7".parse().unwrap());
        cable.set(B, server, SocketOption::PacketInfo(wants));
        let fd = cable.bound(A, Kind::Datagram, at(0, 4000));
        cable.send_to(A, fd, "x", at(1, 7));
        let wanted = wanted(Beside::Destination);
        let Return::Message(message) = cable.call(B, Call::Receive { fd: server, len: 3, wanted }) else {
            panic!()
        };
        assert_eq!(message.address, wants.then(|| at(1, 7)));
    }
}

#[test]
fn a_socket_whose_peer_is_taken_away_keeps_what_its_program_named() {
    let nowhere: SocketAddr = "0.0.0.0:0".parse().unwrap();
    for (bound, left) in [
        (None, nowhere),
        (Some("0.0.0.0:555"), "0.0.0.0:555".parse().unwrap()),
        (Some("10.0.0.1:555"), at(0, 555)),
    ] {
        let mut cable = Cable::new();
        let fd = cable.socket(A, Kind::Datagram);
        if let Some(bound) = bound {
            cable.bind(A, fd, bound.parse().unwrap());
        }
        cable.connect(A, fd, at(1, 9));
        assert_eq!(cable.call(A, Call::Disconnect { fd }), Return::Done);
        assert_eq!(cable.name(A, fd), Return::Address(left));
        assert_eq!(cable.peer(A, fd), fails(Errno::ENOTCONN));
        assert_eq!(cable.send(A, fd, "x"), fails(Errno::EDESTADDRREQ));
    }
}

#[test]
fn a_connection_whose_peer_is_taken_away_is_aborted() {
    let mut cable = Cable::new();
    let (client, server) = super::wire::connection(&mut cable);
    assert_eq!(cable.call(A, Call::Disconnect { fd: client }), Return::Done);
    assert_eq!(cable.recv(B, server, 10), fails(Errno::ECONNRESET));
    assert_eq!(cable.send(A, client, "x"), fails(Errno::ECONNRESET), "it hears of it itself, once");
    assert_eq!(cable.send(A, client, "x"), fails(Errno::EPIPE));
    assert_eq!(cable.connect(A, client, at(1, 81)), fails(Errno::ECONNREFUSED), "it can be used again");
}

#[test]
fn everybody_is_written_to_only_by_whoever_says_that_it_means_it() {
    let everybody: SocketAddr = "10.0.0.255:9".parse().unwrap();
    let mut cable = Cable::new();
    let fd = cable.bound(A, Kind::Datagram, at(0, 4000));
    assert_eq!(cable.send_to(A, fd, "x", everybody), fails(Errno::EACCES));
    assert_eq!(cable.connect(A, fd, everybody), fails(Errno::EACCES));
    cable.set(A, fd, SocketOption::Broadcast(true));
    assert_eq!(cable.send_to(A, fd, "x", everybody), Return::Sent(1));
    assert_eq!(cable.connect(A, fd, everybody), Return::Done);
    cable.set(A, fd, SocketOption::Broadcast(false));
    assert_eq!(cable.send(A, fd, "x"), Return::Sent(1), "what was allowed when it connected stays so");
    assert!(cable.packets().iter().all(|(_, packet)| packet.ethernet.destination == MacAddr::BROADCAST));
}

#[test]
fn a_socket_bound_to_the_broadcast_address_hears_broadcasts_only_and_answers_with_the_hosts_own() {
    let mut cable = Cable::new();
    let all = cable.bound(B, Kind::Datagram, "10.0.0.255:7".parse().unwrap());
    let fd = cable.bound(A, Kind::Datagram, at(0, 4000));
    cable.set(A, fd, SocketOption::Broadcast(true));
    cable.send_to(A, fd, "one", at(1, 7));
    cable.send_to(A, fd, "all", "10.0.0.255:7".parse().unwrap());
    assert_eq!(cable.recv(B, all, 10), received("all"));
    cable.send_to(B, all, "yes", at(0, 4000));
    let got = cable.call(A, Call::RecvFrom { fd, len: 10 });
    assert_eq!(got, Return::ReceivedFrom(Bytes::from_static(b"yes"), at(1, 7)));
}

#[test]
fn a_neighbour_that_never_answers_is_a_host_unreachable_from_the_own_host() {
    let mut cable = Cable::with(|host| HostConfig { neighbours: ip::Neighbours::Arp, ..config(host) });
    let fd = cable.bound(A, Kind::Datagram, at(0, 4000));
    cable.set(A, fd, SocketOption::ReceiveErrors(true));
    cable.send_to(A, fd, "x", "10.0.0.77:9".parse().unwrap());
    cable.pass(Span::secs(5));
    let (error, _) = error_queue(&mut cable, fd).expect("a report");
    assert_eq!((error.kind, error.code, error.offender), (3, 1, Some(IpAddr::V4(address(0)))));
}

#[test]
fn every_code_of_unreachable_has_its_errno() {
    let errno = |code: u8| {
        let mut cable = Cable::new();
        let fd = connected(&mut cable, Discovery::Want);
        cable.set(A, fd, SocketOption::ReceiveErrors(true));
        send(&mut cable, fd, 10);
        report(&mut cable, |quote| IcmpMessage::DestinationUnreachable { code, next_hop_mtu: 0, quote });
        error_queue(&mut cable, fd).map(|(error, _)| error.errno)
    };
    use Errno::*;
    let all: Vec<Errno> = (0..=15).filter_map(errno).collect();
    assert_eq!(
        all,
        [
            ENETUNREACH,
            EHOSTUNREACH,
            ENOPROTOOPT,
            ECONNREFUSED,
            EMSGSIZE,
            EOPNOTSUPP,
            ENETUNREACH,
            EHOSTDOWN,
            ENONET,
            ENETUNREACH,
            EHOSTUNREACH,
            ENETUNREACH,
            EHOSTUNREACH,
            EHOSTUNREACH,
            EHOSTUNREACH,
            EHOSTUNREACH
        ]
    );
    assert_eq!(errno(16), None);
    assert!(udp::meaning(3, 16).is_none());
}
