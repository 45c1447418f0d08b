//! Drives a world in virtual time.
