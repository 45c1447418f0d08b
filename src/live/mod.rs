//! The real kernel (Linux): private namespaces, capture, the runner of a `Plan` on real sockets, the user-space wire.
//! The only room with `unsafe` (`sys.rs`) and the only one beside `cli/` that reads a clock.
