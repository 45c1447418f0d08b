//! A script carried out, event by event.

use super::arguments::request;
use super::examined::{CommandFailure, Examined};
use super::flow::{Flow, Stage};
use super::notation::written;
use super::outbound::{continues, differences, joined};
use super::request::{Reply, Request};
use super::seen::{Seen, SeenBody, TCP, UDP};
use super::verdict::ProblemKind;
use super::{Problem, Settings, Verdict, inbound, results, symbols};
use crate::clock::Span;
use crate::lang::Text;
use crate::packetdrill::python::{Environment, Failure, Value as PythonValue};
use crate::packetdrill::{
    Action, Body, Call, Code, Command, Direction, Event, Packet, Script, SegmentOption, Value, When,
};
use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::ops::Range;

const SYN: u8 = 0x02;
const ACK: u8 = 0x10;

/// The first port of a peer that the script plays; each new one has the next.
const FIRST_PORT: u16 = 40_000;
/// How long after its time a packet is still waited for, so that the failure can say when it came.
const LATE: Span = Span::secs(10);
/// How long a call that should return at once may wait.
const LONGEST_CALL: Span = Span::secs(60);
/// A descriptor that is never open: what a script's descriptor stands for that it never opened.
const NEVER_OPEN: i64 = 1 << 20;

/// One run of a script.
pub struct Exam<'s, S> {
    script: &'s Script,
    settings: Settings,
    stack: S,
    flow: Option<Flow>,
    /// The descriptor that code asks about.
    asked: Option<i64>,
    /// The stack's descriptors by the script's.
    descriptors: BTreeMap<i64, i64>,
    next_port: u16,
    code: Environment,
    waiting: Option<Waiting<'s>>,
    /// Packets read and not yet expected.
    read: VecDeque<(Span, Seen)>,
    /// When the last event happened, where that is known: when the packet was sent that it waited for, when what it did
    /// began. What comes next counts from there, and not from when this program came to look.
    since: Option<Span>,
    /// Nothing is waited for beyond this time.
    limit: Span,
}

/// A run that is over.
#[derive(Debug)]
pub struct Examination<S> {
    /// What came of it.
    pub verdict: Verdict,
    /// When it was over, its last command aside.
    pub ended: Span,
    /// What its code printed, a line each.
    pub printed: Vec<String>,
    /// The stack as it was left.
    pub stack: S,
}

/// A call that waits.
struct Waiting<'s> {
    call: &'s Call,
    request: Request,
    until: Span,
    begun: Span,
}

/// What is to happen when.
#[derive(Clone, Copy)]
struct Due {
    from: Span,
    to: Span,
    /// The present when the event's turn came.
    base: Span,
    any: bool,
    relative: bool,
}

/// The call as it is written, without its times and what is to come of it.
fn words<'s>(source: &'s str, call: &Call) -> &'s str {
    let text = source.get(call.span.start..call.result.span.start).unwrap_or_default();
    let text = text.trim_end().trim_end_matches('=').trim_end();
    text.find(call.name.as_str()).and_then(|at| text.get(at..)).unwrap_or(text)
}

impl<'s, S: Examined> Exam<'s, S> {
    /// A script about to be run against a stack that has just been set up.
    pub fn new(script: &'s Script, settings: Settings, stack: S) -> Exam<'s, S> {
        let mut code = Environment::new();
        for (name, value) in symbols::for_code() {
            code.set(name, PythonValue::Integer(value.into()));
        }
        Exam {
            script,
            settings,
            stack,
            flow: None,
            asked: None,
            descriptors: BTreeMap::new(),
            next_port: FIRST_PORT,
            code,
            waiting: None,
            read: VecDeque::new(),
            since: None,
            limit: Span::MAX,
        }
    }

    /// The same, stopped at that time if it has not come to its end by then.
    pub fn until(mut self, limit: Span) -> Exam<'s, S> {
        self.limit = limit;
        self
    }

    /// Runs it; gives the stack back with what came of it.
    pub fn run(self) -> (Verdict, S) {
        let over = self.examine();
        (over.verdict, over.stack)
    }

    /// Runs it, and tells all that came of it.
    pub fn examine(mut self) -> Examination<S> {
        let mut result = self.all();
        let ended = self.stack.now();
        if let Some(cleanup) = &self.script.cleanup {
            // What is not modelled can change nothing any more.
            let cleaned = self.command(cleanup);
            let fails = |problem: &Problem| !matches!(problem.kind, ProblemKind::Unsupported(_));
            result =
                result.and(cleaned.or_else(|problem| if fails(&problem) { Err(problem) } else { Ok(()) }));
        }
        let printed = self.code.printed().to_vec();
        Examination { verdict: Verdict::from(result), ended, printed, stack: self.stack }
    }

    fn all(&mut self) -> Result<(), Problem> {
        if let Some(init) = &self.script.init {
            self.command(init)?;
            self.stack.begin();
        }
        for event in &self.script.events {
            let result = self.event(event);
            self.go_on(&event.span)?;
            result?;
        }
        self.finish_waiting()
    }

    /// Whether the stack can go on, and the limit is not passed.
    fn go_on(&self, span: &Range<usize>) -> Result<(), Problem> {
        let kind = match self.stack.exhausted() {
            Some(what) => ProblemKind::Exhausted { what, at: self.stack.now() },
            None if self.stack.now() >= self.limit => ProblemKind::Limit(self.limit),
            None => return Ok(()),
        };
        Err(Problem { span: span.clone(), kind })
    }

    fn due(&mut self, when: When) -> Due {
        let base = self.since.take().unwrap_or_else(|| self.stack.now());
        let (from, to) = match when {
            When::After(span) => (base + span, base + span),
            When::At(at) => (at, at),
            When::Any => (base, base + self.stack.patience()),
            When::Between(from, to) => (from, to),
            When::AfterBetween(from, to) => (base + from, base + to),
        };
        Due { from, to, base, any: when == When::Any, relative: matches!(when, When::After(_)) }
    }

    fn event(&mut self, event: &'s Event) -> Result<(), Problem> {
        let due = self.due(event.when);
        if let Action::Packet(packet) = &event.action
            && packet.direction == Direction::Outbound
        {
            return self.expect(packet, due);
        }
        self.stack.wait_until(due.from.min(self.limit));
        self.go_on(&event.span)?;
        match &event.action {
            Action::Packet(packet) => self.inject(packet),
            Action::Call(call) => self.call(call, due),
            Action::Command(command) => self.command(command),
            Action::Code(code) => self.run_code(code),
        }
    }

    fn command(&mut self, command: &Command) -> Result<(), Problem> {
        self.stack.command(&command.text).map_err(|failure| match failure {
            CommandFailure::Unsupported(what) => Problem::unsupported(command.span.clone(), &what),
            CommandFailure::Failed(words) => Problem::wrong(
                command.span.clone(),
                format!("the command failed: {words}"),
                format!("命令失败：{words}"),
            ),
        })
    }

    fn run_code(&mut self, code: &Code) -> Result<(), Problem> {
        if let Some(fd) = self.asked {
            match self.stack.info(fd) {
                Ok(fields) => {
                    for (name, value) in fields {
                        self.code.set(name, PythonValue::Integer(value.into()));
                    }
                }
                Err(what) => return Err(Problem::unsupported(code.span.clone(), &what)),
            }
        }
        self.code.run(&code.statements).map_err(|failure| match *failure {
            Failure::Assertion { span, found } => Problem { span, kind: ProblemKind::Assertion { found } },
            Failure::Error { span, says } => Problem { span, kind: ProblemKind::Wrong(says) },
            Failure::Unsupported { span, what } => Problem::unsupported(span, &what),
        })
    }

    // ---- packets in ----

    fn inject(&mut self, packet: &Packet) -> Result<(), Problem> {
        self.meet_inbound(packet);
        let Some(flow) = &self.flow else {
            return Err(Problem::wrong(
                packet.span.clone(),
                "there is no socket yet that this packet could be for",
                "还没有套接字可以接收这个报文",
            ));
        };
        let signed = |option: &SegmentOption| matches!(option, SegmentOption::Md5(_));
        if let Body::Tcp(segment) = &packet.body
            && segment.options.iter().flatten().any(signed)
            && !self.stack.knows_signatures()
        {
            return Err(Problem::unsupported(packet.span.clone(), "TCP MD5 signatures"));
        }
        let octets = inbound::octets(packet, flow, &self.settings)?;
        self.stack.inject(octets);
        self.since = self.stack.happened();
        Ok(())
    }

    /// A packet to a listener begins a connection; one that answers a SYN tells the peer's initial number.
    fn meet_inbound(&mut self, packet: &Packet) {
        let Body::Tcp(segment) = &packet.body else { return };
        let listening = self.flow.as_ref().is_none_or(|flow| flow.stage == Stage::Listening);
        if listening {
            let local = self.flow.as_ref().map_or(self.settings.bind_port, |flow| flow.local.port());
            let mut flow = Flow::new(&self.settings, TCP);
            flow.stage = Stage::SynReceived;
            flow.local = SocketAddr::new(self.settings.local, local);
            flow.remote = SocketAddr::new(self.settings.remote, self.next_port);
            flow.remote_isn = (segment.seq, segment.seq);
            self.next_port = self.next_port.wrapping_add(1).max(FIRST_PORT);
            self.flow = Some(flow);
            return;
        }
        let Some(flow) = &mut self.flow else { return };
        match flow.stage {
            Stage::SynAckSent if segment.flags & ACK != 0 => flow.stage = Stage::Accepted,
            Stage::SynSent if segment.flags & SYN != 0 => {
                if segment.flags & ACK != 0 {
                    flow.stage = Stage::Connected;
                }
                flow.remote_isn = (segment.seq, segment.seq);
            }
            _ => {}
        }
    }

    // ---- packets out ----

    fn expect(&mut self, packet: &Packet, due: Due) -> Result<(), Problem> {
        self.meet_expected(packet);
        let tolerance = self.settings.tolerance_after(due.to.saturating_sub(due.base));
        let wait = if due.any { due.to } else { due.to + tolerance + LATE }.min(self.limit);
        let wanted = match &packet.body {
            Body::Tcp(segment) => segment.len as usize,
            Body::Udp(len) => usize::from(*len),
            Body::Icmp(_) => 0,
        };
        let mut parts: Vec<Seen> = Vec::new();
        let mut sum = 0;
        let mut at = due.base;
        loop {
            let Some((sent, seen)) = self.next_of_flow(packet, wait) else {
                return Err(Problem {
                    span: packet.span.clone(),
                    kind: ProblemKind::NoPacket { until: wait },
                });
            };
            at = if parts.is_empty() { sent } else { at };
            if let (Some(before), Some(flow)) = (parts.last(), &self.flow)
                && let Err(differs) = continues(before, &seen, wanted - sum, flow)
            {
                let found = written(&seen, flow);
                let kind = ProblemKind::Packet { differs, at: sent, found };
                return Err(Problem { span: packet.span.clone(), kind });
            }
            sum += seen.octets();
            parts.push(seen);
            if sum >= wanted || self.settings.strict_segments {
                break;
            }
        }
        let (Some(seen), Some(flow)) = (joined(parts), &mut self.flow) else { return Ok(()) };
        let differs = differences(packet, &seen, flow, &self.settings)?;
        if !differs.is_empty() {
            let found = written(&seen, flow);
            return Err(Problem {
                span: packet.span.clone(),
                kind: ProblemKind::Packet { differs, at, found },
            });
        }
        self.since = Some(at.max(due.base));
        self.in_time(packet, due, tolerance, at)
    }

    fn in_time(&self, packet: &Packet, due: Due, tolerance: Span, at: Span) -> Result<(), Problem> {
        let expected = (due.from.saturating_sub(tolerance), due.to + tolerance);
        if due.any || (expected.0..=expected.1).contains(&at) {
            return Ok(());
        }
        let what = Text::new("the packet was sent", "报文的发送");
        Err(Problem { span: packet.span.clone(), kind: ProblemKind::Time { what, expected, found: at } })
    }

    /// What the script says of its initial numbers.
    fn meet_expected(&mut self, packet: &Packet) {
        let (Body::Tcp(segment), Some(flow)) = (&packet.body, &mut self.flow) else { return };
        let (syn, ack) = (segment.flags & SYN != 0, segment.flags & ACK != 0);
        match flow.stage {
            Stage::Connecting if syn && !ack => {
                flow.stage = Stage::SynSent;
                flow.local_isn.0 = segment.seq;
            }
            Stage::SynReceived if syn && ack => flow.local_isn.0 = segment.seq,
            _ => {}
        }
    }

    /// The next packet of the connection under examination; others are nobody's business.
    fn next_of_flow(&mut self, expected: &Packet, until: Span) -> Option<(Span, Seen)> {
        loop {
            let (at, seen) = match self.read.pop_front() {
                Some(read) => read,
                None => {
                    let (at, octets) = self.stack.next_packet(until)?;
                    let Some(seen) = Seen::read(&octets) else { continue };
                    (at, seen)
                }
            };
            if self.belongs(expected, &seen) {
                return Some((at, seen));
            }
        }
    }

    fn belongs(&mut self, expected: &Packet, seen: &Seen) -> bool {
        let Some(flow) = &mut self.flow else { return false };
        let icmp = matches!(expected.body, Body::Icmp(_)) && matches!(seen.body, SeenBody::Icmp { .. });
        if icmp {
            return seen.destination == flow.remote.ip();
        }
        let Some((source, destination)) = seen.ports() else { return false };
        let (from, to) =
            (SocketAddr::new(seen.source, source), SocketAddr::new(seen.destination, destination));
        let first =
            matches!(flow.stage, Stage::SynSent | Stage::Connecting | Stage::New) && to == flow.remote;
        let foreign = expected.ports == Some((source, destination)) && to.ip() == flow.remote.ip();
        if !(first || foreign || (from == flow.local && to == flow.remote)) {
            return false;
        }
        match &seen.body {
            SeenBody::Tcp(segment) if segment.flags & SYN != 0 => match flow.stage {
                Stage::SynSent if segment.flags & ACK == 0 => {
                    flow.local = from;
                    flow.local_isn.1 = segment.seq;
                }
                Stage::SynReceived | Stage::SynAckSent if segment.flags & ACK != 0 => {
                    flow.stage = Stage::SynAckSent;
                    flow.local_isn.1 = segment.seq;
                }
                _ => {}
            },
            SeenBody::Udp { .. } => flow.local = from,
            _ => {}
        }
        true
    }

    // ---- calls ----

    fn call(&mut self, call: &'s Call, due: Due) -> Result<(), Problem> {
        self.finish_waiting()?;
        let asked = request(call, &self.settings)?;
        let request = self.translated(asked.clone());
        let begun = self.stack.now();
        self.stack.calling(words(&self.script.source, call));
        let reply = self.stack.call(&request, call.until.is_some());
        let reply = reply.map_err(|what| Problem::unsupported(call.span.clone(), &what))?;
        self.meet_call(&asked, reply.as_ref());
        let Some(reply) = reply else {
            if let Some(until) = call.until {
                // A relative stamp's end counts from where the stamp itself does.
                let until = if due.relative { due.base + until } else { until };
                self.waiting = Some(Waiting { call, request: asked, until, begun });
                return Ok(());
            }
            return match self.stack.returned((begun + LONGEST_CALL).min(self.limit)) {
                Some((_, reply)) => self.judge(call, &asked, &reply),
                None => Err(Problem { span: call.span.clone(), kind: ProblemKind::StillBlocked }),
            };
        };
        self.since = self.stack.happened();
        self.judge(call, &asked, &reply)
    }

    /// A call that waits must have returned, at its time, before the next is made.
    fn finish_waiting(&mut self) -> Result<(), Problem> {
        let Some(waiting) = self.waiting.take() else { return Ok(()) };
        let tolerance = self.settings.tolerance_after(waiting.until.saturating_sub(waiting.begun));
        let wait = (waiting.until + tolerance + LATE).min(self.limit);
        let Some((at, reply)) = self.stack.returned(wait) else {
            return Err(Problem { span: waiting.call.span.clone(), kind: ProblemKind::StillBlocked });
        };
        self.judge(waiting.call, &waiting.request, &reply)?;
        let expected = (waiting.until.saturating_sub(tolerance), waiting.until + tolerance);
        if (expected.0..=expected.1).contains(&at) {
            return Ok(());
        }
        let what = Text::new("the call returned", "调用的返回");
        Err(Problem {
            span: waiting.call.span.clone(),
            kind: ProblemKind::Time { what, expected, found: at },
        })
    }

    fn judge(&mut self, call: &Call, request: &Request, reply: &Reply) -> Result<(), Problem> {
        results::judge(call, request, reply, &self.settings)?;
        if let (Request::Pipe { ends, .. }, Some(own)) = (request, reply.ends) {
            self.descriptors.extend(ends.iter().copied().zip(own));
        }
        if request.opens_one() && reply.result >= 0 {
            let script = match call.result.value {
                Value::Integer(fd) => fd,
                _ => reply.result,
            };
            self.descriptors.insert(script, reply.result);
            if matches!(request, Request::Accept { .. }) {
                self.asked = Some(reply.result);
            }
        }
        if let Request::Close { fd } = request {
            let gone = self.descriptors.remove(fd);
            // Its number may be given to another socket.
            self.asked = self.asked.filter(|asked| gone != Some(*asked));
        }
        Ok(())
    }

    /// What a call tells of the connection under examination.
    fn meet_call(&mut self, request: &Request, reply: Option<&Reply>) {
        let under_way = |reply: &Reply| reply.result >= 0 || reply.errno.as_deref() == Some("EINPROGRESS");
        if !reply.is_none_or(under_way) {
            return;
        }
        match request {
            Request::Socket { kind, .. } => {
                let protocol = if kind & 0xf == 2 { UDP } else { TCP };
                let unused = self.flow.as_ref().is_none_or(|flow| flow.stage == Stage::New);
                if unused {
                    self.flow = Some(Flow::new(&self.settings, protocol));
                }
            }
            Request::Bind { address, .. } => {
                if let Some(flow) = &mut self.flow
                    && flow.stage == Stage::New
                {
                    flow.local.set_port(address.port());
                }
            }
            Request::Listen { .. } => {
                let port = self.flow.as_ref().map_or(self.settings.bind_port, |flow| flow.local.port());
                let mut flow = Flow::new(&self.settings, TCP);
                flow.stage = Stage::Listening;
                flow.local.set_port(port);
                self.flow = Some(flow);
            }
            Request::Connect { fd, address: Some(address) } => self.connecting(*fd, *address),
            Request::Send { fd, to: Some(address), flags, .. } => {
                let datagram = self.flow.as_ref().is_some_and(|flow| flow.protocol == UDP);
                // On a socket that connects already it is a send like others.
                let begun = self.asked.is_some_and(|asked| self.descriptors.get(fd) == Some(&asked));
                let begun = begun && self.flow.as_ref().is_some_and(|flow| flow.stage != Stage::New);
                let opens = flags & symbols::value("MSG_FASTOPEN").unwrap_or(0) != 0;
                if datagram || opens && !begun {
                    self.connecting(*fd, *address);
                }
            }
            _ => {}
        }
    }

    fn connecting(&mut self, fd: i64, to: SocketAddr) {
        let to_ip = match to.ip() {
            std::net::IpAddr::V6(address) => address.to_ipv4_mapped().map_or(to.ip(), std::net::IpAddr::V4),
            ip => ip,
        };
        let protocol = self.flow.as_ref().map_or(TCP, |flow| flow.protocol);
        let local = self.flow.as_ref().map(|flow| flow.local);
        let mut flow = Flow::new(&self.settings, protocol);
        flow.stage = Stage::Connecting;
        flow.local = local.unwrap_or(flow.local);
        flow.remote = SocketAddr::new(to_ip, to.port());
        self.flow = Some(flow);
        self.asked = self.descriptors.get(&fd).copied();
    }

    /// The same request with the stack's own descriptors.
    fn translated(&self, mut request: Request) -> Request {
        let own = |fd: &mut i64| *fd = self.descriptors.get(fd).copied().unwrap_or(NEVER_OPEN);
        match &mut request {
            Request::Socket { .. } | Request::EpollCreate | Request::Open { .. } | Request::Pipe { .. } => {}
            Request::Splice { from: (from, _), to: (to, _), .. } | Request::SendFile { from, to, .. } => {
                own(from);
                own(to);
            }
            // Negative ones are passed over.
            Request::Poll { fds, .. } => {
                fds.iter_mut().filter(|(fd, _)| *fd >= 0).for_each(|(fd, _)| own(fd))
            }
            Request::EpollControl { epoll, fd, .. } => {
                own(epoll);
                own(fd);
            }
            Request::EpollWait { epoll, .. } => own(epoll),
            Request::Bind { fd, .. }
            | Request::Listen { fd, .. }
            | Request::Accept { fd, .. }
            | Request::Connect { fd, .. }
            | Request::Send { fd, .. }
            | Request::Receive { fd, .. }
            | Request::Shutdown { fd, .. }
            | Request::Close { fd }
            | Request::SetOption { fd, .. }
            | Request::GetOption { fd, .. }
            | Request::Flags { fd, .. }
            | Request::Ioctl { fd, .. } => own(fd),
        }
        request
    }
}
