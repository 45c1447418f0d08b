//! What TCP must do, as sentences: two stacks and a wire between them, or one endpoint in a chosen state that is handed
//! a segment.

mod closing;
mod duo;
mod handshake;
