//! A router that is a NAT box: which side is outside, and which ports lead inside.

use super::Builder;
use super::links::Named;
use crate::ip::NatForward;
use crate::link::{HostId, NodeKind, Port};
use crate::scenario::reader::View;
use crate::scenario::source::{Mistake, Piece, suggestion};
use crate::scenario::{HostPlan, NatPlan, Topology};
use crate::wire::{PROTOCOL_TCP, PROTOCOL_UDP};
use std::net::{Ipv4Addr, SocketAddrV4};

impl Builder {
    /// `nat = { outside = "isp", forward = ["udp 8080 to a:80"] }` of every router, by number.
    pub fn nats(&mut self, nodes: &[Named<'_>], topology: Topology<'_>) -> Vec<Option<NatPlan>> {
        let of = |(number, node): (usize, &Named<'_>)| {
            let view = node.view.table("nat").filter(|_| node.kind == NodeKind::Router)?;
            self.nat(&view, HostId(number as u16), node.name, topology)
        };
        nodes.iter().enumerate().map(of).collect()
    }

    fn nat(&mut self, view: &View<'_>, node: HostId, name: &str, topology: Topology<'_>) -> Option<NatPlan> {
        let piece = self.reader.piece(view, "outside")?;
        let end = |port: Port| {
            let other = topology.other_end(port)?;
            Some((port.card, topology.hosts.get(other.node.index())?.name.as_str()))
        };
        let ends: Vec<(u16, &str)> = topology.ports(node).filter_map(end).collect();
        let Some((outside, _)) = ends.iter().find(|(_, other)| *other == piece.text.trim()) else {
            let mut mistake = Mistake::new(
                piece.span,
                format!("`{name}` has no link to `{}`", piece.text),
                format!("`{name}` 没有通到 `{}` 的链路", piece.text),
            );
            mistake.help = suggestion(&piece.text, ends.iter().map(|(_, other)| *other));
            self.reader.report(mistake);
            return None;
        };
        let pieces = self.reader.pieces(view, "forward");
        let forwards = pieces.iter().filter_map(|piece| self.nat_forward(piece, topology.hosts)).collect();
        Some(NatPlan { outside: *outside, forwards })
    }

    fn nat_forward(&mut self, piece: &Piece, hosts: &[HostPlan]) -> Option<NatForward> {
        let words: Vec<&str> = piece.text.split_whitespace().collect();
        let address = |name: &str| {
            let named = hosts.iter().find(|host| host.name == name && host.has_stack());
            named.map(|host| host.address).or_else(|| name.parse::<Ipv4Addr>().ok())
        };
        let read = match words[..] {
            [protocol, port, "to", to] => {
                let protocol = match protocol {
                    "tcp" => Some(PROTOCOL_TCP),
                    "udp" => Some(PROTOCOL_UDP),
                    _ => None,
                };
                let port = port.parse::<u16>().ok().filter(|port| *port > 0);
                let to = to.split_once(':').and_then(|(name, port)| {
                    let port = port.parse::<u16>().ok().filter(|port| *port > 0)?;
                    Some(SocketAddrV4::new(address(name)?, port))
                });
                protocol.zip(port).zip(to)
            }
            _ => None,
        };
        let Some(((protocol, port), to)) = read else {
            let mistake = Mistake::new(
                piece.span.clone(),
                format!("`{}` does not say which port leads to whom", piece.text),
                format!("`{}` 没有说明哪个端口通到哪里", piece.text),
            );
            self.reader.report(mistake.help("such as \"tcp 8080 to a:80\"", "例如 \"tcp 8080 to a:80\""));
            return None;
        };
        Some(NatForward { protocol, port, to })
    }
}
