//! The stated limits of scenario files. What is over them is a mistake, never a hang.

use crate::clock::Span;

/// Largest file, octets.
pub const FILE: usize = 256 * 1024;
/// Most mistakes told of one file.
pub const MISTAKES: usize = 100;
/// Most hosts, routers, switches and hubs together.
pub const HOSTS: usize = 64;
/// Most links.
pub const LINKS: usize = 256;
/// Most frames that a link loses by number, of one list.
pub const LOST: usize = 10_000;
/// Most programs of one host.
pub const PROGRAMS: usize = 32;
/// Most processes that `every` starts, in a whole scenario.
pub const SPAWNED: u64 = 10_000;
/// Copies of itself that a process starts with `fork`, at most.
pub const FORKS: u32 = 100;
/// Most forged SYNs a second.
pub const FLOOD_RATE: u64 = 1_000_000;
/// Most forged SYNs of one flood.
pub const FLOOD_COUNT: u64 = 20_000_000;
/// Longest virtual time of a run.
pub const TIME: Span = Span::secs(30 * 86_400);
/// Virtual time of a run that names no limit.
pub const TIME_DEFAULT: Span = Span::secs(86_400);
/// Most records of a run.
pub const RECORDS: u64 = 1_000_000;
/// Most frames of a run.
pub const FRAMES: u64 = 100_000_000;
/// Frames of a run that names no limit.
pub const FRAMES_DEFAULT: u64 = 25_000_000;
/// Most octets that the records of a run hold beside themselves.
pub const OCTETS: u64 = 4 * 1024 * 1024 * 1024;
/// Most octets of one piece of data.
pub const DATA: u64 = 16 * 1024 * 1024;
/// Most rounds of one `repeat`.
pub const ROUNDS: u64 = 1_000_000;
/// Deepest nesting of blocks.
pub(super) const BLOCKS: usize = 16;
/// Most functions that a program can call, the library's included.
pub(super) const FUNCTIONS: usize = 64;
/// Most calls of functions that are put in their places, in one program.
pub(super) const INLINED: usize = 1000;
/// Most operations of a program with all its functions in their places.
pub(super) const OPERATIONS: usize = 50_000;
