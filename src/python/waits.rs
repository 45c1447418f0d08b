//! `when` and `every`: what a program can see of others on its machine, and threads.

use super::literal;
use super::places;
use super::writer::{Inside, Made, Need, Writer};
use crate::lang::Text;
use crate::scenario::syntax::{Block, Does, Expr, Statement, Wait};
use std::collections::BTreeSet;
use std::ops::Range;

/// How Linux numbers TCP's states in `/proc/net/tcp`.
const STATES: [(&str, &str); 10] = [
    ("ESTABLISHED", "01"),
    ("SYN-SENT", "02"),
    ("SYN-RECEIVED", "03"),
    ("FIN-WAIT-1", "04"),
    ("FIN-WAIT-2", "05"),
    ("TIME-WAIT", "06"),
    ("CLOSE-WAIT", "08"),
    ("LAST-ACK", "09"),
    ("LISTEN", "0A"),
    ("CLOSING", "0B"),
];

impl Writer<'_> {
    /// `when …`
    pub fn wait(&mut self, wait: &Wait, statement: &Statement) -> Made<()> {
        match wait {
            Wait::State(host, state, count) => self.wait_for_state(host, state, *count, statement),
            Wait::Bound(host, Expr::Number(port)) => {
                let port = self.port(u16::try_from(*port).unwrap_or_default());
                self.wait_for_sockets(host, ("udp", ""), &[port], 1, statement);
                Ok(())
            }
            Wait::Bound(_, name) | Wait::Listening(_, name) => {
                self.needs.extend([Need::WaitForName, Need::Time, Need::Os]);
                let name = self.address(Some(name))?;
                let listening = if matches!(wait, Wait::Listening(..)) { "True" } else { "False" };
                let beside = self.beside(statement);
                self.line(format!("wait_for_name({name}, {listening}){beside}"));
                Ok(())
            }
            Wait::AcceptQueue(..) => Err(self.refuse(
                Text::new("when accept_queue", "when accept_queue"),
                Text::new(
                    "how many connections wait in a queue is the kernel's business; `ss -ltn` shows it",
                    "队列里有多少条连接在等待，是内核的事；`ss -ltn` 可以看到",
                ),
            )),
            Wait::Ended(host) => {
                self.needs.insert(Need::Meeting);
                let files: Vec<String> = self
                    .processes_of(host)
                    .into_iter()
                    .filter_map(|process| self.setting.files.get(process))
                    .map(|file| literal::text(file))
                    .collect();
                let beside = self.beside(statement);
                self.line(format!("meeting.wait_until_over({}){beside}", files.join(", ")));
                Ok(())
            }
            Wait::Time(time) => {
                self.needs.insert(Need::Meeting);
                let time = self.value(time)?;
                let beside = self.beside(statement);
                self.line(format!("meeting.wait_until({time}){beside}"));
                Ok(())
            }
            Wait::Frame(pattern) => {
                let told = self.setting.told.get(&(self.process, pattern.clone())).copied();
                let Some((teller, times)) = told else {
                    return Err(self.refuse(
                        Text::new(
                            format!("when {pattern}: a frame that no program sends by a call of its own"),
                            format!("when {pattern}：没有程序以自己的调用发送这样的帧"),
                        ),
                        Text::new(
                            "programs do not see the wire: they can only tell each other what they do",
                            "程序看不见线路，只能互相通知自己做了什么",
                        ),
                    ));
                };
                self.needs.insert(Need::Meeting);
                let words = self.pick(
                    "a program does not see the wire: the one that sends this tells us",
                    "程序看不见线路，由发送它的程序通知",
                );
                if self.explained.insert("meeting".to_owned()) {
                    self.comment(words);
                }
                let file = self.setting.files.get(teller).map_or(String::new(), |file| literal::text(file));
                let beside = self.beside(statement);
                let note = literal::text(pattern);
                self.line(format!("meeting.wait_for({file}, {note}, {times}){beside}"));
                Ok(())
            }
        }
    }

    fn wait_for_state(&mut self, host: &str, state: &str, count: u32, statement: &Statement) -> Made<()> {
        let number = STATES.iter().find(|(known, _)| *known == state).map(|(_, number)| *number);
        let ports: BTreeSet<u16> = self
            .processes_of(host)
            .into_iter()
            .filter_map(|process| self.setting.programs.get(process))
            .flat_map(|block| listening_ports(block))
            .collect();
        let Some(number) = number.filter(|_| !ports.is_empty()) else {
            return Err(self.refuse(
                Text::new(format!("when {host} {state}"), format!("when {host} {state}")),
                Text::new(
                    "the state of that host's connections cannot be told from those of others on the same machine",
                    "在同一台机器上，分不清哪些连接属于这台主机",
                ),
            ));
        };
        let ports: Vec<String> = ports.into_iter().map(|port| self.port(port)).collect();
        self.wait_for_sockets(host, ("tcp", number), &ports, count, statement);
        Ok(())
    }

    fn wait_for_sockets(
        &mut self,
        host: &str,
        (table, state): (&str, &str),
        ports: &[String],
        count: u32,
        statement: &Statement,
    ) {
        self.needs.extend([Need::WaitForSockets, Need::Time, Need::Os]);
        let words = match (table, state) {
            ("udp", _) => self.pick("waits until the other program has the port", "等待另一个程序绑定该端口"),
            (_, "0A") => self.pick("waits until the other program listens", "等待另一个程序开始收听"),
            _ => self.pick("waits until a connection is in that state", "等待连接进入该状态"),
        };
        if statement.beside.is_none() && self.explained.insert(format!("when {table} {state}")) {
            self.comment(words);
        }
        let ports = match ports {
            [one] => format!("({one},)"),
            several => format!("({})", several.join(", ")),
        };
        let beside = self.beside(statement);
        let host = self.setting.places.host(host).unwrap_or_default();
        let host = self.waited_host(host);
        self.line(format!("wait_for_sockets({host}, \"{table}\", \"{state}\", {ports}, {count}){beside}"));
    }

    /// The processes on that host, by their places in the plan.
    fn processes_of(&self, host: &str) -> Vec<usize> {
        let host = self.setting.places.host(host);
        let on = |(process, of): (usize, &usize)| (Some(*of) == host).then_some(process);
        self.setting.hosts.iter().enumerate().filter_map(on).collect()
    }

    /// `every 200ms for 8s as visitor:`: threads, each with variables of its own.
    pub fn every(
        &mut self,
        each: &Expr,
        total: &Expr,
        name: &str,
        block: &Block,
        statement: &Statement,
        places: &[Range<usize>],
    ) -> Made<()> {
        let (Expr::Time(step), Expr::Time(whole)) = (each, total) else {
            return Err(self.refuse(
                Text::new("a computed time", "计算得到的时间"),
                Text::new("times of `every` are written down", "`every` 的时间要直接写出"),
            ));
        };
        self.needs.extend([Need::Threads, Need::Time]);
        let lines = std::mem::take(&mut self.lines);
        let (indent, inside, with, again) =
            (self.indent, self.inside, std::mem::take(&mut self.with), std::mem::take(&mut self.again));
        self.indent = 1;
        self.inside = Inside::Process;
        let made = self.block(block, places);
        let body = std::mem::replace(&mut self.lines, lines);
        (self.indent, self.inside, self.with, self.again) = (indent, inside, with, again);
        made?;
        let thread = format!("{}_thread", literal::name(name));
        let mut function = vec![format!("def {thread}():")];
        function.extend(body);
        let taken = self.threads.iter().filter(|other| other.first() == function.first()).count();
        if taken > 0 {
            return Err(self.refuse(
                Text::new(format!("two `every … as {name}`"), format!("有两个 `every … as {name}`")),
                Text::new("give the second another name", "请给第二个另取名字"),
            ));
        }
        self.threads.push(function);
        let step = (*step).max(1);
        let starts = whole / step + i64::from(whole % step != 0);
        let left = whole - step * (starts - 1).max(0);
        let beside = self.beside(statement);
        self.line(format!("for start in range({starts}):{beside}"));
        self.line("    if start > 0:");
        self.line(format!("        time.sleep({})", literal::seconds(step)));
        self.line(format!("    threading.Thread(target={thread}).start()"));
        self.line(format!("time.sleep({})", literal::seconds(left)));
        Ok(())
    }
}

/// The ports on which a program listens.
pub fn listening_ports(block: &[Statement]) -> BTreeSet<u16> {
    let mut bound: Vec<(String, u16)> = Vec::new();
    let mut listening: BTreeSet<String> = BTreeSet::new();
    for statement in block {
        statement.walk(&mut |statement| {
            let Does::Value { value, .. } = &statement.does else { return };
            value.walk(&mut |value| {
                let Expr::Call(call, given) = value else { return };
                let Some(Expr::Name(name)) = given.first() else { return };
                if let Some(port) = places::bound_port(value) {
                    bound.push((name.clone(), port));
                }
                if call == "listen" {
                    listening.insert(name.clone());
                }
            });
        });
    }
    bound.into_iter().filter(|(name, _)| listening.contains(name)).map(|(_, port)| port).collect()
}
