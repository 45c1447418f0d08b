//! A program being written: its lines so far, what they need, and what is known of the scenario around it.

use super::Refusal;
use super::literal;
use super::places::{Places, Who, port};
use crate::lang::{Lang, Text};
use crate::scenario::syntax::{Address, Block, Expr, Statement};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// A helper, or a module, that the lines need.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Need {
    Socket,
    Time,
    Errno,
    Os,
    Select,
    Struct,
    Threads,
    Tempfile,
    Fcntl,
    Meeting,
    Expect,
    NameOf,
    Kept,
    WaitForSockets,
    WaitForName,
    Pieces,
    AtMark,
    Urgent,
    Linger,
    Fresh,
    Sys,
}

/// Where a line stands: what ends the program there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inside {
    /// In `main`, or in a thread's function: `return`.
    Process,
    /// In a function that others call.
    Function,
}

/// What is known of the scenario, the same for all its programs.
pub struct Setting<'a> {
    /// The language of comments.
    pub lang: Lang,
    /// Where the hosts are.
    pub places: Places,
    /// The statements of every process, by its place in the plan.
    pub programs: Vec<Block>,
    /// Whose host each process is on.
    pub hosts: Vec<usize>,
    /// What the files are called, without ending.
    pub files: &'a [String],
    /// Comparisons that hold on the scenario's own wire only.
    pub left_out: BTreeSet<String>,
    /// Whether the programs meet before they begin.
    pub meeting: bool,
    /// For each process: after which of its calls it tells the others, and what.
    pub tells: Vec<BTreeMap<String, BTreeSet<String>>>,
    /// For each process and pattern: which process tells, and how many times it does until then.
    pub told: BTreeMap<(usize, String), (usize, usize)>,
}

/// A program being written.
pub struct Writer<'a> {
    /// The scenario.
    pub setting: &'a Setting<'a>,
    /// The process's place in the plan.
    pub process: usize,
    /// Lines so far.
    pub lines: Vec<String>,
    /// How far the next line is indented.
    pub indent: usize,
    /// What the lines need.
    pub needs: BTreeSet<Need>,
    /// Options of the command line: name, default, and what it is for.
    pub options: BTreeMap<String, (Choice, Text)>,
    /// What the options are called here.
    titles: Titles,
    /// Where the present statement stands in the file.
    pub place: Range<usize>,
    /// Calls that a comment has explained.
    pub explained: BTreeSet<String>,
    /// Variables that hold addresses.
    pub addresses: BTreeSet<String>,
    /// Files made of sockets, by the socket's variable: Python closes the connection when both are closed.
    pub files: BTreeMap<String, String>,
    /// What ends the program here.
    pub inside: Inside,
    /// Whether the present block is run several times.
    pub again: bool,
    /// Whether the present call is meant to fail.
    pub failing: bool,
    /// Functions of the program, of the file and of the library, by name, that it calls.
    pub called: BTreeSet<String>,
    /// How many `with` are around.
    pub with: usize,
    /// Functions of threads, to be written before `main`.
    pub threads: Vec<Vec<String>>,
}

/// What an option may be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Choice {
    /// An address or a directory.
    Word(String),
    /// A port.
    Port(u16),
    /// The directory of temporary files.
    Directory,
}

/// What options are called: by themselves where there is only one of a kind.
#[derive(Clone, Debug, Default)]
struct Titles {
    hosts: BTreeSet<(usize, bool)>,
    ports: BTreeSet<u16>,
}

/// A line that could be written, or what stands in the way.
pub type Made<T> = Result<T, Refusal>;

impl<'a> Writer<'a> {
    /// A program of that process; `all` are the statements whose addresses it names.
    pub fn new(setting: &'a Setting<'a>, process: usize, all: &[&Block], ports: &[u16]) -> Writer<'a> {
        let mut writer = Writer {
            setting,
            process,
            lines: Vec::new(),
            indent: 0,
            needs: BTreeSet::from([Need::Socket]),
            options: BTreeMap::new(),
            titles: Titles::default(),
            place: 0..0,
            explained: BTreeSet::new(),
            addresses: BTreeSet::new(),
            files: BTreeMap::new(),
            inside: Inside::Process,
            again: false,
            failing: false,
            called: BTreeSet::new(),
            with: 0,
            threads: Vec::new(),
        };
        writer.titles.ports.extend(ports);
        for statement in all.iter().copied().flatten() {
            writer.see(statement);
        }
        writer
    }

    /// Takes note of the addresses and ports that the statement names.
    fn see(&mut self, statement: &Statement) {
        let own = self.own();
        let (places, mut found) = (&self.setting.places, Titles::default());
        statement.walk(&mut |statement| {
            for value in statement.expressions() {
                value.walk(&mut |value| {
                    if let Expr::Address(address, port) = value {
                        if let Ok(Who::Host(host, ipv6)) = places.who(address, own, &(0..0)) {
                            found.hosts.insert((if places.apart { host } else { 0 }, ipv6));
                        }
                        found.ports.extend(port.filter(|port| *port != 0));
                    }
                });
            }
        });
        self.titles.hosts.extend(found.hosts);
        self.titles.ports.extend(found.ports);
    }

    /// The number of its own host.
    pub fn own(&self) -> usize {
        self.setting.hosts.get(self.process).copied().unwrap_or_default()
    }

    /// A line.
    pub fn line(&mut self, line: impl AsRef<str>) {
        let line = line.as_ref();
        let blank = if line.is_empty() { 0 } else { self.indent * 4 };
        self.lines.push(format!("{:blank$}{line}", ""));
    }

    /// A comment line.
    pub fn comment(&mut self, text: &str) {
        let text = literal::comment(text);
        self.line(format!("# {text}").trim_end());
    }

    /// Chooses between two words.
    pub fn pick<T>(&self, en: T, zh: T) -> T {
        self.setting.lang.pick(en, zh)
    }

    /// Something no plain program can do.
    pub fn refuse(&self, what: Text, why: Text) -> Refusal {
        Refusal::new(self.place.clone(), what, why)
    }

    /// The value of an option, such as `options.host`.
    fn option(&mut self, name: String, default: Choice, help: Text) -> String {
        let attribute = format!("options.{}", name.replace('-', "_"));
        self.options.entry(name).or_insert((default, help));
        attribute
    }

    /// The address of a host.
    pub fn host(&mut self, host: usize, ipv6: bool) -> String {
        let places = &self.setting.places;
        let key = (if places.apart { host } else { 0 }, ipv6);
        let default = Choice::Word(places.default(host, ipv6));
        let name = places.name(host).to_owned();
        if self.titles.hosts.len() <= 1 {
            let help = Text::new("the address that the programs use", "程序使用的地址");
            return self.option("host".to_owned(), default, help);
        }
        if !places.apart {
            let help = Text::new("the address that the programs use", "程序使用的地址");
            return self.option(if key.1 { "host6" } else { "host" }.to_owned(), default, help);
        }
        let help = Text::new(
            format!("the address of the scenario's host {name}"),
            format!("场景中主机 {name} 的地址"),
        );
        self.option(if ipv6 { format!("{name}-ipv6") } else { name }, default, help)
    }

    /// A port, which an option may change.
    pub fn port(&mut self, asked: u16) -> String {
        if asked == 0 {
            return "0".to_owned();
        }
        let help = match port(asked) {
            moved if moved == asked => Text::new("the port", "端口号"),
            _ => Text::new(
                format!("the port; {asked} in the scenario, but those below 1024 need a privilege"),
                format!("端口号；场景中是 {asked}，但 1024 以下的端口需要特权"),
            ),
        };
        let name = if self.titles.ports.len() <= 1 { "port".to_owned() } else { format!("port-{asked}") };
        self.option(name, Choice::Port(port(asked)), help)
    }

    /// Who is meant, as Python's expression for the address alone.
    pub fn whose(&mut self, address: &Address) -> Made<String> {
        let place = self.place.clone();
        Ok(match self.setting.places.who(address, self.own(), &place)? {
            Who::Literal(literal) => literal::text(&literal),
            Who::Host(host, ipv6) => self.host(host, ipv6),
        })
    }

    /// The address of a host that is waited for, of the kind that the program uses.
    pub fn waited_host(&mut self, host: usize) -> String {
        let key = if self.setting.places.apart { host } else { 0 };
        let ipv6 = self.titles.hosts.contains(&(key, true)) && !self.titles.hosts.contains(&(key, false));
        self.host(host, ipv6)
    }

    /// The directory of local sockets.
    pub fn directory(&mut self) -> String {
        self.needs.extend([Need::Tempfile, Need::Os]);
        let help = Text::new("where the names of local sockets lie", "本地套接字的名字所在的目录");
        self.option("directory".to_owned(), Choice::Directory, help)
    }
}
