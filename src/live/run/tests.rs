use super::super::process::Script;
use super::*;
use crate::clock::Instant;
use crate::lang::Lang;
use crate::scenario::*;
use crate::socket::{Call, Domain, Fd, Kind, Return};
use crate::tcp::State;
use crate::trace::Trace;
use crate::wire::{self, Checksums, MacAddr};
use std::collections::BTreeMap;
use std::net::Ipv4Addr;

const CLIENT: HostId = HostId(0);
const SERVER: HostId = HostId(1);

struct List(std::vec::IntoIter<Action>);
impl Script for List {
    fn resume(&mut self, _: Answer) -> Action {
        self.0.next().unwrap_or(Action::End)
    }
}

fn host(name: &str, n: u8, isn: Option<u32>) -> HostPlan {
    HostPlan {
        name: name.to_owned(),
        address: Ipv4Addr::new(10, 0, 0, n),
        mac: MacAddr::of_host(n.into()),
        actor: false,
        owns: vec![],
        isn,
        sysctl: BTreeMap::new(),
    }
}

fn plan() -> Plan {
    Plan {
        name: "t".into(),
        topic: String::new(),
        title: Text::default(),
        lesson: Text::default(),
        claims: vec![],
        cites: vec![],
        profile: ProfileName::Linux,
        hosts: vec![host("client", 1, Some(1234567)), host("server", 2, Some(7654321))],
        wire: WirePlan {
            delay: Span::millis(1),
            delay_given: false,
            rate: None,
            queue: 100,
            mtu: 1500,
            arp: false,
        },
        faults: vec![],
        processes: vec![
            ProcessPlan { host: CLIENT, name: "client".into(), program: Program::default() },
            ProcessPlan { host: SERVER, name: "server".into(), program: Program::default() },
        ],
        expectations: vec![],
        questions: vec![],
        knobs: vec![],
        live: LivePlan::default(),
        until: None,
        limits: Limits { time: Span::secs(10), records: 100000, frames: 100000 },
    }
}

fn call(call: Call) -> Action {
    Action::Call { text: call.name().to_owned(), call }
}
fn socket() -> Action {
    call(Call::Socket { domain: Domain::Inet, kind: Kind::Stream })
}
fn go(plan: &Plan, client: Vec<Action>, server: Vec<Action>) -> Outcome {
    let outcome = run_scripts(plan, &Options { bound: Some(Span::secs(10)), ..Options::default() }, &move |process| {
        Box::new(List(if process.host == CLIENT { client.clone() } else { server.clone() }.into_iter()))
    });
    outcome.unwrap()
}
fn show(trace: &Trace) {
    for record in &trace.records {
        let host = record.host.map_or("", |h| trace.host_name(h));
        match &record.event {
            Event::FrameSent { frame, .. } => match wire::parse_with(frame, Checksums::Verify) {
                Ok(p) => println!("{} {host} SENT {:?}", record.at, p.tcp().map(|s| format!("{} {} {} len {} win {} {:?}", s.flags, s.seq, s.ack, s.payload.len(), s.window, s.options))),
                Err(e) => println!("{} {host} SENT BAD {e:?}", record.at),
            },
            Event::FrameArrived { .. } => println!("{} {host} arrived", record.at),
            other => println!("{} {host} {other:?}", record.at),
        }
    }
}
fn basic() -> (Vec<Action>, Vec<Action>) {
    let to = "10.0.0.2:8080".parse().unwrap();
    (
        vec![
            Action::Wait(Condition::State { host: SERVER, state: State::Listen, count: 1 }),
            socket(),
            call(Call::Connect { fd: Fd(3), address: to }),
            call(Call::Send { fd: Fd(3), data: "hello".into() }),
            call(Call::Recv { fd: Fd(3), len: 100 }),
            call(Call::Close { fd: Fd(3) }),
        ],
        vec![
            socket(),
            call(Call::Bind { fd: Fd(3), address: "0.0.0.0:8080".parse().unwrap() }),
            call(Call::Listen { fd: Fd(3), backlog: 5 }),
            call(Call::Accept { fd: Fd(3) }),
            call(Call::Recv { fd: Fd(4), len: 100 }),
            call(Call::Send { fd: Fd(4), data: "world".into() }),
            call(Call::Recv { fd: Fd(4), len: 100 }),
            call(Call::Close { fd: Fd(4) }),
        ],
    )
}

#[test]
fn dev_loopback() {
    let (client, server) = basic();
    let o = go(&plan(), client, server);
    show(&o.trace);
    println!("{:?} {:?}", o.inconclusive, o.notes);
}
#[test]
fn dev_wire() {
    let (client, server) = basic();
    let mut plan = plan();
    plan.live.mode = Some(LiveMode::Wire);
    plan.wire.delay = Span::millis(10);
    let o = go(&plan, client, server);
    show(&o.trace);
    println!("{:?} {:?}", o.inconclusive, o.notes);
}
