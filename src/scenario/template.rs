//! The scenario that `wirewalk new` writes: small, whole, commented in the reader's language.

use crate::lang::Lang;

/// A commented scenario to start from. It passes `check`.
pub fn template(lang: Lang) -> String {
    let mut text = String::new();
    for part in PARTS {
        match part {
            Part::Comment(en, zh) => {
                for line in lang.pick(en, zh).lines() {
                    text.push_str(if line.is_empty() { "#" } else { "# " });
                    text.push_str(line);
                    text.push('\n');
                }
            }
            Part::Text(part) => text.push_str(part),
        }
    }
    text
}

enum Part {
    /// A comment in both languages.
    Comment(&'static str, &'static str),
    /// The file itself.
    Text(&'static str),
}

const PARTS: &[Part] = &[
    Part::Comment(
        "A scenario: hosts, their programs, what goes wrong, what must come of it.\n\
         Run it with `wirewalk run FILE`, look for mistakes with `wirewalk check FILE`,\n\
         hold it against the real kernel with `wirewalk compare FILE`.\n\
         docs/scenario-language.md describes everything that may stand here.",
        "一个场景：有哪些主机，各自的程序，会出什么差错，结果应当怎样。\n\
         用 `wirewalk run 文件` 运行，用 `wirewalk check 文件` 查错，\n\
         用 `wirewalk compare 文件` 与真实内核对照。\n\
         可以写些什么，见 docs/scenario-language.zh.md。",
    ),
    Part::Text(
        r#"
title = { en = "A greeting", zh = "一声问候" }
cites = ["RFC 9293 3.5"]

[lesson]
"#,
    ),
    Part::Comment("What to look at, and why it is so.", "说明看什么，以及为什么会这样。"),
    Part::Text(
        r#"en = """
The client sends a greeting. The first segment that carries it is lost, and nobody tells the client; it sends
the greeting again when no acknowledgment has come in time.
"""
zh = """
客户发出一声问候。携带它的第一个报文段丢失了，没有谁通知客户；过了一段时间仍没有收到确认，客户就重传。
"""

"#,
    ),
    Part::Comment(
        "Two hosts on one wire. Without `address` they are 10.0.0.1, 10.0.0.2, …",
        "两台主机接在同一条线路上。不写 `address` 时，依次是 10.0.0.1、10.0.0.2……",
    ),
    Part::Text(
        r#"[host.client]
program = '''
  when server LISTEN             # wait for a state: nothing hangs on a race
  s = socket(tcp)
  connect(s, server:8080)
  send(s, "hello")
  recv(s, 1024) == "hello"       # a comparison is an expectation
  close(s)
'''

[host.server]
program = '''
  l = socket(tcp)
  setsockopt(l, SO_REUSEADDR, 1)
  bind(l, *:8080)
  listen(l, 5)
  c = accept(l)
  data = recv(c, 1024)
  send(c, data)
  recv(c, 1024) == ""            # the end of the stream
  close(c)
  close(l)
'''

"#,
    ),
    Part::Comment(
        "What goes wrong on the wire: exactly (`#1`: the first such frame) or with a `probability`.",
        "线路上会出什么差错：可以精确指定（`#1` 表示第一个这样的帧），也可以用 `probability` 给出概率。",
    ),
    Part::Text(
        r#"[[fault]]
drop = "client > server data #$lost"

"#,
    ),
    Part::Comment(
        "A knob: with `--set lost=2` the first such segment gets through. `$lost` is filled in wherever it stands.",
        "旋钮：`--set lost=2` 时第一个这样的报文段就不会丢失。凡是写 `$lost` 的地方都会填入它的值。",
    ),
    Part::Text(
        r#"[knob.lost]
means = { en = "which of the client's data segments is lost", zh = "丢失客户的第几个数据报文段" }
default = 1
min = 1
max = 9

"#,
    ),
    Part::Comment(
        "What must hold afterwards. Each of these is one line of the verdict.",
        "运行之后应当成立的事。每一条对应结论中的一行。",
    ),
    Part::Text(
        r#"[[expect]]
says = { en = "the greeting is sent twice", zh = "问候发送了两次" }
cite = "RFC 9293 3.8.1"
only_if = "$lost == 1"
packets_in_order = '''
  client > server  S
  server > client  SA
  client > server  A
  client > server  data  len 5  lost
  client > server  data  len 5
'''

[[expect]]
says = { en = "it arrives once", zh = "只送达一次" }
that = "bytes(client > server) == 5"

"#,
    ),
    Part::Comment(
        "Asked before that frame is shown; graded from the frame itself.",
        "在显示该帧之前提问；答案从该帧中读出，自动评分。",
    ),
    Part::Text(
        r#"[[question]]
before = "client > server data #1"
ask = { en = "Which sequence number does the greeting carry, counted from the SYN's?", zh = "以 SYN 的序号为 0，问候的序号是多少？" }
answer = "frame.tcp.seq"
"#,
    ),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::Scenario;

    #[test]
    fn the_template_is_right_in_both_languages_and_differs_only_in_its_comments() {
        let plans: Vec<_> = [Lang::En, Lang::Zh]
            .into_iter()
            .map(|lang| {
                Scenario::parse("new.toml", &template(lang)).unwrap_or_else(|wrong| panic!("{}", wrong[0]))
            })
            .collect();
        let mut other = plans[1].default_plan().clone();
        for (expectation, same) in other.expectations.iter_mut().zip(&plans[0].default_plan().expectations) {
            expectation.line = same.line;
        }
        for (question, same) in other.questions.iter_mut().zip(&plans[0].default_plan().questions) {
            question.line = same.line;
        }
        assert!(*plans[0].default_plan() == other);
        assert_ne!(template(Lang::En), template(Lang::Zh));
    }

    #[test]
    fn its_knob_can_be_turned_and_takes_the_expectation_with_it() {
        let scenario = Scenario::parse("new.toml", &template(Lang::En)).unwrap();
        let set = |value: &str| scenario.plan(&[("lost".to_owned(), value.to_owned())]);
        assert_eq!(scenario.default_plan().expectations.len(), 2);
        assert_eq!(set("2").unwrap().expectations.len(), 1);
        assert_eq!(set("10").unwrap_err()[0].help.as_ref().unwrap().en, "from 1 to 9");
        assert_eq!(set("1s").unwrap_err()[0].message.en, "this knob is a whole number");
        let unknown = scenario.plan(&[("lots".to_owned(), "1".to_owned())]).unwrap_err();
        assert_eq!(
            (unknown[0].file.as_str(), unknown[0].help.as_ref().unwrap().en.as_str()),
            ("--set", "did you mean lost?")
        );
    }
}
