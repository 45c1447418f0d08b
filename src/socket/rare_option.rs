//! Options that programs of scenarios have no word for: who examines the stack from outside sets them by the numbers of the
//! system's headers.

use super::fast_open::KeyOctets;
use crate::tcp::Stamping;

/// What TCP_MAXSEG takes beside 0, octets.
const LEAST_SEGMENT: i64 = 88;
const GREATEST_SEGMENT: i64 = 32_767;

/// Such an option with its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RareOption {
    /// TCP_FASTOPEN_KEY: what a listener's cookies are made under.
    FastOpenKey(KeyOctets),
    /// TCP_FASTOPEN_NO_COOKIE: data goes on a SYN, or is taken from one, without a cookie.
    FastOpenNoCookie(bool),
    /// TCP_CORK: only full segments go.
    Cork(bool),
    /// TCP_NOTSENT_LOWAT: a write waits while so many octets or more are unsent; 0 is the host's own.
    UnsentLow(u32),
    /// SO_RCVLOWAT, octets: a stream that may wait gives no fewer, and counts as readable from so many on.
    ReceiveLow(u32),
    /// SO_RCVTIMEO, microseconds that a call waits for something to come; 0 is for ever.
    ReceiveTimeout(u64),
    /// SO_SNDTIMEO, microseconds that a call waits for room, and `connect` for its answer; 0 is for ever.
    SendTimeout(u64),
    /// IP_MTU_DISCOVER of a stream, 0 to 5: with 0 its packets may be cut up on the way, with 4 and 5 it believes no report of
    /// a smaller path MTU either.
    PathDiscovery(u8),
    /// TCP_THIN_LINEAR_TIMEOUTS: the first time-outs of a stream with little on its way are not doubled.
    ThinLinear(bool),
    /// TCP_RTO_MAX_MS: the greatest retransmission time-out, 1,000 to 120,000 milliseconds.
    GreatestTimeout(u32),
    /// TCP_WINDOW_CLAMP, octets: the largest window to offer; 0 is what the buffer allows.
    WindowClamp(u32),
    /// IPV6_TCLASS, 0 to 255; the lower two bits are ECN's and do not count for a stream.
    TrafficClass(u8),
    /// TCP_MAXSEG: no segment is longer, octets, 88 to 32767; 0 is what the link takes.
    MaxSegment(u32),
    /// TCP_SYNCNT, 1 to 127: how often a SYN or SYN-ACK goes again; 0 is the host's own.
    SynTries(u8),
    /// TCP_LINGER2, seconds in FIN-WAIT-2, up to 120; 0 is the host's own, negative is none.
    FinWait2(i16),
    /// TCP_QUICKACK: 0 lets acknowledgments wait, anything else sends them at once.
    QuickAck(u32),
    /// SO_ZEROCOPY: buffers may be handed over without a copy.
    ZeroCopy(bool),
    /// SO_TIMESTAMPING: what is noted of octets on their way.
    Timestamping(Stamping),
}

/// Its name alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum RareName {
    FastOpenKey,
    FastOpenNoCookie,
    Cork,
    UnsentLow,
    ReceiveLow,
    ReceiveTimeout,
    SendTimeout,
    PathDiscovery,
    ThinLinear,
    GreatestTimeout,
    WindowClamp,
    TrafficClass,
    MaxSegment,
    SynTries,
    FinWait2,
    QuickAck,
    ZeroCopy,
    Timestamping,
}

/// What an option is set to or found to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RareValue {
    /// A number.
    Number(i64),
    /// Octets.
    Octets(KeyOctets),
}

const SOL_IP: i64 = 0;
const SOL_SOCKET: i64 = 1;
const SOL_TCP: i64 = 6;
const SOL_IPV6: i64 = 41;

impl RareName {
    /// Every one with the name C gives it, its level and its number there.
    pub const ALL: [(RareName, &'static str, i64, i64); 18] = [
        (RareName::ThinLinear, "TCP_THIN_LINEAR_TIMEOUTS", SOL_TCP, 16),
        (RareName::GreatestTimeout, "TCP_RTO_MAX_MS", SOL_TCP, 44),
        (RareName::FastOpenKey, "TCP_FASTOPEN_KEY", SOL_TCP, 33),
        (RareName::FastOpenNoCookie, "TCP_FASTOPEN_NO_COOKIE", SOL_TCP, 34),
        (RareName::Cork, "TCP_CORK", SOL_TCP, 3),
        (RareName::UnsentLow, "TCP_NOTSENT_LOWAT", SOL_TCP, 25),
        (RareName::ReceiveLow, "SO_RCVLOWAT", SOL_SOCKET, 18),
        (RareName::ReceiveTimeout, "SO_RCVTIMEO", SOL_SOCKET, 20),
        (RareName::SendTimeout, "SO_SNDTIMEO", SOL_SOCKET, 21),
        (RareName::PathDiscovery, "IP_MTU_DISCOVER", SOL_IP, 10),
        (RareName::WindowClamp, "TCP_WINDOW_CLAMP", SOL_TCP, 10),
        (RareName::TrafficClass, "IPV6_TCLASS", SOL_IPV6, 67),
        (RareName::MaxSegment, "TCP_MAXSEG", SOL_TCP, 2),
        (RareName::SynTries, "TCP_SYNCNT", SOL_TCP, 7),
        (RareName::FinWait2, "TCP_LINGER2", SOL_TCP, 8),
        (RareName::QuickAck, "TCP_QUICKACK", SOL_TCP, 12),
        (RareName::ZeroCopy, "SO_ZEROCOPY", SOL_SOCKET, 60),
        (RareName::Timestamping, "SO_TIMESTAMPING", SOL_SOCKET, 37),
    ];

    /// The option of that number at that level.
    pub fn numbered(level: i64, number: i64) -> Option<RareName> {
        let row = RareName::ALL.iter().find(|row| (row.2, row.3) == (level, number));
        row.map(|row| row.0)
    }

    /// The name C gives it.
    pub fn name(self) -> &'static str {
        RareName::ALL.iter().find(|row| row.0 == self).map_or("?", |row| row.1)
    }

    /// The option with that value; `None` if it takes no such one.
    pub fn with(self, value: RareValue) -> Option<RareOption> {
        let switch = |number: i64| match number {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        };
        match (self, value) {
            (RareName::FastOpenKey, RareValue::Octets(octets)) => Some(RareOption::FastOpenKey(octets)),
            (RareName::FastOpenKey, RareValue::Number(number)) => {
                Some(RareOption::FastOpenKey(KeyOctets::new(&(number as i32).to_ne_bytes())))
            }
            (RareName::FastOpenNoCookie, RareValue::Number(number)) => {
                switch(number).map(RareOption::FastOpenNoCookie)
            }
            (RareName::Cork, RareValue::Number(number)) => Some(RareOption::Cork(number != 0)),
            (RareName::UnsentLow, RareValue::Number(number)) => Some(RareOption::UnsentLow(number as u32)),
            (RareName::ReceiveLow, RareValue::Number(number)) => {
                // A negative one is the largest there is, none is one.
                let low = if number < 0 { i32::MAX as u32 } else { (number as u32).max(1) };
                Some(RareOption::ReceiveLow(low))
            }
            (RareName::ReceiveTimeout, RareValue::Number(number)) => {
                u64::try_from(number).ok().map(RareOption::ReceiveTimeout)
            }
            (RareName::SendTimeout, RareValue::Number(number)) => {
                u64::try_from(number).ok().map(RareOption::SendTimeout)
            }
            (RareName::ThinLinear, RareValue::Number(number)) => switch(number).map(RareOption::ThinLinear),
            (RareName::GreatestTimeout, RareValue::Number(number @ 1_000..=120_000)) => {
                Some(RareOption::GreatestTimeout(number as u32))
            }
            (RareName::PathDiscovery, RareValue::Number(number @ 0..=5)) => {
                Some(RareOption::PathDiscovery(number as u8))
            }
            (RareName::SynTries, RareValue::Number(number @ 1..=127)) => {
                Some(RareOption::SynTries(number as u8))
            }
            (RareName::FinWait2, RareValue::Number(number)) => {
                Some(RareOption::FinWait2(number.clamp(-1, 120) as i16))
            }
            (RareName::QuickAck, RareValue::Number(number)) => Some(RareOption::QuickAck(number as u32)),
            (RareName::WindowClamp, RareValue::Number(number)) => {
                u32::try_from(number).ok().map(RareOption::WindowClamp)
            }
            (RareName::TrafficClass, RareValue::Number(-1)) => Some(RareOption::TrafficClass(0)),
            (RareName::TrafficClass, RareValue::Number(number @ 0..=255)) => {
                Some(RareOption::TrafficClass(number as u8))
            }
            (RareName::MaxSegment, RareValue::Number(number)) => {
                let taken = number == 0 || (LEAST_SEGMENT..=GREATEST_SEGMENT).contains(&number);
                taken.then_some(RareOption::MaxSegment(number as u32))
            }
            (RareName::ZeroCopy, RareValue::Number(number)) => switch(number).map(RareOption::ZeroCopy),
            (RareName::Timestamping, RareValue::Number(number)) => {
                Some(RareOption::Timestamping(Stamping(number as u32)))
            }
            (
                RareName::ZeroCopy
                | RareName::Timestamping
                | RareName::FastOpenNoCookie
                | RareName::Cork
                | RareName::UnsentLow
                | RareName::ReceiveLow
                | RareName::ReceiveTimeout
                | RareName::SendTimeout
                | RareName::PathDiscovery
                | RareName::WindowClamp
                | RareName::ThinLinear
                | RareName::GreatestTimeout
                | RareName::TrafficClass
                | RareName::MaxSegment
                | RareName::SynTries
                | RareName::FinWait2
                | RareName::QuickAck,
                RareValue::Octets(_),
            )
            | (
                RareName::PathDiscovery
                | RareName::TrafficClass
                | RareName::GreatestTimeout
                | RareName::SynTries,
                RareValue::Number(_),
            ) => None,
        }
    }
}

impl RareOption {
    /// Which option it is.
    pub fn name(self) -> RareName {
        match self {
            RareOption::FastOpenKey(_) => RareName::FastOpenKey,
            RareOption::FastOpenNoCookie(_) => RareName::FastOpenNoCookie,
            RareOption::Cork(_) => RareName::Cork,
            RareOption::UnsentLow(_) => RareName::UnsentLow,
            RareOption::ReceiveLow(_) => RareName::ReceiveLow,
            RareOption::ReceiveTimeout(_) => RareName::ReceiveTimeout,
            RareOption::SendTimeout(_) => RareName::SendTimeout,
            RareOption::PathDiscovery(_) => RareName::PathDiscovery,
            RareOption::ThinLinear(_) => RareName::ThinLinear,
            RareOption::GreatestTimeout(_) => RareName::GreatestTimeout,
            RareOption::WindowClamp(_) => RareName::WindowClamp,
            RareOption::TrafficClass(_) => RareName::TrafficClass,
            RareOption::MaxSegment(_) => RareName::MaxSegment,
            RareOption::SynTries(_) => RareName::SynTries,
            RareOption::FinWait2(_) => RareName::FinWait2,
            RareOption::QuickAck(_) => RareName::QuickAck,
            RareOption::ZeroCopy(_) => RareName::ZeroCopy,
            RareOption::Timestamping(_) => RareName::Timestamping,
        }
    }

    /// Its value.
    pub fn value(self) -> RareValue {
        match self {
            RareOption::FastOpenKey(octets) => RareValue::Octets(octets),
            RareOption::FastOpenNoCookie(on)
            | RareOption::Cork(on)
            | RareOption::ThinLinear(on)
            | RareOption::ZeroCopy(on) => RareValue::Number(on.into()),
            RareOption::Timestamping(stamping) => RareValue::Number(stamping.0.into()),
            RareOption::ReceiveLow(low) => RareValue::Number(low.into()),
            RareOption::GreatestTimeout(millis) => RareValue::Number(millis.into()),
            RareOption::ReceiveTimeout(micros) | RareOption::SendTimeout(micros) => {
                RareValue::Number(i64::try_from(micros).unwrap_or(i64::MAX))
            }
            RareOption::UnsentLow(octets)
            | RareOption::MaxSegment(octets)
            | RareOption::WindowClamp(octets) => RareValue::Number(octets.into()),
            RareOption::FinWait2(seconds) => RareValue::Number(seconds.into()),
            RareOption::QuickAck(asked) => RareValue::Number(asked.into()),
            RareOption::PathDiscovery(octet)
            | RareOption::TrafficClass(octet)
            | RareOption::SynTries(octet) => RareValue::Number(octet.into()),
        }
    }

    /// The value as a reader sees it.
    pub fn shown(self) -> String {
        match self.value() {
            RareValue::Number(number) => number.to_string(),
            RareValue::Octets(octets) => octets.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rare_option_is_found_by_its_number_and_keeps_its_value() {
        for (name, _, level, number) in RareName::ALL {
            assert_eq!(RareName::numbered(level, number), Some(name));
            let option = [1, 1000].into_iter().find_map(|value| name.with(RareValue::Number(value))).unwrap();
            assert_eq!(option.name(), name);
            assert_eq!(name.with(option.value()), Some(option));
        }
        assert_eq!(RareName::numbered(0, 0), None);
        assert_eq!(RareName::PathDiscovery.with(RareValue::Number(6)), None);
        assert_eq!(RareName::FastOpenNoCookie.with(RareValue::Number(2)), None);
    }
}
