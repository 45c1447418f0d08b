//! UDP endpoints and their demultiplexing (RFC 768).
