//! The table of keys: what a scenario file may say. The reader checks files against it, and the JSON Schema is made of it.

use super::limits;

/// What a value must be.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    /// `{ en = "…", zh = "…" }`
    Text,
    /// A string of free form; what is in it is read elsewhere.
    String,
    /// One of these words.
    Word(&'static [&'static str]),
    /// A list of strings.
    Strings,
    /// One string, or a list of them.
    StringOrStrings,
    /// A time in a string, at most this many seconds.
    Time,
    /// A whole number within bounds (or an expression of knobs, in a string).
    Integer(i64, i64),
    /// A number from 0 to 1.
    Probability,
    /// A number from 0 to 1, or a table with these keys.
    Loss(&'static Table),
    /// A list of whole numbers, or a table of such lists by node.
    FrameNumbers,
    /// `true` or `false`.
    Bool,
    /// A whole number or a string.
    IntegerOrString,
    /// A table whose keys are free and whose values are whole numbers (or strings of knobs).
    Settings,
    /// A table whose keys are hosts and whose values are strings.
    PerHost,
    /// A string, or a table whose keys are nodes and whose values are strings.
    Addresses,
    /// A table with these keys.
    Table(&'static Table),
    /// A table of such tables, each under a name of its own.
    Named(&'static Table),
    /// A list of such tables (`[[…]]`).
    List(&'static Table),
}

/// A key of a table.
#[derive(Clone, Copy, Debug)]
pub(super) struct Key {
    pub name: &'static str,
    pub kind: Kind,
    pub required: bool,
    /// What it means, in English: for the schema.
    pub means: &'static str,
}

/// A table's keys.
#[derive(Clone, Copy, Debug)]
pub(super) struct Table {
    /// How messages call it, such as `[wire]`.
    pub name: &'static str,
    pub keys: &'static [Key],
}

const fn key(name: &'static str, kind: Kind, means: &'static str) -> Key {
    Key { name, kind, required: false, means }
}
const fn required(name: &'static str, kind: Kind, means: &'static str) -> Key {
    Key { name, kind, required: true, means }
}

/// The whole file.
pub(super) static FILE: Table = Table {
    name: "the file",
    keys: &[
        required("title", Kind::Text, "one line"),
        required("lesson", Kind::Text, "what to look at, and why it is so"),
        key("claims", Kind::Strings, "ids of the statements it settles, such as CL-01"),
        key("beyond", Kind::Text, "what it teaches that no claim speaks of"),
        key("cites", Kind::Strings, "RFC sections it rests on"),
        key(
            "profile",
            Kind::Word(&["linux", "rfc9293"]),
            "whose constants and habits the simulated stacks have",
        ),
        key("until", Kind::Time, "the run ends here at the latest"),
        key(
            "wire",
            Kind::Table(&WIRE),
            "the wire between the hosts; with links, what they have that say nothing else",
        ),
        key(
            "routes",
            Kind::Word(&["shortest"]),
            "with links: hosts and routers that write no routes have the shortest, computed from the graph",
        ),
        key("functions", Kind::String, "functions that all programs of the file can call"),
        required("host", Kind::Named(&HOST), "the hosts; file order numbers them"),
        key("router", Kind::Named(&ROUTER), "machines that pass on packets between networks"),
        key("switch", Kind::Named(&SWITCH), "learning switches"),
        key("hub", Kind::Named(&HUB), "hubs"),
        key("link", Kind::List(&LINK), "the links between nodes; without any, one wire joins all hosts"),
        key("fault", Kind::List(&FAULT), "what goes wrong on the wire; the first that matches decides"),
        key("expect", Kind::List(&EXPECT), "what must hold afterwards"),
        key("question", Kind::List(&QUESTION), "asked on the way through the run, and graded"),
        key("knob", Kind::Named(&KNOB), "what --set may change"),
        key("live", Kind::Table(&LIVE), "how the kernel can be made to do the same, or why it cannot"),
        key("limits", Kind::Table(&LIMITS), "bounds of the run"),
    ],
};

static WIRE: Table = Table {
    name: "[wire]",
    keys: &[
        key("delay", Kind::Time, "one way"),
        key("rate", Kind::String, "such as 10Mbit/s or 1.25MB/s; infinitely fast without it"),
        key("queue", Kind::Integer(1, 1_000_000), "frames that wait when there is a rate"),
        key("red", Kind::Table(&RED), "random early detection before its queues; they need a rate"),
        key("mtu", Kind::Integer(68, 65_535), "largest IP packet, octets"),
        key("arp", Kind::Bool, "whether hosts must find each other by ARP"),
    ],
};

static HOST: Table = Table {
    name: "[host.NAME]",
    keys: &[
        key(
            "address",
            Kind::Addresses,
            "its IPv4 address; 10.0.0.1, 10.0.0.2… in file order; with links: 10.0.1.2/24, or one for each neighbour; with IPv6: [\"10.0.0.1\", \"fd00::1/64\"]",
        ),
        key("gateway", Kind::String, "with links: the router for all other networks, by name or address"),
        key(
            "routes",
            Kind::StringOrStrings,
            "with links: such as 10.0.2.0/24 via r1, or fd00:2::/64 via r1; or shortest",
        ),
        key("isn", Kind::Integer(0, u32::MAX as i64), "initial sequence number of its first connection"),
        key("actor", Kind::Bool, "no TCP/IP of its own: it only injects by hand"),
        key(
            "privileged",
            Kind::Bool,
            "whether its programs may make raw sockets and take ports below 1024; true without it",
        ),
        key("rp_filter", Kind::Integer(0, 2), "how it looks at sources: 0 not at all, 1 strictly, 2 loosely"),
        key(
            "configured",
            Kind::Bool,
            "false: it begins without its IPv4 address, until a program calls configure",
        ),
        key("owns", Kind::Strings, "address blocks that lead to this host, such as 198.18.0.0/15"),
        key("sysctl", Kind::Settings, "kernel settings without net.ipv4., net.ipv6. or net.core."),
        key("conflicts_with", Kind::String, "with links: the host whose address it has, too, by mistake"),
        key("program", Kind::String, "what its process does"),
        key("process", Kind::Named(&PROCESS), "several processes, each with a program"),
    ],
};

static ROUTER: Table = Table {
    name: "[router.NAME]",
    keys: &[
        required(
            "address",
            Kind::Addresses,
            "its addresses, for each neighbour: { a = \"10.0.1.1/24\", b = [\"10.0.2.1/24\", \"fd00:2::1/64\"] }",
        ),
        key("gateway", Kind::String, "the router for all other networks, by name or address"),
        key(
            "routes",
            Kind::StringOrStrings,
            "such as 10.0.2.0/24 via r2, or fd00:2::/64 via r2; or shortest",
        ),
        key("rp_filter", Kind::Integer(0, 2), "how it looks at sources: 0 not at all, 1 strictly, 2 loosely"),
        key("nat", Kind::Table(&NAT), "a NAT box: inside hosts share its outside address"),
    ],
};

static NAT: Table = Table {
    name: "nat",
    keys: &[
        required("outside", Kind::String, "the node at the other end of the outside link"),
        key("forward", Kind::Strings, "ports that lead to an inside host: tcp 8080 to a:80"),
    ],
};

static SWITCH: Table = Table {
    name: "[switch.NAME]",
    keys: &[
        key("ageing", Kind::Time, "how long it remembers where a station is; 5 minutes without it"),
        key("spanning_tree", Kind::Bool, "whether it cuts loops (IEEE 802.1D); the file then needs until"),
        key("priority", Kind::Integer(0, 65_535), "the lowest becomes the root; 32768 without it"),
        key("hello", Kind::Time, "how often it speaks while it is the root, 1 to 10 s; 2 s without it"),
        key(
            "forward_delay",
            Kind::Time,
            "how long a port listens, and then learns, 2 to 30 s; 15 s without it",
        ),
        key("max_age", Kind::Time, "after which a message is worth nothing, 6 to 40 s; 20 s without it"),
    ],
};

static HUB: Table = Table { name: "[hub.NAME]", keys: &[] };

static LINK: Table = Table {
    name: "[[link]]",
    keys: &[
        required("between", Kind::Strings, "the two nodes that it joins"),
        key("delay", Kind::Time, "one way"),
        key("jitter", Kind::Time, "how much longer a frame may take, drawn from the seed"),
        key("rate", Kind::String, "such as 10Mbit/s or 1.25MB/s; infinitely fast without it"),
        key("queue", Kind::Integer(1, 1_000_000), "frames that wait at either end when there is a rate"),
        key("red", Kind::Table(&RED), "random early detection before its queues; they need a rate"),
        key("mtu", Kind::Integer(68, 65_535), "largest IP packet, octets"),
        key(
            "loss",
            Kind::Loss(&BURSTS),
            "how likely it loses a frame, or how in bursts; drawn from the seed",
        ),
        key("lose", Kind::FrameNumbers, "which frames it loses, counted from 1: of both ends, or of one"),
        key("down", Kind::StringOrStrings, "when it is down, such as 2s..5s, or 7s.. for good"),
        key(
            "duplex",
            Kind::Word(&["full", "half"]),
            "half: its ends share one wire and may collide; full without it",
        ),
        key(
            "cost",
            Kind::Integer(1, 65_535),
            "what the way over it costs in a spanning tree; by its rate without it",
        ),
    ],
};

static RED: Table = Table {
    name: "red",
    keys: &[
        key("min", Kind::Integer(1, 1_000_000), "average below which nothing happens, frames; 5 without it"),
        key("max", Kind::Integer(2, 1_000_000), "average from which on all are lost, frames; 15 without it"),
        key(
            "probability",
            Kind::Probability,
            "how likely a frame is lost or marked just below max; 0.1 without it",
        ),
        key("weight", Kind::Probability, "how much of the average each frame renews; 0.002 without it"),
        key("gentle", Kind::Bool, "whether the probability rises to one only at twice max"),
        key("ecn", Kind::Bool, "whether frames that allow it are marked rather than lost"),
    ],
};

static BURSTS: Table = Table {
    name: "loss",
    keys: &[
        key("good", Kind::Probability, "how likely a frame is lost in the good state; never without it"),
        key("bad", Kind::Probability, "how likely in the bad state; always without it"),
        required("to_bad", Kind::Probability, "how likely the good state turns bad before a frame"),
        required("to_good", Kind::Probability, "how likely the bad one turns good"),
    ],
};

static PROCESS: Table = Table {
    name: "[host.NAME.process.NAME]",
    keys: &[required("program", Kind::String, "what the process does")],
};

static FAULT: Table = Table {
    name: "[[fault]]",
    keys: &[
        key("drop", Kind::String, "a pattern: these frames are lost"),
        key("delay", Kind::String, "a pattern: these frames come later"),
        key("duplicate", Kind::String, "a pattern: these frames come twice"),
        key("corrupt", Kind::String, "a pattern: one bit of these frames is flipped"),
        key("mark", Kind::String, "a pattern: these frames, if they allow ECN, are marked with CE"),
        key("by", Kind::Time, "how much later"),
        key("probability", Kind::Probability, "how likely, drawn from the seed"),
    ],
};

static EXPECT: Table = Table {
    name: "[[expect]]",
    keys: &[
        required("says", Kind::Text, "the line of the verdict"),
        key("cite", Kind::String, "the RFC section it rests on"),
        key("packets", Kind::String, "exactly these frames, one per line"),
        key("packets_in_order", Kind::String, "these frames among others"),
        key("states", Kind::PerHost, "the states an endpoint of each host passes"),
        key("that", Kind::StringOrStrings, "comparisons such as count(client > server S) == 2"),
        key("only_if", Kind::String, "left out unless this holds, such as $cookies == 0"),
    ],
};

static QUESTION: Table = Table {
    name: "[[question]]",
    keys: &[
        required("ask", Kind::Text, "the question"),
        key("before", Kind::String, "a pattern: asked before that frame is sent"),
        key("after", Kind::String, "a pattern: asked when that frame arrives, about a state that follows"),
        key("answer", Kind::String, "where the answer is found, such as frame.tcp.ack or state(server)"),
        key("choices", Kind::Bool, "whether several answers are offered to choose from"),
        key("order", Kind::Strings, "patterns of frames that are to be put in order"),
        key("which", Kind::Strings, "changes such as --set backlog=1; one of them makes an expectation fail"),
        key("fails", Kind::Integer(1, 1_000), "with which: the number of that [[expect]], from 1"),
    ],
};

static KNOB: Table = Table {
    name: "[knob.NAME]",
    keys: &[
        required("means", Kind::Text, "what it changes"),
        required("default", Kind::IntegerOrString, "its value unless --set says otherwise"),
        key("min", Kind::IntegerOrString, "least value"),
        key("max", Kind::IntegerOrString, "greatest value"),
        key("choice", Kind::Strings, "the words it may be"),
    ],
};

static LIVE: Table = Table {
    name: "[live]",
    keys: &[
        key("impossible", Kind::Text, "why there is no live side"),
        key("mode", Kind::Word(&["loopback", "wire"]), "how the hosts are joined; chosen by need without it"),
        key("quick_until", Kind::Time, "without --slow the live run ends here"),
        key("explain", Kind::Strings, "names of rules that may explain differences"),
    ],
};

static LIMITS: Table = Table {
    name: "[limits]",
    keys: &[
        key("time", Kind::Time, "virtual time, at most 30 days"),
        key("records", Kind::Integer(1, limits::RECORDS as i64), "records kept"),
        key("frames", Kind::Integer(1, limits::FRAMES as i64), "frames carried"),
    ],
};

impl Table {
    /// The key of that name.
    pub fn key(&self, name: &str) -> Option<&'static Key> {
        self.keys.iter().find(|key| key.name == name)
    }
}

impl Kind {
    /// What the value must be, for messages.
    pub fn words(self) -> (String, String) {
        let pair = |en: &str, zh: &str| (en.to_owned(), zh.to_owned());
        match self {
            Kind::Text => pair(
                "a text in both languages: { en = \"…\", zh = \"…\" }",
                "两种语言的文字：{ en = \"…\", zh = \"…\" }",
            ),
            Kind::String => pair("a string", "字符串"),
            Kind::Word(words) => {
                (format!("one of {}", words.join(", ")), format!("{} 之一", words.join("、")))
            }
            Kind::Strings => pair("a list of strings: [\"…\", \"…\"]", "字符串列表：[\"…\", \"…\"]"),
            Kind::StringOrStrings => pair("a string, or a list of strings", "字符串或字符串列表"),
            Kind::Time => pair(
                "a time in quotes, such as \"20ms\" or \"1.5s\"",
                "带引号的时间，例如 \"20ms\"、\"1.5s\"",
            ),
            Kind::Integer(low, high) => {
                (format!("a whole number from {low} to {high}"), format!("{low} 到 {high} 的整数"))
            }
            Kind::Probability => pair("a number from 0 to 1", "0 到 1 之间的数"),
            Kind::Loss(_) => pair(
                "a number from 0 to 1, or { bad = 0.5, to_bad = 0.01, to_good = 0.2 }",
                "0 到 1 之间的数，或 { bad = 0.5, to_bad = 0.01, to_good = 0.2 }",
            ),
            Kind::FrameNumbers => pair(
                "a list such as [3, 7], or a table such as { a = [3] }",
                "列表，例如 [3, 7]；或表，例如 { a = [3] }",
            ),
            Kind::Bool => pair("true or false", "true 或 false"),
            Kind::IntegerOrString => pair("a whole number, or a string", "整数或字符串"),
            Kind::Settings => {
                pair("a table such as { tcp_syncookies = 0 }", "表，例如 { tcp_syncookies = 0 }")
            }
            Kind::Addresses => pair(
                "an address such as \"10.0.1.2/24\", a list with one of IPv6 beside it, or a table such as { s1 = \"10.0.1.1/24\", r2 = \"10.0.9.1/24\" }",
                "地址，例如 \"10.0.1.2/24\"；或带有 IPv6 地址的列表；或表，例如 { s1 = \"10.0.1.1/24\", r2 = \"10.0.9.1/24\" }",
            ),
            Kind::PerHost => pair(
                "a table such as { client = \"CLOSED SYN-SENT ESTABLISHED\" }",
                "表，例如 { client = \"CLOSED SYN-SENT ESTABLISHED\" }",
            ),
            Kind::Table(table) => (format!("a table {}", table.name), format!("表 {}", table.name)),
            Kind::Named(table) => (format!("tables {}", table.name), format!("表 {}", table.name)),
            Kind::List(table) => {
                (format!("a list of tables {}", table.name), format!("表的列表 {}", table.name))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::Scenario;

    const MANUALS: [(&str, &str); 2] = [
        ("English", include_str!("../../docs/scenario-language.md")),
        ("Chinese", include_str!("../../docs/scenario-language.zh.md")),
    ];

    fn names(table: &'static Table, found: &mut Vec<&'static str>) {
        for key in table.keys {
            found.push(key.name);
            match key.kind {
                Kind::Table(inner) | Kind::Named(inner) | Kind::List(inner) | Kind::Loss(inner) => {
                    names(inner, found)
                }
                Kind::Text
                | Kind::String
                | Kind::Word(_)
                | Kind::Strings
                | Kind::StringOrStrings
                | Kind::Time
                | Kind::Integer(..)
                | Kind::Probability
                | Kind::FrameNumbers
                | Kind::Bool
                | Kind::IntegerOrString
                | Kind::Settings
                | Kind::Addresses
                | Kind::PerHost => {}
            }
        }
    }

    #[test]
    fn both_manuals_explain_every_key_call_quantity_and_statement() {
        let mut wanted = Vec::new();
        names(&FILE, &mut wanted);
        wanted.extend(crate::scenario::program::call_names());
        wanted.extend(crate::scenario::program::STATEMENTS);
        wanted.extend(crate::scenario::program::function_names());
        wanted.extend(["recv_until", "recv_exactly", "split"]);
        wanted.extend(crate::scenario::lower::FIELDS);
        wanted.extend(crate::scenario::lower::ANSWERS);
        wanted.extend(crate::scenario::compare::QUEUES.map(|(name, _)| name));
        wanted.extend(crate::scenario::compare::FUNCTIONS);
        wanted.extend(crate::socket::OptionName::ALL.map(|(_, name)| name));
        wanted.extend(["ended", "bound", "accept_queue", "absolute", "only_if", "succeeds", "fails", "end"]);
        for (language, manual) in MANUALS {
            let missing: Vec<&str> = wanted.iter().copied().filter(|name| !manual.contains(name)).collect();
            assert!(missing.is_empty(), "the {language} manual says nothing about {missing:?}");
        }
    }

    #[test]
    fn the_example_in_both_manuals_is_right() {
        for (_, manual) in MANUALS {
            let begin = manual.find("```toml\n").unwrap() + 8;
            let end = begin + manual[begin..].find("```").unwrap();
            let wrong = Scenario::parse("example.toml", &manual[begin..end]).err().unwrap_or_default();
            assert!(wrong.is_empty(), "{}", wrong[0]);
        }
    }

    #[test]
    fn the_limits_the_manuals_state_are_the_limits_kept() {
        let written = |number: u64| {
            let digits = number.to_string();
            let grouped: Vec<&str> =
                digits.as_bytes().rchunks(3).rev().map(|part| std::str::from_utf8(part).unwrap()).collect();
            grouped.join(",")
        };
        for (_, manual) in MANUALS {
            for limit in [
                limits::RECORDS,
                limits::FRAMES,
                limits::FRAMES_DEFAULT,
                limits::SPAWNED,
                limits::FLOOD_RATE,
                limits::FLOOD_COUNT,
                limits::HOSTS as u64,
                limits::PROGRAMS as u64,
                (limits::FILE / 1024) as u64,
            ] {
                assert!(manual.contains(&written(limit)), "{limit}");
            }
        }
    }
}
