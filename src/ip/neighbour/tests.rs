//! The table of neighbours.

use super::*;
use crate::wire::Transport;
use bytes::Bytes;

fn packet(n: u8) -> Ipv4Packet {
    let payload = Bytes::from(vec![n]);
    let transport = Transport::Other { protocol: 99, payload };
    Ipv4Packet::new(Ipv4Addr::new(10, 0, 0, 1), Ipv4Addr::new(10, 0, 0, 2), transport)
}
const PEER: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 2);

#[test]
fn packets_wait_for_the_answer_and_leave_in_order() {
    let profile = Profile::linux();
    let mut table: Table<u8> = Table::new(&Neighbours::Arp);
    let start = Instant::ZERO;
    assert_eq!(table.card(start, PEER, &profile), None);
    assert_eq!(table.wait(start, PEER, packet(1), 1, &profile), Waits { ask: true, lost: None });
    assert_eq!(table.wait(start, PEER, packet(2), 2, &profile), Waits { ask: false, lost: None });
    let mac = MacAddr::of_host(2);
    let learned = table.learn(start + Span::millis(1), PEER, mac, Shown::Answered, &profile);
    assert!(learned.news);
    assert_eq!(learned.waited, vec![(packet(1), 1), (packet(2), 2)]);
    assert_eq!(table.card(start, PEER, &profile), Some(mac));
    assert_eq!(table.next_deadline(), None);
}

#[test]
fn a_neighbour_asked_for_three_times_in_vain_is_silent() {
    let profile = Profile::linux();
    let mut table: Table<u8> = Table::new(&Neighbours::Arp);
    table.wait(Instant::ZERO, PEER, packet(1), 1, &profile);
    let mut asked = 1;
    loop {
        let at = table.next_deadline().expect("still asking");
        match table.on_timer(at, &profile).as_slice() {
            [Due::Ask(address)] => {
                assert_eq!(*address, PEER);
                asked += 1;
            }
            [Due::Silent(address, packets)] => {
                assert_eq!((*address, packets.len(), at), (PEER, 1, Instant::ZERO + Span::secs(3)));
                break;
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!((asked, table.next_deadline()), (3, None));
}

#[test]
fn an_answer_nobody_asked_for_is_not_learned_but_a_question_to_us_is() {
    let profile = Profile::linux();
    let mut table: Table<u8> = Table::new(&Neighbours::Arp);
    let mut news = |shown| table.learn(Instant::ZERO, PEER, MacAddr::of_host(2), shown, &profile).news;
    assert!(!news(Shown::Answered) && !news(Shown::Announced) && !news(Shown::Overheard));
    assert!(news(Shown::AskedUs));
    assert!(!news(Shown::AskedUs), "known already");
}

#[test]
fn of_two_answers_the_first_stands_a_moment_and_who_speaks_up_is_believed_at_once() {
    let (one, other) = (MacAddr::of_host(2), MacAddr::of_host(3));
    let answered = |profile: &Profile, later: Span, shown| {
        let mut table: Table<u8> = Table::new(&Neighbours::Arp);
        table.wait(Instant::ZERO, PEER, packet(1), 1, profile);
        table.learn(Instant::ZERO, PEER, one, Shown::Answered, profile);
        let learned = table.learn(Instant::ZERO + later, PEER, other, shown, profile);
        (table.card(Instant::ZERO + later, PEER, profile), learned.too_soon)
    };
    let (linux, rfc) = (Profile::linux(), Profile::rfc());
    assert_eq!(answered(&linux, Span::millis(5), Shown::Answered), (Some(one), true));
    assert_eq!(answered(&linux, Span::millis(1500), Shown::Answered), (Some(other), false));
    assert_eq!(answered(&linux, Span::millis(5), Shown::AskedUs), (Some(other), false));
    assert_eq!(answered(&linux, Span::millis(5), Shown::Announced), (Some(other), false));
    assert_eq!(
        answered(&rfc, Span::millis(5), Shown::Answered),
        (Some(other), false),
        "RFC 826 knows no such moment"
    );
}

#[test]
fn a_neighbour_not_heard_of_for_long_is_asked_at_its_card_and_forgotten_after_three_questions() {
    let profile = Profile::linux();
    let (mut table, mac): (Table<u8>, _) = (Table::new(&Neighbours::Arp), MacAddr::of_host(2));
    table.wait(Instant::ZERO, PEER, packet(1), 1, &profile);
    table.learn(Instant::ZERO, PEER, mac, Shown::Answered, &profile);
    let sent = Instant::ZERO + profile.arp_reachable;
    assert_eq!(table.card(sent, PEER, &profile), Some(mac), "it is used, and doubted");
    let mut questions = Vec::new();
    while let Some(at) = table.look_for_doubts() {
        questions.push((at.since(sent), table.on_timer(at, &profile)));
    }
    let check = || vec![Due::Check(PEER, mac)];
    let expected = [
        (Span::secs(5), check()),
        (Span::secs(6), check()),
        (Span::secs(7), check()),
        (Span::secs(8), vec![Due::Lost(PEER)]),
    ];
    assert_eq!(questions, expected);
    assert_eq!(table.card(sent, PEER, &profile), None);
}

#[test]
fn an_answer_or_progress_above_ends_the_doubt() {
    let profile = Profile::linux();
    for by_answer in [true, false] {
        let (mut table, mac): (Table<u8>, _) = (Table::new(&Neighbours::Arp), MacAddr::of_host(2));
        table.learn(Instant::ZERO, PEER, mac, Shown::AskedUs, &profile);
        assert!(!table.doubts(PEER));
        table.card(Instant::ZERO, PEER, &profile);
        assert!(table.doubts(PEER));
        if by_answer {
            table.learn(Instant::ZERO, PEER, mac, Shown::Answered, &profile);
        } else {
            table.confirm(Instant::ZERO, PEER, &profile);
        }
        assert_eq!((table.doubts(PEER), table.look_for_doubts()), (false, None));
    }
}

#[test]
fn a_flood_of_questions_or_of_packets_to_nobody_fills_the_table_and_no_more() {
    let profile = Profile::linux();
    let mut table: Table<u8> = Table::new(&Neighbours::Arp);
    let neighbour = |n: u32| Ipv4Addr::from(0x0a00_0000 + n);
    for n in 0..5000 {
        let at = Instant::ZERO + Span::millis(n.into());
        table.learn(at, neighbour(n), MacAddr::of_host(n as u16), Shown::AskedUs, &profile);
    }
    assert_eq!(table.entries.len(), REMEMBERED);
    let now = Instant::ZERO + Span::secs(10);
    assert!(table.card(now, neighbour(4999), &profile).is_some(), "the latest are there");
    let lost = (0..5000)
        .filter(|n| table.wait(now, neighbour(10_000 + n), packet(1), 1, &profile).lost.is_some())
        .count();
    assert_eq!(table.entries.len(), REMEMBERED);
    assert_eq!(lost, 5000 - (REMEMBERED - 1), "all but the doubted one gave way to those asked for");
}

#[test]
fn too_many_packets_push_the_oldest_out() {
    let profile = Profile { arp_queue: 2, ..Profile::linux() };
    let mut table: Table<u8> = Table::new(&Neighbours::Arp);
    for n in 1..=2 {
        table.wait(Instant::ZERO, PEER, packet(n), n, &profile);
    }
    let third = table.wait(Instant::ZERO, PEER, packet(3), 3, &profile);
    assert_eq!(third, Waits { ask: false, lost: Some((packet(1), 1)) });
}

#[test]
fn fixed_neighbours_are_found_by_the_longest_prefix_and_others_are_asked_for() {
    let (block, one) = (MacAddr::of_host(8), MacAddr::of_host(9));
    let list = vec![(Ipv4Addr::new(198, 18, 0, 0), 15, block), (Ipv4Addr::new(198, 18, 0, 7), 32, one)];
    let mut table: Table<u8> = Table::new(&Neighbours::Static(list));
    let profile = Profile::linux();
    let mut to = |address| table.card(Instant::ZERO, address, &profile);
    assert_eq!(to(Ipv4Addr::new(198, 19, 0, 7)), Some(block));
    assert_eq!(to(Ipv4Addr::new(198, 18, 0, 7)), Some(one));
    assert_eq!(to(PEER), None);
}
