//! A process at work: a program, its place in it, its variables. Pure and resumable: whoever runs it (the simulated
//! world, the kernel runner) asks for the next [`Action`] and answers it.

use super::program::{
    AddressForm, CallForm, Expected, Formula, LocalForm, Op, Serial, Sheet, Test, Then, Trouble, Value,
    ValueForm,
};
use super::{Action, Answer, Compare, ProcessPlan, Program, limits};
use crate::link::HostId;
use crate::socket::{
    Call, LocalCall, LocalName, LocalReturn, Message, ProcessId, RareValue, Return, SocketOption,
};
use bytes::Bytes;

/// Operations without any action after which a loop is taken for one that does nothing; handling [`IDLE_OCTETS`] counts as
/// one more.
const IDLE_STEPS: usize = 100_000;
/// Octets that are joined or compared in the time of an operation.
const IDLE_OCTETS: usize = 4096;

/// A scripted process between two actions.
#[derive(Clone, Debug, PartialEq)]
pub struct Process {
    id: Option<ProcessId>,
    host: HostId,
    name: String,
    program: Program,
    place: usize,
    variables: Vec<Option<Value>>,
    counters: Vec<u32>,
    /// How many copies of itself it has started.
    forks: u32,
    state: State,
}

/// What the process waits for from its runner.
#[derive(Clone, Debug, PartialEq)]
enum State {
    /// To be started, or resumed, at its place.
    Ready,
    /// The return of the call at its place.
    Calling,
    /// The return of a `send` of `sendall`: what is left of the data, and how much was taken before.
    SendingAll { rest: Bytes, taken: usize },
    /// The acknowledgment of a check after which the process ends.
    Ending,
    /// Nothing: the program is over.
    Over,
}

impl Process {
    /// The process of `plan`, before its first action.
    pub fn new(plan: &ProcessPlan) -> Process {
        Process {
            id: None,
            host: plan.host,
            name: plan.name.clone(),
            place: 0,
            variables: vec![None; plan.program.variables.len()],
            counters: vec![0; plan.program.counters],
            program: plan.program.clone(),
            forks: 0,
            state: State::Ready,
        }
    }

    /// The process of `plan` as a copy of another one, with its variables.
    pub fn forked(plan: &ProcessPlan, variables: &[Option<Value>]) -> Process {
        let mut process = Process::new(plan);
        for (place, value) in process.variables.iter_mut().zip(variables) {
            place.clone_from(value);
        }
        process
    }

    /// Its number, once started.
    pub fn id(&self) -> Option<ProcessId> {
        self.id
    }
    /// Where it runs.
    pub fn host(&self) -> HostId {
        self.host
    }
    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }
    /// Whether the program is over.
    pub fn is_over(&self) -> bool {
        self.state == State::Over
    }
    /// Its variables that hold something, in the order of the program, for views.
    pub fn variables(&self) -> impl Iterator<Item = (&str, &Value)> {
        let names = self.program.variables.iter().map(String::as_str);
        let named = names.zip(&self.variables).filter(|(name, _)| !name.is_empty());
        named.filter_map(|(name, value)| value.as_ref().map(|value| (name, value)))
    }

    /// Goes on to the next action. The answer must fit the action before: [`Answer::Start`] at first,
    /// [`Answer::Returned`] to a call, [`Answer::Resumed`] to all else. One that does not fit ends the process.
    pub fn resume(&mut self, answer: Answer) -> Action {
        match (std::mem::replace(&mut self.state, State::Ready), answer) {
            (State::Ready, Answer::Start(id)) => {
                self.id = Some(id);
                self.go_on()
            }
            (State::Ready, Answer::Resumed) => self.go_on(),
            (State::Calling, Answer::Returned(result)) => self.returned(result),
            (State::SendingAll { rest, taken }, Answer::Returned(result)) => {
                self.sent_some(rest, taken, result)
            }
            (State::Ending | State::Over, _)
            | (State::Ready, Answer::Returned(_))
            | (State::Calling | State::SendingAll { .. }, Answer::Start(_) | Answer::Resumed) => self.end(),
        }
    }

    fn end(&mut self) -> Action {
        self.state = State::Over;
        Action::End
    }

    /// Executes operations from the present place until one asks for an action.
    fn go_on(&mut self) -> Action {
        let ops = self.program.ops.clone();
        let mut steps = 0;
        while steps < IDLE_STEPS {
            let Some(op) = ops.get(self.place) else { return self.end() };
            self.place += 1;
            let mut octets = 0;
            let executed = self.execute(op, &mut octets);
            steps += 1 + octets / IDLE_OCTETS;
            match executed {
                Ok(Some(action)) => return action,
                Ok(None) => {}
                Err(trouble) => return self.broken(op.line(), &trouble.to_string()),
            }
        }
        let line = ops.get(self.place).or(ops.last()).map_or("", Op::line);
        self.broken(line, "∞")
    }

    /// A check that failed for want of a value or of progress; the process ends.
    fn broken(&mut self, line: &str, actual: &str) -> Action {
        self.state = State::Ending;
        Action::Check { text: line.to_owned(), held: false, required: true, actual: actual.to_owned() }
    }

    /// Executes one operation; `octets` counts those it joins, searches or compares.
    fn execute(&mut self, op: &Op, octets: &mut usize) -> Result<Option<Action>, Trouble> {
        match op {
            Op::Call { call, text, .. } => {
                let call = self.fill(call)?;
                return Ok(Some(Action::Call { call, text: text.to_string() }));
            }
            Op::Check { left, test, attempt, line } => {
                let left = self.variable(*left)?.clone();
                let held = self.passes(&left, test, octets)?;
                return Ok(Some(self.check(line, held, *attempt, shown(&left, test))));
            }
            Op::Branch { left, test, otherwise, .. } => {
                let left = self.variable(*left)?.clone();
                if !self.passes(&left, test, octets)? {
                    self.place = *otherwise;
                }
            }
            Op::Keep { slot, value, .. } => {
                let value = self.value(value, octets)?;
                self.keep(Some(*slot), value);
            }
            Op::Refused { exception, line } => {
                return Ok(Some(self.check(line, true, false, (*exception).to_owned())));
            }
            Op::NoReturn { line } => return Ok(Some(self.broken(line, "return?"))),
            Op::Count { counter, rounds } => self.set_counter(*counter, *rounds),
            Op::Again { counter, to, .. } => {
                let left = self.counter(*counter).saturating_sub(1);
                self.set_counter(*counter, left);
                if left > 0 {
                    self.place = *to;
                }
            }
            Op::Jump(to) => self.place = *to,
            Op::Sleep(span) => return Ok(Some(Action::Sleep(*span))),
            Op::Wait(condition) => return Ok(Some(Action::Wait(condition.clone()))),
            Op::Inject(hand) => return Ok(Some(Action::Inject(hand.clone()))),
            Op::Arp(hand) => return Ok(Some(Action::Arp(*hand))),
            Op::Flood(flood) => return Ok(Some(Action::Flood(flood.clone()))),
            Op::Link { host, from, up } => {
                return Ok(Some(Action::Link { host: *host, from: *from, up: *up }));
            }
            Op::Fork { name, program, line } => {
                if self.forks == limits::FORKS {
                    // What fork() says when there are too many.
                    return Ok(Some(self.broken(line, "BlockingIOError")));
                }
                self.forks += 1;
                let name = format!("{name} {}", self.forks);
                let plan = Box::new(ProcessPlan { host: self.host, name, program: program.clone() });
                return Ok(Some(Action::Fork { plan, variables: self.variables.clone() }));
            }
            Op::Forget(slot) => return Ok(Some(Action::Forget(self.socket(*slot)?))),
            Op::Observe(label) => return Ok(Some(Action::Observe { label: label.clone() })),
            Op::Spawn { name, serial, program } => {
                let number = match serial {
                    Serial::Fixed(number) => *number,
                    Serial::Counted { counter, total } => total.saturating_sub(self.counter(*counter)) + 1,
                };
                let name = format!("{name} {number}");
                let plan = ProcessPlan { host: self.host, name, program: program.clone() };
                return Ok(Some(Action::Spawn(Box::new(plan))));
            }
        }
        Ok(None)
    }

    /// The check that was made; after one that ends the process, [`State::Ending`].
    fn check(&mut self, line: &str, held: bool, attempt: bool, actual: String) -> Action {
        if attempt && !held {
            self.state = State::Ending;
        }
        Action::Check { text: line.to_owned(), held, required: !attempt, actual }
    }

    /// The call at the operation before the present place returned.
    fn returned(&mut self, result: Return) -> Action {
        let ops = self.program.ops.clone();
        let Some(Op::Call { call, then, line, .. }) = ops.get(self.place.wrapping_sub(1)) else {
            return self.end();
        };
        let result = match (call, result) {
            (CallForm::ConnectEx(..), Return::Failed(errno)) => {
                Return::Value(SocketOption::Error(Some(errno)))
            }
            (CallForm::ConnectEx(..), Return::Done) => Return::Value(SocketOption::Error(None)),
            (_, result) => result,
        };
        match self.weigh(then, line, result) {
            Ok(Some(check)) => check,
            Ok(None) => self.go_on(),
            Err(trouble) => self.broken(line, &trouble.to_string()),
        }
    }

    /// Holds the return against what was expected; the check to record, if any.
    fn weigh(&mut self, then: &Then, line: &str, result: Return) -> Result<Option<Action>, Trouble> {
        if let Return::Failed(errno) = result {
            if let Expected::Failure(allowed) = &then.expected {
                let held = allowed.contains(&errno);
                return Ok(Some(self.check(line, held, false, errno.to_string())));
            }
            if let Some((_, place)) = then.rescue.iter().find(|(rescued, _)| *rescued == errno) {
                self.place = *place;
                return Ok(None);
            }
            self.state = State::Ending;
            let required = !then.attempt;
            return Ok(Some(Action::Check {
                text: line.to_owned(),
                held: false,
                required,
                actual: errno.to_string(),
            }));
        }
        let (value, address) = values_of(result);
        self.keep(then.keep[0], value.clone());
        self.keep(then.keep[1], address);
        let words = value.as_ref().map_or_else(|| "0".to_owned(), Value::to_string);
        match &then.expected {
            Expected::Success => Ok(then.attempt.then(|| self.check(line, true, true, words))),
            Expected::SuccessSaid => Ok(Some(self.check(line, true, false, words))),
            Expected::Failure(_) => Ok(Some(self.check(line, false, false, words))),
            Expected::Value(test) => {
                let left = value.unwrap_or(Value::Number(0));
                let held = self.passes(&left, test, &mut 0)?;
                Ok(Some(self.check(line, held, then.attempt, shown(&left, test))))
            }
            Expected::Branch(test, otherwise) => {
                let left = value.unwrap_or(Value::Number(0));
                if !self.passes(&left, test, &mut 0)? {
                    self.place = *otherwise;
                }
                Ok(None)
            }
        }
    }

    /// Part of a `sendall` was taken: send the rest, or be done.
    fn sent_some(&mut self, mut rest: Bytes, taken: usize, result: Return) -> Action {
        let ops = self.program.ops.clone();
        let Some(Op::Call { call: CallForm::SendAll(slot, _), text, .. }) =
            ops.get(self.place.wrapping_sub(1))
        else {
            return self.end();
        };
        match result {
            Return::Sent(n) if n > 0 && n < rest.len() => {
                let Ok(fd) = self.socket(*slot) else { return self.end() };
                let rest = rest.split_off(n);
                self.state = State::SendingAll { rest: rest.clone(), taken: taken + n };
                Action::Call { call: Call::Send { fd, data: rest }, text: text.to_string() }
            }
            Return::Sent(n) => self.returned(Return::Sent(taken + n)),
            other => self.returned(other),
        }
    }

    fn keep(&mut self, slot: Option<usize>, value: impl Into<Option<Value>>) {
        if let (Some(slot), Some(value)) = (slot, value.into())
            && let Some(place) = self.variables.get_mut(slot)
        {
            *place = Some(value);
        }
    }
    fn variable(&self, slot: usize) -> Result<&Value, Trouble> {
        self.variables.get(slot).and_then(Option::as_ref).ok_or(Trouble::Unset)
    }
    fn counter(&self, counter: usize) -> u32 {
        self.counters.get(counter).copied().unwrap_or(0)
    }
    fn set_counter(&mut self, counter: usize, value: u32) {
        if let Some(place) = self.counters.get_mut(counter) {
            *place = value;
        }
    }

    fn socket(&self, slot: usize) -> Result<crate::socket::Fd, Trouble> {
        match self.variable(slot)? {
            Value::Socket(fd) => Ok(*fd),
            Value::Data(_)
            | Value::Number(_)
            | Value::Address(_)
            | Value::Sockets(_)
            | Value::Patience(_)
            | Value::Off
            | Value::Error(_) => Err(Trouble::Unset),
        }
    }
    fn address(&self, form: &AddressForm) -> Result<std::net::SocketAddr, Trouble> {
        match form {
            AddressForm::Fixed(address) => Ok(*address),
            AddressForm::Variable(slot) => match self.variable(*slot)? {
                Value::Address(address) => Ok(*address),
                Value::Socket(_)
                | Value::Data(_)
                | Value::Number(_)
                | Value::Sockets(_)
                | Value::Patience(_)
                | Value::Off
                | Value::Error(_) => Err(Trouble::Unset),
            },
        }
    }
    fn data(&self, formula: &Formula) -> Result<Bytes, Trouble> {
        Sheet { variables: &self.variables, octets: 0 }.data(formula)
    }
    /// A size that a call is given.
    fn size(&self, formula: &Formula) -> Result<usize, Trouble> {
        Sheet { variables: &self.variables, octets: 0 }.amount(formula, limits::DATA)
    }
    fn value(&self, form: &ValueForm, octets: &mut usize) -> Result<Value, Trouble> {
        match form {
            ValueForm::Fixed(value) => Ok(value.clone()),
            ValueForm::Variable(slot) => self.variable(*slot).cloned(),
            ValueForm::Computed(formula) => {
                let mut sheet = Sheet { variables: &self.variables, octets: 0 };
                let value = sheet.value(formula);
                *octets += sheet.octets;
                value
            }
        }
    }

    fn passes(&self, left: &Value, test: &Test, octets: &mut usize) -> Result<bool, Trouble> {
        let left = measured(left, test);
        let right = self.value(&test.right, octets)?;
        if let (Value::Data(left), Value::Data(right)) = (&left, &right) {
            *octets += left.len().min(right.len());
        }
        Ok(match (&left, &right) {
            (Value::Number(left), Value::Number(right)) => test.how.holds(left, right),
            _ => match test.how {
                Compare::Equal => left == right,
                Compare::NotEqual => left != right,
                Compare::Less | Compare::AtMost | Compare::Greater | Compare::AtLeast => false,
            },
        })
    }

    /// Whether the variable holds data: the name of a local socket, where an address could stand.
    fn holds_name(&self, slot: usize) -> bool {
        matches!(self.variable(slot), Ok(Value::Data(_)))
    }

    fn local_name(&self, formula: &Formula) -> Result<LocalName, Trouble> {
        LocalName::new(&self.data(formula)?).ok_or(Trouble::Value)
    }

    fn fill_local(&self, form: &LocalForm) -> Result<LocalCall, Trouble> {
        Ok(match form {
            LocalForm::Bind(s, name) => {
                LocalCall::Bind { fd: self.socket(*s)?, name: self.local_name(name)? }
            }
            LocalForm::Connect(s, name) => {
                LocalCall::Connect { fd: self.socket(*s)?, name: self.local_name(name)? }
            }
            LocalForm::SendTo(s, data, name) => {
                let (fd, data, name) = (self.socket(*s)?, self.data(data)?, self.local_name(name)?);
                LocalCall::SendTo { fd, data, name }
            }
            LocalForm::Pair(kind) => LocalCall::Pair { kind: *kind },
            LocalForm::Unlink(name) => LocalCall::Unlink { name: self.local_name(name)? },
        })
    }

    /// The call with its variables filled in.
    fn fill(&mut self, form: &CallForm) -> Result<Call, Trouble> {
        self.state = State::Calling;
        Ok(match form {
            CallForm::Socket(domain, kind, protocol) => {
                Call::Socket { domain: *domain, kind: *kind, protocol: *protocol }
            }
            CallForm::Local(form) => Call::Local(self.fill_local(form)?),
            CallForm::Bind(s, AddressForm::Variable(slot)) if self.holds_name(*slot) => {
                let name = self.local_name(&Formula::Variable(*slot))?;
                Call::Local(LocalCall::Bind { fd: self.socket(*s)?, name })
            }
            CallForm::Connect(s, AddressForm::Variable(slot)) if self.holds_name(*slot) => {
                let name = self.local_name(&Formula::Variable(*slot))?;
                Call::Local(LocalCall::Connect { fd: self.socket(*s)?, name })
            }
            CallForm::SendTo(s, data, AddressForm::Variable(slot), _) if self.holds_name(*slot) => {
                let name = self.local_name(&Formula::Variable(*slot))?;
                Call::Local(LocalCall::SendTo { fd: self.socket(*s)?, data: self.data(data)?, name })
            }
            CallForm::Bind(s, to) => Call::Bind { fd: self.socket(*s)?, address: self.address(to)? },
            CallForm::Listen(s, backlog) => Call::Listen { fd: self.socket(*s)?, backlog: *backlog },
            CallForm::Accept(s) => Call::Accept { fd: self.socket(*s)? },
            CallForm::Connect(s, to) => Call::Connect { fd: self.socket(*s)?, address: self.address(to)? },
            CallForm::ConnectEx(s, to) => Call::Connect { fd: self.socket(*s)?, address: self.address(to)? },
            CallForm::GetTimeout(s) => Call::GetTimeout { fd: self.socket(*s)? },
            CallForm::Select(read, write, timeout) => {
                let mut sheet = Sheet { variables: &self.variables, octets: 0 };
                let (read, write) = (sheet.sockets(read)?, sheet.sockets(write)?);
                Call::Select { read, write, timeout: *timeout }
            }
            CallForm::Send(s, data) => Call::Send { fd: self.socket(*s)?, data: self.data(data)? },
            CallForm::SendUrgent(s, data) => {
                Call::SendUrgent { fd: self.socket(*s)?, data: self.data(data)? }
            }
            CallForm::SendAll(s, data) => {
                let (fd, data) = (self.socket(*s)?, self.data(data)?);
                self.state = State::SendingAll { rest: data.clone(), taken: 0 };
                Call::Send { fd, data }
            }
            CallForm::SendTo(s, data, to, fast_open) => Call::SendTo {
                fd: self.socket(*s)?,
                data: self.data(data)?,
                to: self.address(to)?,
                fast_open: *fast_open,
            },
            CallForm::Recv(s, len) => Call::Recv { fd: self.socket(*s)?, len: self.size(len)? },
            CallForm::RecvUrgent(s, len) => Call::RecvUrgent { fd: self.socket(*s)?, len: self.size(len)? },
            CallForm::Receive(s, len, wanted) => {
                Call::Receive { fd: self.socket(*s)?, len: self.size(len)?, wanted: *wanted }
            }
            CallForm::Disconnect(s) => Call::Disconnect { fd: self.socket(*s)? },
            CallForm::Configure(s, address, mask) => Call::Configure {
                fd: self.socket(*s)?,
                address: four(&self.data(address)?)?.into(),
                prefix: prefix(four(&self.data(mask)?)?)?,
            },
            CallForm::AtMark(s) => Call::AtMark { fd: self.socket(*s)? },
            CallForm::PollUrgent(s) => Call::PollUrgent { fd: self.socket(*s)? },
            CallForm::RecvFrom(s, len) => Call::RecvFrom { fd: self.socket(*s)?, len: self.size(len)? },
            CallForm::Shutdown(s, how) => Call::Shutdown { fd: self.socket(*s)?, how: *how },
            CallForm::Close(s) => Call::Close { fd: self.socket(*s)? },
            CallForm::GetSockName(s) => Call::GetSockName { fd: self.socket(*s)? },
            CallForm::GetPeerName(s) => Call::GetPeerName { fd: self.socket(*s)? },
            CallForm::SetOption(s, option) => Call::SetOption { fd: self.socket(*s)?, option: *option },
            CallForm::GetOption(s, name) => Call::GetOption { fd: self.socket(*s)?, name: *name },
            CallForm::SetBlocking(s, on) => Call::SetBlocking { fd: self.socket(*s)?, blocking: *on },
            CallForm::SetTimeout(s, time) => Call::SetTimeout { fd: self.socket(*s)?, timeout: *time },
        })
    }
}

/// The four octets of an address or a mask.
fn four(octets: &[u8]) -> Result<[u8; 4], Trouble> {
    octets.try_into().map_err(|_| Trouble::Value)
}

/// How many ones a mask begins with; ones behind a zero are no mask.
fn prefix(mask: [u8; 4]) -> Result<u8, Trouble> {
    let mask = u32::from_be_bytes(mask);
    if mask.leading_ones() + mask.trailing_zeros() < 32 {
        Err(Trouble::Value)
    } else {
        Ok(mask.leading_ones() as u8)
    }
}

/// What a comparison looks at: the value, or its length.
fn measured(left: &Value, test: &Test) -> Value {
    match left {
        Value::Data(data) if test.length => Value::Number(data.len() as i64),
        other => other.clone(),
    }
}

fn shown(left: &Value, test: &Test) -> String {
    measured(left, test).to_string()
}

/// What a successful return gives a program: a value, and another beside it.
fn values_of(result: Return) -> (Option<Value>, Option<Value>) {
    match result {
        Return::Done | Return::Failed(_) => (None, None),
        Return::Descriptor(fd) => (Some(Value::Socket(fd)), None),
        Return::Accepted(fd, peer) => (Some(Value::Socket(fd)), Some(Value::Address(peer))),
        Return::Sent(n) => (Some(Value::Number(n as i64)), None),
        Return::Number(n) => (Some(Value::Number(n)), None),
        Return::Timeout(time) => (Some(Value::Patience(time)), None),
        Return::Ready(read, write) => (Some(Value::Sockets(read)), Some(Value::Sockets(write))),
        Return::Received(data) => (Some(Value::Data(data)), None),
        Return::ReceivedFrom(data, sender) => (Some(Value::Data(data)), Some(Value::Address(sender))),
        Return::Local(LocalReturn::Pair(one, other)) => {
            (Some(Value::Socket(one)), Some(Value::Socket(other)))
        }
        Return::Local(LocalReturn::Accepted(fd, peer)) => {
            (Some(Value::Socket(fd)), Some(Value::Data(peer.octets())))
        }
        Return::Local(LocalReturn::ReceivedFrom(data, from)) => {
            (Some(Value::Data(data)), Some(Value::Data(from.octets())))
        }
        Return::Local(LocalReturn::Name(name)) => (Some(Value::Data(name.octets())), None),
        Return::Message(message) => {
            let Message { wanted, data, length, address, error, .. } = *message;
            let value = match error {
                Some(error) => Value::Data(error.to_string().into()),
                None if wanted.whole => Value::Number(length as i64),
                None => Value::Data(data),
            };
            (Some(value), address.map(Value::Address))
        }
        Return::Address(address) => (Some(Value::Address(address)), None),
        Return::Value(option) => (Some(value_of_option(option)), None),
    }
}

fn value_of_option(option: SocketOption) -> Value {
    match option {
        SocketOption::ReuseAddr(on)
        | SocketOption::KeepAlive(on)
        | SocketOption::NoDelay(on)
        | SocketOption::FastOpenConnect(on)
        | SocketOption::V6Only(on)
        | SocketOption::HeaderIncluded(on)
        | SocketOption::UrgentInline(on)
        | SocketOption::ReusePort(on)
        | SocketOption::Broadcast(on)
        | SocketOption::NoChecksum(on)
        | SocketOption::ReceiveErrors(on)
        | SocketOption::PacketInfo(on) => Value::Number(i64::from(on)),
        SocketOption::MtuDiscovery(discovery) => Value::Number(i64::from(discovery.number())),
        SocketOption::Congestion(name) => Value::Data(Bytes::copy_from_slice(name.octets())),
        SocketOption::Linger(None) => Value::Off,
        SocketOption::PeerCredentials(Some(who)) => {
            Value::Data(format!("uid={} gid={}", who.uid, who.gid).into())
        }
        SocketOption::PeerCredentials(None) => Value::Data(Bytes::from_static(b"uid=-1 gid=-1")),
        SocketOption::Rare(option) => match option.value() {
            RareValue::Number(number) => Value::Number(number),
            RareValue::Octets(octets) => Value::Data(Bytes::copy_from_slice(octets.octets())),
        },
        SocketOption::Error(None) => Value::Number(0),
        SocketOption::Error(Some(errno)) => Value::Error(errno),
        SocketOption::TypeOfService(octet)
        | SocketOption::TimeToLive(octet)
        | SocketOption::UnicastHops(octet) => Value::Number(i64::from(octet)),
        SocketOption::Linger(Some(n))
        | SocketOption::KeepIdle(n)
        | SocketOption::KeepInterval(n)
        | SocketOption::KeepCount(n)
        | SocketOption::UserTimeout(n)
        | SocketOption::DeferAccept(n)
        | SocketOption::FastOpen(n)
        | SocketOption::ReceiveBuffer(n)
        | SocketOption::SendBuffer(n)
        | SocketOption::Mtu(n) => Value::Number(i64::from(n)),
    }
}
