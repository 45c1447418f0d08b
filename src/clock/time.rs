//! Instants and spans of virtual time, in whole nanoseconds.

use std::fmt;
use std::num::NonZeroU64;
use std::ops::{Add, AddAssign, Div, Mul, Sub};

/// A moment of a run: nanoseconds since the run began. Range: 0 to about 584 years.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Instant(Nanos);

/// A length of time in nanoseconds, never negative. Range: 0 to about 584 years.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span(Nanos);

/// Nanoseconds, kept as one more: a time that may be missing takes no more room than one that is there.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Nanos(NonZeroU64);

impl Nanos {
    const MAX: Nanos = Nanos(NonZeroU64::MAX);

    /// At most [`Nanos::MAX`].
    const fn of(ns: u64) -> Nanos {
        Nanos(NonZeroU64::MIN.saturating_add(ns))
    }
    const fn get(self) -> u64 {
        self.0.get() - 1
    }
}

impl Instant {
    /// The beginning of a run.
    pub const ZERO: Instant = Instant::from_nanos(0);
    /// The end of time; no event is later.
    pub const MAX: Instant = Instant(Nanos::MAX);

    /// `ns` nanoseconds after the run began.
    pub const fn from_nanos(ns: u64) -> Instant {
        Instant(Nanos::of(ns))
    }
    /// Nanoseconds since the run began.
    pub const fn as_nanos(self) -> u64 {
        self.0.get()
    }
    /// Microseconds since the run began, rounded down.
    pub const fn as_micros(self) -> u64 {
        self.as_nanos() / 1_000
    }
    /// Milliseconds since the run began, rounded down.
    pub const fn as_millis(self) -> u64 {
        self.as_nanos() / 1_000_000
    }
    /// Time passed since `earlier`; zero if `earlier` is later.
    pub const fn since(self, earlier: Instant) -> Span {
        Span::nanos(self.as_nanos().saturating_sub(earlier.as_nanos()))
    }
}

impl Span {
    /// No time.
    pub const ZERO: Span = Span::nanos(0);
    /// The longest span.
    pub const MAX: Span = Span(Nanos::MAX);

    /// `n` nanoseconds.
    pub const fn nanos(n: u64) -> Span {
        Span(Nanos::of(n))
    }
    /// `n` microseconds.
    pub const fn micros(n: u64) -> Span {
        Span::nanos(n * 1_000)
    }
    /// `n` milliseconds.
    pub const fn millis(n: u64) -> Span {
        Span::nanos(n * 1_000_000)
    }
    /// `n` seconds.
    pub const fn secs(n: u64) -> Span {
        Span::nanos(n * 1_000_000_000)
    }
    /// Whole length in nanoseconds.
    pub const fn as_nanos(self) -> u64 {
        self.0.get()
    }
    /// Length in microseconds, rounded down.
    pub const fn as_micros(self) -> u64 {
        self.as_nanos() / 1_000
    }
    /// Length in milliseconds, rounded down.
    pub const fn as_millis(self) -> u64 {
        self.as_nanos() / 1_000_000
    }
    /// Length in seconds, for display and plots only.
    pub fn as_secs_f64(self) -> f64 {
        self.as_nanos() as f64 / 1e9
    }
    /// The span times `n`, at most [`Span::MAX`].
    pub const fn saturating_mul(self, n: u64) -> Span {
        Span::nanos(self.as_nanos().saturating_mul(n))
    }
    /// The span less `other`, at least zero.
    pub const fn saturating_sub(self, other: Span) -> Span {
        Span::nanos(self.as_nanos().saturating_sub(other.as_nanos()))
    }
}

impl Add<Span> for Instant {
    type Output = Instant;
    fn add(self, span: Span) -> Instant {
        Instant::from_nanos(self.as_nanos().saturating_add(span.as_nanos()))
    }
}
impl AddAssign<Span> for Instant {
    fn add_assign(&mut self, span: Span) {
        *self = *self + span;
    }
}
impl Sub<Instant> for Instant {
    type Output = Span;
    fn sub(self, earlier: Instant) -> Span {
        self.since(earlier)
    }
}
impl Add for Span {
    type Output = Span;
    fn add(self, other: Span) -> Span {
        Span::nanos(self.as_nanos().saturating_add(other.as_nanos()))
    }
}
impl AddAssign for Span {
    fn add_assign(&mut self, other: Span) {
        *self = *self + other;
    }
}
impl Sub for Span {
    type Output = Span;
    fn sub(self, other: Span) -> Span {
        self.saturating_sub(other)
    }
}
impl Mul<u64> for Span {
    type Output = Span;
    fn mul(self, n: u64) -> Span {
        self.saturating_mul(n)
    }
}
impl Div<u64> for Span {
    type Output = Span;
    fn div(self, n: u64) -> Span {
        Span::nanos(self.as_nanos() / n)
    }
}

impl Default for Instant {
    fn default() -> Instant {
        Instant::ZERO
    }
}
impl Default for Span {
    fn default() -> Span {
        Span::ZERO
    }
}

/// As if the number itself were kept.
impl fmt::Debug for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Instant").field(&self.as_nanos()).finish()
    }
}
impl fmt::Debug for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Span").field(&self.as_nanos()).finish()
    }
}

/// Seconds with three decimals: `1.020`.
impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:03}", self.as_nanos() / 1_000_000_000, self.as_nanos() / 1_000_000 % 1_000)
    }
}

/// The largest unit that gives a whole number: `10ms`, `1s`, `250us`, `7ns`.
impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (n, unit) = match self.as_nanos() {
            0 => (0, "s"),
            ns if ns % 1_000_000_000 == 0 => (ns / 1_000_000_000, "s"),
            ns if ns % 1_000_000 == 0 => (ns / 1_000_000, "ms"),
            ns if ns % 1_000 == 0 => (ns / 1_000, "us"),
            ns => (ns, "ns"),
        };
        write!(f, "{n}{unit}")
    }
}
