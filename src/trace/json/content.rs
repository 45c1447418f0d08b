//! What a frame carries, by layer.

use super::object::Object;
use crate::lang::Lang;
use crate::trace::Frame;
use crate::wire::{ArpMessage, Body, Bpdu, Ipv4Packet, Ipv6Packet, TcpOption, Transport};

/// What the frame carries, by layer.
pub(super) fn write_content(object: &mut Object, frame: &Frame) {
    let packet = match &frame.content.packet {
        Ok(packet) => packet,
        Err(error) => return object.text("unreadable", &error.sentence(Lang::En)),
    };
    if !packet.ethernet.tags.is_empty() {
        let tags: Vec<_> = packet.ethernet.tags.iter().collect();
        object.list("vlan", &tags, |object, tag| {
            object.plain("id", tag.vlan);
            object.plain("priority", tag.priority);
        });
    }
    match &packet.body {
        Body::Arp(arp) => object.object("arp", |object| write_arp(object, arp)),
        Body::Ipv4(ip) => {
            object.object("ip", |object| write_ip(object, ip));
            write_transport(object, &ip.transport, frame);
        }
        Body::Ipv6(ip) => {
            object.object("ipv6", |object| write_ipv6(object, ip));
            write_transport(object, &ip.transport, frame);
        }
        Body::Bpdu(message) => object.object("stp", |object| write_bpdu(object, message)),
        Body::Other(_) => {}
    }
}

fn write_bpdu(object: &mut Object, message: &Bpdu) {
    match message {
        Bpdu::TopologyChange => object.text("type", "topology change"),
        Bpdu::Config(config) => {
            object.text("type", "configuration");
            object.display("root", config.root);
            object.plain("root_cost", config.root_cost);
            object.display("bridge", config.bridge);
            object.plain("port", config.port);
            object.plain("topology_change", config.topology_change);
            object.plain("acknowledgment", config.acknowledgment);
        }
    }
}

fn write_arp(object: &mut Object, arp: &ArpMessage) {
    object.plain("operation", arp.operation.number());
    object.display("sender_mac", arp.sender_mac);
    object.display("sender_ip", arp.sender_ip);
    object.display("target_mac", arp.target_mac);
    object.display("target_ip", arp.target_ip);
}

fn write_ip(object: &mut Object, ip: &Ipv4Packet) {
    object.display("source", ip.source);
    object.display("destination", ip.destination);
    object.plain("ttl", ip.ttl);
    object.plain("identification", ip.identification);
    if ip.is_fragment() {
        object.plain("more_fragments", ip.more_fragments);
        object.plain("fragment_offset", ip.fragment_offset);
    }
}

fn write_ipv6(object: &mut Object, ip: &Ipv6Packet) {
    object.display("source", ip.source);
    object.display("destination", ip.destination);
    object.plain("hop_limit", ip.hop_limit);
    object.plain("flow_label", ip.flow_label);
    object.list("extensions", &ip.extensions, |object, extension| object.plain("number", extension.number()));
    if let Some((offset, more, identification)) = ip.fragment() {
        object.plain("identification", identification);
        object.plain("more_fragments", more);
        object.plain("fragment_offset", offset);
    }
}

fn write_transport(object: &mut Object, transport: &Transport, frame: &Frame) {
    match transport {
        Transport::Tcp(segment) => object.object("tcp", |object| {
            object.plain("source_port", segment.source_port);
            object.plain("destination_port", segment.destination_port);
            object.display("flags", segment.flags);
            object.plain("seq", segment.seq);
            if segment.flags.has(crate::wire::Flags::ACK) {
                object.plain("ack", segment.ack);
            }
            if let Some(relative) = frame.relative() {
                object.plain("relative_seq", relative.seq);
                if let Some(ack) = relative.ack {
                    object.plain("relative_ack", ack);
                }
            }
            object.plain("window", segment.window);
            if segment.flags.has(crate::wire::Flags::URG) {
                object.plain("urgent", segment.urgent);
            }
            object.plain("len", segment.payload.len());
            let options: Vec<TcpOption> = segment.options.iter().collect();
            object.list("options", &options, write_option);
        }),
        Transport::Udp(datagram) => object.object("udp", |object| {
            object.plain("source_port", datagram.source_port);
            object.plain("destination_port", datagram.destination_port);
            object.plain("len", datagram.payload.len());
        }),
        Transport::Icmp(message) => object.object("icmp", |object| {
            let (kind, code) = message.kind();
            object.plain("type", kind);
            object.plain("code", code);
        }),
        Transport::Icmpv6(message) => object.object("icmpv6", |object| {
            let (kind, code) = message.kind();
            object.plain("type", kind);
            object.plain("code", code);
        }),
        Transport::Other { protocol, payload } => object.object("payload", |object| {
            object.plain("protocol", protocol);
            object.plain("len", payload.len());
        }),
    }
}

fn write_option(object: &mut Object, option: &TcpOption) {
    match option {
        TcpOption::EndOfList => object.plain("kind", 0),
        TcpOption::Nop => object.plain("kind", 1),
        TcpOption::Mss(mss) => {
            object.plain("kind", 2);
            object.plain("mss", mss);
        }
        TcpOption::WindowScale(shift) => {
            object.plain("kind", 3);
            object.plain("shift", shift);
        }
        TcpOption::SackPermitted => object.plain("kind", 4),
        TcpOption::Sack(blocks) => {
            object.plain("kind", 5);
            let blocks: Vec<_> = blocks.iter().collect();
            object.list("blocks", &blocks, |object, (left, right)| {
                object.plain("left", left);
                object.plain("right", right);
            });
        }
        TcpOption::Timestamps { value, echo } => {
            object.plain("kind", 8);
            object.plain("value", value);
            object.plain("echo", echo);
        }
        TcpOption::UserTimeout { minutes, value } => {
            object.plain("kind", 28);
            object.plain("minutes", minutes);
            object.plain("value", value);
        }
        TcpOption::FastOpen { cookie, experimental } => {
            object.plain("kind", if *experimental { 254 } else { 34 });
            object.hex("cookie", cookie);
        }
        TcpOption::Unknown { kind, data } => {
            object.plain("kind", kind);
            object.hex("data", data);
        }
        TcpOption::Malformed { kind, length } => {
            object.plain("kind", kind);
            object.optional("illegal_length", length.map(u64::from));
        }
    }
}
