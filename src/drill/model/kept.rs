//! Options that a socket only keeps: nothing that is modelled depends on them. Each has the values that the kernel takes, and
//! what it tells of them (measured on Linux 6.18, without privilege). What would change a packet or a reply, and is not
//! modelled, is refused by its name.

use crate::drill::symbols;
use std::collections::BTreeMap;

pub(super) const SOL_IP: i64 = 0;
pub(super) const SOL_SOCKET: i64 = 1;
pub(super) const SOL_TCP: i64 = 6;
const SOL_UDP: i64 = 17;
pub(super) const SOL_IPV6: i64 = 41;

/// What a socket is, as far as its options depend on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Nature {
    /// AF_INET or AF_INET6.
    pub domain: i64,
    /// SOCK_STREAM, without the flags.
    pub kind: i64,
}

/// SOCK_STREAM.
const STREAM: i64 = 1;
/// AF_INET6.
const INET6: i64 = 10;

impl Nature {
    /// A TCP socket over IPv4.
    pub const TCP: Nature = Nature { domain: 2, kind: STREAM };

    /// Whether it is TCP's.
    pub fn is_stream(self) -> bool {
        self.kind == STREAM
    }

    /// Whether a socket like this has options of that level at all.
    fn has(self, level: i64) -> bool {
        match level {
            SOL_TCP => self.is_stream(),
            SOL_UDP => !self.is_stream(),
            SOL_IPV6 => self.domain == INET6,
            _ => true,
        }
    }
}

/// Which sockets have it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Of {
    All,
    Stream,
    Datagram,
}

/// What may be set, and what is then told.
#[derive(Clone, Copy)]
enum Values {
    /// Anything counts as on, but zero.
    Switch,
    /// Any number.
    Any,
    /// Numbers between these; others are EINVAL.
    Within(i64, i64),
    /// Zero; to set more needs a privilege.
    Zero(&'static str),
    /// Taken within these limits, and nothing is ever told of it.
    Ignored(i64, i64),
    /// Never to be set.
    Fixed,
    /// The kernel here does not have it.
    Absent(&'static str),
    /// Only what a fresh socket has: anything else would do what is not modelled.
    Fresh,
}

/// Level, number, whose, values, what a fresh socket has.
type Row = (i64, i64, Of, Values, i64);

use Of::{All, Datagram, Stream};
use Values::{Absent, Any, Fixed, Fresh, Ignored, Switch, Within, Zero};

const MOST: i64 = i32::MAX as i64;

const ROWS: &[Row] = &[
    (SOL_SOCKET, 1, All, Zero("EACCES"), 0),             // SO_DEBUG
    (SOL_SOCKET, 5, All, Switch, 0),                     // SO_DONTROUTE
    (SOL_SOCKET, 6, Stream, Switch, 0),                  // SO_BROADCAST
    (SOL_SOCKET, 11, Stream, Switch, 0),                 // SO_NO_CHECK
    (SOL_SOCKET, 12, All, Any, 0),                       // SO_PRIORITY
    (SOL_SOCKET, 14, All, Absent("ENOPROTOOPT"), 0),     // SO_BSDCOMPAT
    (SOL_SOCKET, 15, Stream, Switch, 0),                 // SO_REUSEPORT
    (SOL_SOCKET, 16, All, Absent("EOPNOTSUPP"), 0),      // SO_PASSCRED
    (SOL_SOCKET, 19, All, Fixed, 1),                     // SO_SNDLOWAT
    (SOL_SOCKET, 29, All, Fresh, 0),                     // SO_TIMESTAMP
    (SOL_SOCKET, 32, All, Absent("EPERM"), 0),           // SO_SNDBUFFORCE
    (SOL_SOCKET, 33, All, Absent("EPERM"), 0),           // SO_RCVBUFFORCE
    (SOL_SOCKET, 34, All, Absent("EOPNOTSUPP"), 0),      // SO_PASSSEC
    (SOL_SOCKET, 35, All, Fresh, 0),                     // SO_TIMESTAMPNS
    (SOL_SOCKET, 36, All, Any, 0),                       // SO_MARK
    (SOL_SOCKET, 40, All, Switch, 0),                    // SO_RXQ_OVFL
    (SOL_SOCKET, 41, All, Switch, 0),                    // SO_WIFI_STATUS
    (SOL_SOCKET, 42, All, Fresh, -1),                    // SO_PEEK_OFF
    (SOL_SOCKET, 43, All, Switch, 0),                    // SO_NOFCS
    (SOL_SOCKET, 44, All, Switch, 0),                    // SO_LOCK_FILTER
    (SOL_SOCKET, 45, All, Fresh, 0),                     // SO_SELECT_ERR_QUEUE
    (SOL_SOCKET, 46, All, Within(0, MOST), 0),           // SO_BUSY_POLL
    (SOL_SOCKET, 49, All, Any, -1),                      // SO_INCOMING_CPU
    (SOL_SOCKET, 53, All, Absent("ENOPROTOOPT"), 0),     // SO_CNX_ADVICE
    (SOL_SOCKET, 69, All, Zero("EPERM"), 0),             // SO_PREFER_BUSY_POLL
    (SOL_SOCKET, 74, Stream, Within(-1, 1), 1),          // SO_TXREHASH
    (SOL_SOCKET, 74, Datagram, Absent("EOPNOTSUPP"), 0), // SO_TXREHASH
    (SOL_SOCKET, 75, All, Switch, 0),                    // SO_RCVMARK
    (SOL_SOCKET, 76, All, Absent("EOPNOTSUPP"), 0),      // SO_PASSPIDFD
    (SOL_TCP, 17, All, Ignored(0, 1), 0),                // TCP_THIN_DUPACK
    (SOL_TCP, 15, All, Absent("ENOPROTOOPT"), 0),        // TCP_COOKIE_TRANSACTIONS
    (SOL_TCP, 27, All, Within(0, 2), 0),                 // TCP_SAVE_SYN
    (SOL_TCP, TCP_INQ, All, Within(0, 1), 0),
    (SOL_TCP, 37, All, Fresh, 0),                // TCP_TX_DELAY
    (SOL_IP, 6, All, Switch, 0),                 // IP_RECVOPTS
    (SOL_IP, 7, All, Switch, 0),                 // IP_RETOPTS
    (SOL_IP, 8, Stream, Switch, 0),              // IP_PKTINFO
    (SOL_IP, 12, Stream, Switch, 0),             // IP_RECVTTL
    (SOL_IP, 12, Datagram, Fresh, 0),            // IP_RECVTTL
    (SOL_IP, 13, Stream, Switch, 0),             // IP_RECVTOS
    (SOL_IP, 13, Datagram, Fresh, 0),            // IP_RECVTOS
    (SOL_IP, 15, All, Switch, 0),                // IP_FREEBIND
    (SOL_IP, 18, All, Switch, 0),                // IP_PASSSEC
    (SOL_IP, 19, All, Switch, 0),                // IP_TRANSPARENT
    (SOL_IP, 20, Stream, Switch, 0),             // IP_RECVORIGDSTADDR
    (SOL_IP, 21, All, Fresh, 0),                 // IP_MINTTL
    (SOL_IP, 22, All, Absent("ENOPROTOOPT"), 0), // IP_NODEFRAG
    (SOL_IP, 23, Stream, Switch, 0),             // IP_CHECKSUM
    (SOL_IP, 24, All, Switch, 0),                // IP_BIND_ADDRESS_NO_PORT
    (SOL_IP, 49, All, Within(0, 1), 1),          // IP_MULTICAST_ALL
    (SOL_IP, 51, All, Fresh, 0),                 // IP_LOCAL_PORT_RANGE
    (SOL_IPV6, 33, All, Switch, 0),              // IPV6_FLOWINFO_SEND
    (SOL_IPV6, 49, Stream, Switch, 0),           // IPV6_RECVPKTINFO
    (SOL_IPV6, 51, Stream, Switch, 0),           // IPV6_RECVHOPLIMIT
    (SOL_IPV6, 56, Stream, Switch, 0),           // IPV6_RECVRTHDR
    (SOL_IPV6, 60, Stream, Switch, 0),           // IPV6_RECVPATHMTU
    (SOL_IPV6, 62, Stream, Switch, 0),           // IPV6_DONTFRAG
    (SOL_IPV6, 66, Stream, Switch, 0),           // IPV6_RECVTCLASS
    (SOL_IPV6, 66, Datagram, Fresh, 0),          // IPV6_RECVTCLASS
    (SOL_IPV6, 70, All, Switch, 1),              // IPV6_AUTOFLOWLABEL
    (SOL_IPV6, 73, All, Fresh, 0),               // IPV6_MINHOPCOUNT
    (SOL_IPV6, 74, Stream, Switch, 0),           // IPV6_ORIGDSTADDR
    (SOL_IPV6, 75, All, Switch, 0),              // IPV6_TRANSPARENT
    (SOL_IPV6, 78, All, Switch, 0),              // IPV6_FREEBIND
    (SOL_UDP, 1, All, Fresh, 0),                 // UDP_CORK
    (SOL_UDP, 100, All, Fresh, 0),               // UDP_ENCAP
    (SOL_UDP, 101, All, Switch, 0),              // UDP_NO_CHECK6_TX
    (SOL_UDP, 102, All, Switch, 0),              // UDP_NO_CHECK6_RX
    (SOL_UDP, 103, All, Fresh, 0),               // UDP_SEGMENT
    (SOL_UDP, 104, All, Fresh, 0),               // UDP_GRO
];

/// Each reply of `recvmsg` tells how much is left to read.
pub(super) const TCP_INQ: i64 = 36;

/// The option's name, or its numbers if it has none here.
pub(super) fn name(level: i64, number: i64) -> String {
    let prefix = match level {
        SOL_IP => "IP_",
        SOL_SOCKET => "SO_",
        SOL_TCP => "TCP_",
        SOL_UDP => "UDP_",
        SOL_IPV6 => "IPV6_",
        _ => return format!("socket option {level}/{number}"),
    };
    symbols::name_of(&format!("socket option {level}/{number},"), &[prefix], number)
}

/// What one socket keeps.
#[derive(Clone, Debug)]
pub(super) struct Kept {
    nature: Nature,
    values: BTreeMap<(i64, i64), i64>,
}

impl Kept {
    /// A fresh socket's.
    pub fn new(nature: Nature) -> Kept {
        Kept { nature, values: BTreeMap::new() }
    }

    /// What the socket is.
    pub fn nature(&self) -> Nature {
        self.nature
    }

    fn row(&self, level: i64, number: i64) -> Option<&'static Row> {
        let fits = |of: Of| of == All || (of == Stream) == self.nature.is_stream();
        ROWS.iter().find(|(at, name, of, ..)| (*at, *name) == (level, number) && fits(*of))
    }

    /// The number kept, or a fresh socket's.
    pub fn number(&self, level: i64, number: i64) -> i64 {
        let fresh = self.row(level, number).map_or(0, |row| row.4);
        self.values.get(&(level, number)).copied().unwrap_or(fresh)
    }

    /// Sets one; `None` if it is none of these.
    ///
    /// # Errors
    /// Outside: what is not modelled, by name. Inside: the error that the kernel gives.
    pub fn set(
        &mut self,
        level: i64,
        number: i64,
        value: i64,
    ) -> Result<Option<Result<(), &'static str>>, String> {
        if !self.nature.has(level) {
            return Ok(Some(Err("ENOPROTOOPT")));
        }
        let Some(&(.., values, fresh)) = self.row(level, number) else { return Ok(None) };
        let kept = match values {
            Switch => i64::from(value != 0),
            Any => value,
            Within(least, most) if (least..=most).contains(&value) => value,
            Zero(_) if value == 0 => 0,
            Ignored(least, most) if (least..=most).contains(&value) => fresh,
            Fresh if value == fresh => fresh,
            Fresh => return Err(name(level, number)),
            Within(..) | Ignored(..) => return Ok(Some(Err("EINVAL"))),
            Zero(errno) | Absent(errno) => return Ok(Some(Err(errno))),
            Fixed => return Ok(Some(Err("ENOPROTOOPT"))),
        };
        // SO_TXREHASH of -1 asks for what is usual.
        let kept = if (level, number) == (SOL_SOCKET, 74) && kept == -1 { fresh } else { kept };
        self.values.insert((level, number), kept);
        Ok(Some(Ok(())))
    }

    /// Reads one; `None` if it is none of these.
    pub fn get(&self, level: i64, number: i64) -> Option<Result<i64, &'static str>> {
        if !self.nature.has(level) {
            return Some(Err("EOPNOTSUPP"));
        }
        let plain = match (level, number) {
            (SOL_SOCKET, 3) => Some(self.nature.kind),
            (SOL_SOCKET, 38) => Some(if self.nature.is_stream() { SOL_TCP } else { SOL_UDP }),
            (SOL_SOCKET, 39) => Some(self.nature.domain),
            _ => None,
        };
        if let Some(number) = plain {
            return Some(Ok(number));
        }
        let (.., values, _) = self.row(level, number)?;
        Some(match values {
            // Only to be set.
            Absent("EPERM") => Err("ENOPROTOOPT"),
            Absent(errno) => Err(errno),
            _ => Ok(self.number(level, number)),
        })
    }

    /// Whether setting it is refused whatever the value, since it only tells.
    pub fn only_tells(level: i64, number: i64) -> bool {
        // SO_TYPE, SO_ERROR, SO_ACCEPTCONN, SO_PROTOCOL, SO_DOMAIN; TCP_INFO; IP_MTU.
        matches!((level, number), (SOL_SOCKET, 3 | 4 | 30 | 38 | 39) | (SOL_TCP, 11) | (SOL_IP, 14))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stream() -> Kept {
        Kept::new(Nature { domain: 2, kind: 1 })
    }

    #[test]
    fn what_is_kept_is_told_and_what_the_kernel_refuses_is_refused_with_its_error() {
        let mut kept = stream();
        assert_eq!(kept.set(SOL_SOCKET, 12, 5), Ok(Some(Ok(()))));
        assert_eq!(kept.get(SOL_SOCKET, 12), Some(Ok(5)));
        assert_eq!(kept.set(SOL_SOCKET, 5, 7), Ok(Some(Ok(()))));
        assert_eq!(kept.get(SOL_SOCKET, 5), Some(Ok(1)), "a switch");
        assert_eq!(kept.set(SOL_TCP, TCP_INQ, 2), Ok(Some(Err("EINVAL"))));
        assert_eq!(kept.set(SOL_SOCKET, 1, 1), Ok(Some(Err("EACCES"))));
        assert_eq!(kept.set(SOL_IPV6, 66, 1), Ok(Some(Err("ENOPROTOOPT"))), "an AF_INET socket");
        assert_eq!(kept.get(SOL_UDP, 1), Some(Err("EOPNOTSUPP")));
        assert_eq!(kept.get(SOL_SOCKET, 39), Some(Ok(2)));
    }

    #[test]
    fn what_would_do_something_that_is_not_modelled_is_refused_by_its_name() {
        let mut kept = stream();
        assert_eq!(kept.set(SOL_TCP, 37, 0), Ok(Some(Ok(()))), "a fresh socket has that anyway");
        assert_eq!(kept.set(SOL_TCP, 37, 1000), Err("TCP_TX_DELAY".to_owned()));
        assert_eq!(kept.set(SOL_TCP, 19, 1), Ok(None));
        assert_eq!(name(SOL_TCP, 19), "TCP_REPAIR");
        assert_eq!(name(SOL_IP, 99), "socket option 0/99, 0x63");
    }
}
