//! Options of an IPv4 header: whether they can be read, and whether they lay down the packet's way (RFC 791 section 3.1).

/// End of the list.
const END: u8 = 0;
const NO_OPERATION: u8 = 1;
const RECORD_ROUTE: u8 = 7;
const TIMESTAMP: u8 = 68;
const LOOSE_ROUTE: u8 = 131;
const ROUTER_ALERT: u8 = 148;
const STRICT_ROUTE: u8 = 137;

/// Octets of a header before its options.
const HEADER: usize = 20;

/// The place in the header, in octets, of the first that makes no sense; `None` if all can be read. The list is walked once: an
/// option that says it has no length ends the walk, and cannot hold it up. What Linux 6.18 was seen to refuse.
pub(super) fn flaw(options: &[u8]) -> Option<u8> {
    let (mut at, mut seen) = (0, Vec::new());
    while let Some(kind) = options.get(at) {
        let rest = &options[at..];
        let len = match *kind {
            END => return None,
            NO_OPERATION => 1,
            _ => match rest.get(1) {
                Some(len @ 2..) if usize::from(*len) <= rest.len() => usize::from(*len),
                Some(_) | None => return Some(place(at)),
            },
        };
        if let Some(within) = flaw_within(*kind, &rest[..len], &seen) {
            return Some(place(at + within));
        }
        seen.push(*kind);
        at += len;
    }
    None
}

/// The octet of one option that makes no sense. An option that keeps a record may come once, and a source route too.
fn flaw_within(kind: u8, option: &[u8], seen: &[u8]) -> Option<usize> {
    let (least_len, least_pointer) = match kind {
        RECORD_ROUTE | LOOSE_ROUTE | STRICT_ROUTE => (3, 4),
        TIMESTAMP => (4, 5),
        ROUTER_ALERT => return (option.len() < 4).then_some(1),
        _ => return None,
    };
    let again = match kind {
        LOOSE_ROUTE | STRICT_ROUTE => seen.contains(&LOOSE_ROUTE) || seen.contains(&STRICT_ROUTE),
        _ => seen.contains(&kind),
    };
    if again {
        return Some(0);
    }
    if option.len() < least_len {
        return Some(1);
    }
    (option[2] < least_pointer).then_some(2)
}

fn place(at: usize) -> u8 {
    u8::try_from(HEADER + at).unwrap_or(u8::MAX)
}

/// Whether the options hold a source route, loose or strict.
pub(super) fn is_source_routed(mut options: &[u8]) -> bool {
    while let [kind, rest @ ..] = options {
        options = match *kind {
            END => return false,
            NO_OPERATION => rest,
            LOOSE_ROUTE | STRICT_ROUTE => return true,
            _ => match rest.first() {
                Some(len @ 2..) => options.get(usize::from(*len)..).unwrap_or_default(),
                Some(_) | None => return false,
            },
        };
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_cannot_be_read_is_found_at_the_octet_that_the_kernel_names() {
        for (options, at) in [
            (&[1, 1, 1, 0][..], None),
            (&[0x55, 4, 0, 0], None),
            (&[0x55, 0, 0, 0], Some(20)),
            (&[0x55, 1, 0, 0], Some(20)),
            (&[0x55, 9, 0, 0], Some(20)),
            (&[1, 1, 1, 0x55], Some(23)),
            (&[7, 7, 4, 0, 0, 0, 0], None),
            (&[7, 7, 3, 0, 0, 0, 0], Some(22)),
            (&[7, 2, 0, 0], Some(21)),
            (&[68, 3, 5, 0], Some(21)),
            (&[131, 2, 0, 0], Some(21)),
            (&[7, 7, 4, 0, 0, 0, 0, 7, 7, 4, 0, 0, 0, 0], Some(27)),
            (&[131, 7, 8, 10, 0, 1, 1, 137, 7, 8, 10, 0, 1, 1], Some(27)),
            (&[0, 0x55, 0, 0], None),
        ] {
            assert_eq!(flaw(options), at, "{options:?}");
        }
    }

    proptest! {
        #[test]
        fn any_octets_at_all_are_walked_to_an_end(options in prop::collection::vec(any::<u8>(), 0..60)) {
            let _ = (flaw(&options), is_source_routed(&options));
        }
    }
}
