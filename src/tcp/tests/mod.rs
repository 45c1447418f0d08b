//! What TCP must do, as sentences: two stacks and a wire between them, or one endpoint in a chosen state that is handed
//! a segment.

mod bench;
mod bursts;
mod closing;
mod compress;
mod conformance;
mod congestion;
mod defer_accept;
mod duo;
mod ecn;
mod edges;
mod fast_open;
mod flow;
mod handshake;
mod icmp;
mod kernel;
mod path_mtu;
mod profiles;
mod queues;
mod random;
mod recovery;
mod segments;
mod sizes;
mod syn_text;
mod talks;
mod timestamps;
mod urgent;
mod user_timeout;
mod worlds;
