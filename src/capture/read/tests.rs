//! Files of both formats made by hand, whole, cut at every octet, and garbled.

use super::order::Order;
use super::*;
use crate::wire::MacAddr;
use proptest::prelude::*;

/// A file being made, in one byte order.
struct Maker {
    order: Order,
    octets: Vec<u8>,
}

impl Maker {
    fn new(order: Order) -> Maker {
        Maker { order, octets: Vec::new() }
    }
    fn u16(&mut self, value: u16) -> &mut Maker {
        let octets = if self.order == Order::Little { value.to_le_bytes() } else { value.to_be_bytes() };
        self.raw(&octets)
    }
    fn u32(&mut self, value: u32) -> &mut Maker {
        let octets = if self.order == Order::Little { value.to_le_bytes() } else { value.to_be_bytes() };
        self.raw(&octets)
    }
    fn raw(&mut self, octets: &[u8]) -> &mut Maker {
        self.octets.extend_from_slice(octets);
        self
    }
    /// A pcapng block: its lengths and padding are made here.
    fn block(&mut self, kind: u32, body: impl FnOnce(&mut Maker)) -> &mut Maker {
        let mut inner = Maker::new(self.order);
        body(&mut inner);
        inner.octets.resize(inner.octets.len().next_multiple_of(4), 0);
        let length = inner.octets.len() as u32 + 12;
        self.u32(kind).u32(length).raw(&inner.octets).u32(length)
    }
    fn section(&mut self) -> &mut Maker {
        self.block(0x0a0d_0d0a, |m| {
            m.u32(0x1a2b_3c4d).u16(1).u16(0).u32(u32::MAX).u32(u32::MAX);
        })
    }
    fn interface(&mut self, link: u16, most: u32, resolution: Option<u8>) -> &mut Maker {
        self.block(1, |m| {
            m.u16(link).u16(0).u32(most);
            if let Some(resolution) = resolution {
                m.u16(9).u16(1).raw(&[resolution, 0, 0, 0]).u16(0).u16(0);
            }
        })
    }
    fn packet(&mut self, interface: u32, ticks: u64, octets: &[u8], original: u32) -> &mut Maker {
        self.block(6, |m| {
            m.u32(interface).u32((ticks >> 32) as u32).u32(ticks as u32);
            m.u32(octets.len() as u32).u32(original).raw(octets);
        })
    }
}

/// Number, time, link, octets, original length of every packet; and what stopped it.
type All = (Vec<(u64, u64, u16, Vec<u8>, u32)>, Option<Broken>);

fn all(file: &[u8]) -> All {
    let mut packets = Vec::new();
    // One octet at a time: a block never comes whole.
    let mut capture = match Capture::open(OneByOne(file)) {
        Ok(capture) => capture,
        Err(broken) => return (packets, Some(broken)),
    };
    loop {
        match capture.next_packet() {
            Ok(Some(p)) => packets.push((p.number, p.at, p.link, p.octets.to_vec(), p.original)),
            Ok(None) => return (packets, None),
            Err(broken) => {
                assert_eq!(capture.next_packet(), Ok(None), "after an error there is nothing more");
                return (packets, Some(broken));
            }
        }
    }
}

struct OneByOne<'a>(&'a [u8]);

impl Read for OneByOne<'_> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let (Some((first, rest)), Some(place)) = (self.0.split_first(), into.first_mut()) else {
            return Ok(0);
        };
        *place = *first;
        self.0 = rest;
        Ok(1)
    }
}

fn pcap(order: Order, magic: u32) -> Vec<u8> {
    let mut maker = Maker::new(order);
    maker.u32(magic).u16(2).u16(4).u32(0).u32(0).u32(65_535).u32(0x1400_0001);
    maker.u32(5).u32(7).u32(3).u32(3).raw(b"abc");
    maker.u32(6).u32(8).u32(2).u32(1500).raw(b"de");
    maker.octets
}

fn ng(order: Order) -> Vec<u8> {
    let mut maker = Maker::new(order);
    maker.section().interface(1, 0, None).interface(101, 0, Some(9)).interface(113, 0, Some(0x80 | 1));
    maker.packet(0, 1_000_002, b"ab", 2).packet(1, 1 << 33, b"cdefg", 60).packet(2, 3, b"", 0);
    // Statistics and a private block are passed over.
    maker.block(5, |m| {
        m.u32(0).u32(0).u32(0);
    });
    maker.block(0x8000_0001, |m| {
        m.raw(&[1; 7]);
    });
    maker.block(2, |m| {
        m.u16(1).u16(0).u32(0).u32(9).u32(1).u32(1).raw(b"z");
    });
    // A section of its own byte order, which forgets the interfaces.
    let other = if order == Order::Little { Order::Big } else { Order::Little };
    let mut second = Maker::new(other);
    second.section().interface(0, 4, None);
    second.block(3, |m| {
        m.u32(6).raw(b"wxyz");
    });
    maker.raw(&second.octets);
    maker.octets
}

#[test]
fn pcap_is_read_in_both_byte_orders_and_resolutions() {
    for order in [Order::Little, Order::Big] {
        for (magic, unit) in [(0xa1b2_c3d4, 1000), (0xa1b2_3c4d, 1)] {
            let (packets, broken) = all(&pcap(order, magic));
            assert_eq!(broken, None);
            let expected = [
                (1, 5_000_000_000 + 7 * unit, 1, b"abc".to_vec(), 3),
                (2, 6_000_000_000 + 8 * unit, 1, b"de".to_vec(), 1500),
            ];
            assert_eq!(packets, expected);
        }
    }
}

#[test]
fn pcapng_is_read_with_sections_interfaces_and_every_kind_of_packet() {
    for order in [Order::Little, Order::Big] {
        let (packets, broken) = all(&ng(order));
        assert_eq!(broken, None);
        let expected = [
            (1, 1_000_002_000, 1, b"ab".to_vec(), 2),
            (2, 1 << 33, 101, b"cdefg".to_vec(), 60),
            (3, 1_500_000_000, 113, Vec::new(), 0),
            (4, 9, 101, b"z".to_vec(), 1),
            (5, 9, 0, b"wxyz".to_vec(), 6),
        ];
        assert_eq!(packets, expected);
    }
}

#[test]
fn an_interface_s_stamps_may_count_from_another_second() {
    for order in [Order::Little, Order::Big] {
        for offset in [7_i64, -3] {
            let mut maker = Maker::new(order);
            maker.section();
            maker.block(1, |m| {
                m.u16(1).u16(0).u32(0);
                let words = [offset as u32, (offset >> 32) as u32];
                let [first, second] = if order == Order::Little { words } else { [words[1], words[0]] };
                m.u16(14).u16(8).u32(first).u32(second).u16(0).u16(0);
            });
            maker.packet(0, 5_000_001, b"ab", 2);
            let (packets, broken) = all(&maker.octets);
            assert_eq!((packets[0].1, broken), ((5_000_001_000 + offset * 1_000_000_000) as u64, None));
        }
    }
}

#[test]
fn a_file_cut_anywhere_gives_what_came_before_and_says_where_it_ends() {
    for file in
        [pcap(Order::Little, 0xa1b2_c3d4), pcap(Order::Big, 0xa1b2_3c4d), ng(Order::Little), ng(Order::Big)]
    {
        let (whole, _) = all(&file);
        let mut complete = 0;
        for len in 0..file.len() {
            let (packets, broken) = all(&file[..len]);
            assert_eq!(packets, whole[..packets.len()]);
            match broken {
                // Only between two blocks is nothing missing.
                None => complete += 1,
                Some(broken) => {
                    assert!(broken.at <= len as u64, "{broken} of {len}");
                    let cut = matches!(broken.trouble, Trouble::Cut { .. } | Trouble::Empty);
                    assert!(cut, "{broken}");
                }
            }
        }
        assert!((1..=12).contains(&complete), "{complete}");
    }
}

#[test]
fn what_is_wrong_is_told_with_its_place() {
    let place = |file: &[u8]| {
        let broken = all(file).1.expect("it is broken");
        for lang in [crate::lang::Lang::En, crate::lang::Lang::Zh] {
            assert!(broken.sentence(lang).contains(&broken.at.to_string()), "{broken}");
        }
        (broken.at, broken.trouble)
    };
    assert_eq!(place(b"text"), (0, Trouble::NotACapture(*b"text")));
    assert_eq!(place(&[0x1f, 0x8b, 8, 0]), (0, Trouble::Compressed("gzip")));
    let mut file = pcap(Order::Little, 0xa1b2_c3d4);
    file[24 + 8..24 + 12].copy_from_slice(&u32::MAX.to_le_bytes());
    assert_eq!(place(&file), (32, Trouble::PacketLength(u32::MAX)));
    let mut maker = Maker::new(Order::Little);
    maker.section().interface(1, 0, None).packet(3, 0, b"a", 1);
    assert_eq!(place(&maker.octets), (28 + 20 + 8, Trouble::NoInterface(3)));
    let mut file = ng(Order::Little);
    file[24] ^= 4;
    assert_eq!(place(&file), (24, Trouble::LengthsDiffer { first: 28, last: 24 }));
    let mut file = ng(Order::Little);
    file[28 + 4] = 13;
    assert_eq!(place(&file), (32, Trouble::BlockLength(13)));
    let mut file = ng(Order::Little);
    file[9] = 0;
    assert_eq!(place(&file), (8, Trouble::ByteOrder([0x4d, 0, 0x2b, 0x1a])));
    let mut file = ng(Order::Big);
    file[13] = 7;
    assert_eq!(place(&file), (12, Trouble::Version(7, 0)));
}

#[test]
fn a_length_that_lies_takes_no_memory() {
    let mut maker = Maker::new(Order::Little);
    maker.section().interface(1, 0, None).u32(6).u32(LONGEST).raw(&[0; 100]);
    let mut capture = Capture::open(maker.octets.as_slice()).expect("it begins well");
    assert!(capture.next_packet().is_err());
    assert!(capture.window.capacity() < 1 << 20, "{}", capture.window.capacity());
}

#[test]
fn every_link_type_gives_the_same_packet() {
    let ip = [0x45, 1, 2, 3];
    let mac = [2, 0, 0, 0, 0, 1];
    let ethernet = [&[9; 6], &mac[..], &[8, 0], &ip].concat();
    let tagged = [&[9; 6], &mac[..], &[0x81, 0, 0x60, 5, 0x88, 0xa8, 0, 6, 8, 0], &ip].concat();
    let cooked = [&[0, 0, 0, 1, 0, 6], &mac[..], &[0, 0, 8, 0], &ip].concat();
    let cooked2 = [&[8, 0, 0, 0, 0, 0, 0, 1, 0, 1, 4, 6], &mac[..], &[0, 0], &ip].concat();
    let null = [&[2, 0, 0, 0], &ip[..]].concat();
    let swapped = [&[0, 0, 0, 2], &ip[..]].concat();
    let known = |link, octets| network(link, octets).expect("it is known");
    for (link, octets) in [(1, &ethernet), (1, &tagged), (113, &cooked), (276, &cooked2)] {
        let network = known(link, octets);
        assert_eq!((network.source, network.ether_type, network.payload), (MacAddr(mac), 0x0800, &ip[..]));
    }
    assert_eq!(known(1, &tagged).tags.outer().map(|tag| tag.vlan), Some(5));
    assert_eq!(known(1, &tagged).frame(), tagged);
    assert_eq!(known(1, &ethernet).frame(), ethernet);
    for (link, octets) in
        [(0, &null), (0, &swapped), (108, &swapped), (101, &ip.to_vec()), (228, &ip.to_vec())]
    {
        let network = known(link, octets);
        assert_eq!((network.ether_type, network.payload), (0x0800, &ip[..]));
    }
    for (link, octets) in [(1, &ethernet), (1, &tagged), (113, &cooked), (276, &cooked2), (0, &null)] {
        for len in 0..octets.len() - ip.len() {
            assert_eq!(network(link, &octets[..len]), None, "{link} {len}");
        }
    }
    assert_eq!(network(147, &ethernet), None);
}

proptest! {
    #[test]
    fn any_octets_give_packets_or_an_error(octets in prop::collection::vec(any::<u8>(), 0..300)) {
        all(&octets);
    }

    #[test]
    fn any_garbling_gives_packets_or_an_error(
        which in 0usize..4,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
    ) {
        let mut file = match which {
            0 => pcap(Order::Little, 0xa1b2_c3d4),
            1 => pcap(Order::Big, 0xa1b2_3c4d),
            2 => ng(Order::Little),
            _ => ng(Order::Big),
        };
        for (at, octet) in changes {
            let at = at.index(file.len());
            file[at] = octet;
        }
        let (packets, _) = all(&file);
        for (_, _, link, octets, original) in packets {
            prop_assert!(original as usize >= octets.len());
            network(link, &octets);
        }
    }
}
