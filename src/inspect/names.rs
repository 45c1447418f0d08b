//! What the hosts of a capture are called: by their addresses, and those of IPv6, which fill a line, by their ends.

use super::gather::Places;
use crate::trace::HostInfo;
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};

/// No name is longer than the longest address of IPv4, as far as names can still be told apart.
const LONGEST: usize = 15;

/// Gives every host its name.
pub(super) fn give(hosts: &mut [HostInfo], places: &Places) {
    let addresses: Vec<IpAddr> = hosts.iter().map(|host| host.address).collect();
    let short = shortened(&addresses);
    for ((address, port), id) in places {
        let Some(host) = hosts.get_mut(id.index()) else { continue };
        host.name = match (short.get(address), *port) {
            (Some(short), 0) => short.clone(),
            (Some(short), port) => format!("[{short}]:{port}"),
            (None, 0) => address.to_string(),
            (None, port) => SocketAddr::new(*address, port).to_string(),
        };
    }
}

/// The long addresses of IPv6 with the ends they are known by: as many of the last groups as no other one shares.
fn shortened(addresses: &[IpAddr]) -> BTreeMap<IpAddr, String> {
    let six = |address: &IpAddr| match address {
        IpAddr::V6(address) => Some(*address),
        IpAddr::V4(_) => None,
    };
    let all: std::collections::BTreeSet<Ipv6Addr> = addresses.iter().filter_map(six).collect();
    let mut names = BTreeMap::new();
    let mut left: Vec<Ipv6Addr> =
        all.iter().copied().filter(|address| address.to_string().len() > LONGEST).collect();
    for groups in 2..8 {
        let tail = |address: &Ipv6Addr| address.octets()[16 - 2 * groups..].to_vec();
        let mut shared: BTreeMap<Vec<u8>, u32> = BTreeMap::new();
        for address in &all {
            *shared.entry(tail(address)).or_default() += 1;
        }
        left.retain(|address| {
            let alone = shared.get(&tail(address)) == Some(&1);
            if alone {
                let ends: Vec<String> =
                    address.segments()[8 - groups..].iter().map(|group| format!("{group:x}")).collect();
                names.insert(IpAddr::V6(*address), format!("…{}", ends.join(":")));
            }
            !alone
        });
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_addresses_are_called_by_as_much_of_their_ends_as_tells_them_apart() {
        let addresses: Vec<IpAddr> = [
            "10.0.0.1",
            "::1",
            "2001:db8::7",
            "2001:db8:1:2:3:4:5:6",
            "2001:db8:1:2:3:9:5:6",
            "fe80::42:acff:fe11:2",
        ]
        .map(|text| text.parse().expect("an address"))
        .to_vec();
        let names = shortened(&addresses);
        let of = |at: usize| names.get(&addresses[at]).map(String::as_str);
        assert_eq!([0, 1, 2].map(of), [None; 3]);
        assert_eq!([3, 4, 5].map(of), [Some("…4:5:6"), Some("…9:5:6"), Some("…fe11:2")]);
    }
}
