//! The scenarios embedded in the binary.
// Written by the test `the_embedded_scenarios_are_those_of_the_directory` with UPDATE=1.

use super::Builtin;

/// All of them, ordered by topic and name.
#[rustfmt::skip]
pub(super) const BUILTIN: &[Builtin] = &[
    Builtin { topic: "closing", name: "address-in-use", text: include_str!("../../scenarios/closing/address-in-use.toml") },
    Builtin { topic: "closing", name: "close-with-unread-data", text: include_str!("../../scenarios/closing/close-with-unread-data.toml") },
    Builtin { topic: "closing", name: "four-way-close", text: include_str!("../../scenarios/closing/four-way-close.toml") },
    Builtin { topic: "closing", name: "half-close", text: include_str!("../../scenarios/closing/half-close.toml") },
    Builtin { topic: "closing", name: "simultaneous-close", text: include_str!("../../scenarios/closing/simultaneous-close.toml") },
    Builtin { topic: "closing", name: "three-segment-close", text: include_str!("../../scenarios/closing/three-segment-close.toml") },
    Builtin { topic: "closing", name: "time-wait", text: include_str!("../../scenarios/closing/time-wait.toml") },
    Builtin { topic: "congestion", name: "bottleneck", text: include_str!("../../scenarios/congestion/bottleneck.toml") },
    Builtin { topic: "congestion", name: "cubic-curve", text: include_str!("../../scenarios/congestion/cubic-curve.toml") },
    Builtin { topic: "congestion", name: "ecn", text: include_str!("../../scenarios/congestion/ecn.toml") },
    Builtin { topic: "congestion", name: "fast-retransmit", text: include_str!("../../scenarios/congestion/fast-retransmit.toml") },
    Builtin { topic: "congestion", name: "sack", text: include_str!("../../scenarios/congestion/sack.toml") },
    Builtin { topic: "congestion", name: "sawtooth", text: include_str!("../../scenarios/congestion/sawtooth.toml") },
    Builtin { topic: "congestion", name: "slow-start", text: include_str!("../../scenarios/congestion/slow-start.toml") },
    Builtin { topic: "connecting", name: "connection-refused", text: include_str!("../../scenarios/connecting/connection-refused.toml") },
    Builtin { topic: "connecting", name: "defer-accept", text: include_str!("../../scenarios/connecting/defer-accept.toml") },
    Builtin { topic: "connecting", name: "fast-open", text: include_str!("../../scenarios/connecting/fast-open.toml") },
    Builtin { topic: "connecting", name: "lost-syn-ack", text: include_str!("../../scenarios/connecting/lost-syn-ack.toml") },
    Builtin { topic: "connecting", name: "one-port-two-clients", text: include_str!("../../scenarios/connecting/one-port-two-clients.toml") },
    Builtin { topic: "connecting", name: "three-way-handshake", text: include_str!("../../scenarios/connecting/three-way-handshake.toml") },
    Builtin { topic: "data", name: "urgent-data", text: include_str!("../../scenarios/data/urgent-data.toml") },
    Builtin { topic: "floods", name: "backlog-full", text: include_str!("../../scenarios/floods/backlog-full.toml") },
    Builtin { topic: "floods", name: "syn-flood-cookies", text: include_str!("../../scenarios/floods/syn-flood-cookies.toml") },
    Builtin { topic: "floods", name: "syn-flood-oldest-evicted", text: include_str!("../../scenarios/floods/syn-flood-oldest-evicted.toml") },
    Builtin { topic: "floods", name: "syn-flood", text: include_str!("../../scenarios/floods/syn-flood.toml") },
    Builtin { topic: "keepalive", name: "keepalive-alive", text: include_str!("../../scenarios/keepalive/keepalive-alive.toml") },
    Builtin { topic: "keepalive", name: "keepalive-peer-rebooted", text: include_str!("../../scenarios/keepalive/keepalive-peer-rebooted.toml") },
    Builtin { topic: "keepalive", name: "keepalive-peer-vanished", text: include_str!("../../scenarios/keepalive/keepalive-peer-vanished.toml") },
    Builtin { topic: "keepalive", name: "keepalive-two-hours", text: include_str!("../../scenarios/keepalive/keepalive-two-hours.toml") },
    Builtin { topic: "keepalive", name: "user-timeout", text: include_str!("../../scenarios/keepalive/user-timeout.toml") },
    Builtin { topic: "security", name: "blind-reset", text: include_str!("../../scenarios/security/blind-reset.toml") },
    Builtin { topic: "udp", name: "udp-echo", text: include_str!("../../scenarios/udp/udp-echo.toml") },
    Builtin { topic: "udp", name: "udp-loss-full-buffer", text: include_str!("../../scenarios/udp/udp-loss-full-buffer.toml") },
    Builtin { topic: "udp", name: "udp-loss-on-the-wire", text: include_str!("../../scenarios/udp/udp-loss-on-the-wire.toml") },
    Builtin { topic: "udp", name: "udp-no-listener", text: include_str!("../../scenarios/udp/udp-no-listener.toml") },
];
