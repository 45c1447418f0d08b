//! The programs that `export --format python` writes, run by Python on the kernel's own loopback, in a network namespace
//! for each lesson and without any privilege: what their socket calls gave is what the scenario's programs were given.
//!
//! This test is a program of its own: a user namespace must be entered before there is a second thread. Where namespaces
//! are forbidden it is skipped, loudly, and in CI it fails instead.

#[cfg(not(target_os = "linux"))]
fn main() {
    eprintln!("SKIPPED: the live side needs Linux");
}

#[cfg(target_os = "linux")]
fn main() -> std::process::ExitCode {
    linux::main()
}

#[cfg(target_os = "linux")]
mod linux {
    use libtest_mimic::{Arguments, Failed, Trial};
    use serde_json::Value;
    use std::collections::{BTreeMap, BTreeSet};
    use std::io::Write;
    use std::path::Path;
    use std::process::{Command, ExitCode, Stdio};
    use wirewalk::lang::Lang;
    use wirewalk::live;
    use wirewalk::python::{self, Programs, Refusal};
    use wirewalk::scenario::{Builtin, Plan, Scenario, builtins};
    use wirewalk::sim;
    use wirewalk::socket::{Call, LocalCall, LocalReturn, Return};
    use wirewalk::trace::{Event, Trace};
    use wirewalk::view::Look;

    type Result<T = ()> = std::result::Result<T, Failed>;

    /// How many lessons can be exported, at least.
    const LESSONS: usize = 60;

    /// Seconds that a lesson may take: `time-wait` waits for a minute.
    const PATIENCE: u32 = 150;

    /// Lessons at once: they mostly wait.
    const AT_ONCE: usize = 6;

    /// Why what the programs saw is not held against the scenario's run call by call.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    enum Apart {
        /// How many octets one recv() takes follows from the pace of the wire: octets are compared, not pieces.
        Pieces,
        /// The wire of the scenario loses frames, and the programs call again: the run without losses is the measure.
        Losses,
        /// The messages hold the hosts' addresses, which are others on one machine: which calls were made, and what
        /// failed, is compared; what the messages must say, the programs check themselves.
        Addresses,
        /// How many octets a full buffer takes depends on the size of segments, which is another on loopback: which calls
        /// were made, and what failed, is compared.
        Amounts,
        /// The program asks for an algorithm that not every kernel allows everybody: it is run with the privilege.
        Algorithm,
    }

    const APART: &[(&str, &[Apart])] = &[
        ("sawtooth", &[Apart::Pieces]),
        ("zero-window", &[Apart::Pieces]),
        ("silly-window", &[Apart::Pieces]),
        ("lost-window-update", &[Apart::Pieces]),
        ("sequence-wrap", &[Apart::Pieces]),
        ("lagging-shell", &[Apart::Pieces]),
        ("slow-start-after-idle", &[Apart::Pieces]),
        ("four-ways-one-wire", &[Apart::Losses, Apart::Pieces]),
        ("short-send", &[Apart::Amounts]),
        ("cubic-curve", &[Apart::Pieces, Apart::Algorithm]),
        ("dns", &[Apart::Losses, Apart::Addresses]),
        ("stop-and-wait", &[Apart::Losses]),
        ("ftp-two-connections", &[Apart::Addresses]),
    ];

    fn apart(builtin: &Builtin, what: Apart) -> bool {
        APART.iter().any(|(name, all)| *name == builtin.name && all.contains(&what))
    }

    pub fn main() -> ExitCode {
        let mut arguments = Arguments::from_args();
        arguments.test_threads = arguments.test_threads.or(Some(AT_ONCE));
        let skipped = if std::env::var_os("CI").is_some() { ExitCode::FAILURE } else { ExitCode::SUCCESS };
        if let Some(missing) = missing() {
            eprintln!("SKIPPED: {missing} is not installed");
            return skipped;
        }
        if let Err(why) = live::enter() {
            eprintln!("SKIPPED: {why}\n{}", why.remedy.en);
            return skipped;
        }
        libtest_mimic::run(&arguments, trials()).exit_code()
    }

    /// A command that the tests need and this machine has not.
    fn missing() -> Option<&'static str> {
        ["python3", "ip", "unshare", "setpriv"].into_iter().find(|command| {
            Command::new(command).arg("-V").stdout(Stdio::null()).stderr(Stdio::null()).status().is_err()
        })
    }

    fn trials() -> Vec<Trial> {
        // Those that wait longest begin, so that the others run meanwhile.
        let mut exportable = exportable();
        exportable.sort_by_cached_key(|(builtin, _)| {
            let trace = sim::run(&plan(builtin), &sim::Options { seed: 1, ..sim::Options::default() });
            std::cmp::Reverse(trace.records.last().map(|record| record.at))
        });
        let mut trials: Vec<Trial> = exportable
            .into_iter()
            .map(|(builtin, programs)| {
                let name = builtin.name.replace('-', "_");
                Trial::test(format!("the_programs_of_{name}_see_the_same_on_the_kernel"), move || {
                    sees_the_same(builtin, &programs)
                })
            })
            .collect();
        trials.extend([
            Trial::test("the_documents_list_what_can_be_exported", documents),
            Trial::test("both_languages_are_the_same_code", same_code),
            Trial::test("most_lessons_whose_programs_are_socket_calls_can_be_exported", most_lessons),
            Trial::test("nothing_in_a_scenario_ends_a_literal_or_a_comment", hostile),
            Trial::test("what_no_program_can_do_is_refused_at_its_place", refusals),
        ]);
        trials
    }

    fn plan(builtin: &Builtin) -> Plan {
        builtin.scenario().unwrap_or_else(|_| panic!("{} is a scenario", builtin.name)).default_plan().clone()
    }

    fn look(lang: Lang) -> Look {
        Look { lang, ..Look::default() }
    }

    fn made(builtin: &Builtin, lang: Lang) -> std::result::Result<Programs, Refusal> {
        python::programs(&plan(builtin), builtin.text, &look(lang))
    }

    fn exportable() -> Vec<(&'static Builtin, Programs)> {
        builtins().iter().filter_map(|builtin| Some((builtin, made(builtin, Lang::En).ok()?))).collect()
    }

    fn most_lessons() -> Result {
        let count = exportable().len();
        if count < LESSONS {
            return Err(format!("only {count} lessons can be exported").into());
        }
        Ok(())
    }

    /// The lists in the documents are what the exporter says; `UPDATE=1` writes them anew.
    fn documents() -> Result {
        for (file, lang) in [("python.md", Lang::En), ("python.zh.md", Lang::Zh)] {
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(file);
            let written = std::fs::read_to_string(&path)?;
            let [start, end] = ["<!-- lessons -->\n", "<!-- end -->"];
            let (head, rest) = written.split_once(start).ok_or("no beginning of the list")?;
            let (_, tail) = rest.split_once(end).ok_or("no end of the list")?;
            let made = format!("{head}{start}{}{end}{tail}", lessons(lang));
            if std::env::var_os("UPDATE").is_some() {
                std::fs::write(&path, made)?;
            } else if made != written {
                return Err(format!("docs/{file}: UPDATE=1 cargo test --test python writes it anew").into());
            }
        }
        Ok(())
    }

    /// What can be exported, and what stands in the way of the others.
    fn lessons(lang: Lang) -> String {
        let mut written = Vec::new();
        let mut refused: BTreeMap<String, Vec<&str>> = BTreeMap::new();
        for builtin in builtins() {
            match made(builtin, lang) {
                Ok(_) => written.push(format!("`{}`", builtin.name)),
                Err(refusal) => {
                    refused.entry(refusal.what.get(lang).to_owned()).or_default().push(builtin.name)
                }
            }
        }
        let (all, count, comma) = (builtins().len(), written.len(), lang.pick(", ", "、"));
        let mut text = lang.pick(
            format!("{count} of {all} lessons: {}.\n\n", written.join(comma)),
            format!("{all} 课中的 {count} 课：{}。\n\n", written.join(comma)),
        );
        text.push_str(lang.pick("| what stands in the way | lessons |\n", "| 障碍 | 课 |\n"));
        text.push_str("| --- | --- |\n");
        for (what, names) in refused {
            let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
            text.push_str(&format!("| {what} | {} |\n", names.join(comma)));
        }
        text
    }

    fn python(script: &str, input: &str) -> Result<Value> {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/python").join(script);
        let mut child = Command::new("python3")
            .arg(script)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("python3: {error}"))?;
        child.stdin.take().ok_or("no input")?.write_all(input.as_bytes())?;
        let output = child.wait_with_output()?;
        if !output.status.success() {
            return Err(format!("python3 could not read the programs:\n{input:.400}").into());
        }
        Ok(serde_json::from_slice(&output.stdout)?)
    }

    /// Of every lesson, in both languages.
    fn same_code() -> Result {
        let mut pairs: Vec<[String; 2]> = Vec::new();
        let mut names = Vec::new();
        for (builtin, english) in exportable() {
            let chinese =
                made(builtin, Lang::Zh).map_err(|refusal| format!("{}: {refusal}", builtin.name))?;
            for (one, other) in english.files.into_iter().zip(chinese.files) {
                let spoken = other.text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
                if one.text == other.text || !spoken {
                    return Err(format!("{}/{}: the comments are not Chinese", builtin.name, one.name).into());
                }
                names.push(format!("{}/{}", builtin.name, one.name));
                pairs.push([one.text, other.text]);
            }
        }
        let same = python("parse.py", &serde_json::to_string(&pairs)?)?;
        for (name, same) in names.iter().zip(same.as_array().ok_or("no answer")?) {
            if same != &Value::Bool(true) {
                return Err(format!("{name}: the code is another in Chinese").into());
            }
        }
        Ok(())
    }

    /// What the programs of a lesson saw, under the recorder, alone in a network namespace and without a privilege.
    fn run(builtin: &Builtin, programs: &Programs, endless: &BTreeSet<String>) -> Result<Value> {
        let folder = tempfile::tempdir()?;
        for file in &programs.files {
            std::fs::write(folder.path().join(&file.name), &file.text)?;
        }
        let start = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/python/start.py");
        let names = programs
            .order
            .iter()
            .map(|name| if endless.contains(name) { format!("~{name}") } else { name.clone() });
        let without_privilege = match apart(builtin, Apart::Algorithm) {
            true => "",
            false => "setpriv --inh-caps=-all --bounding-set=-all",
        };
        let output = Command::new("unshare")
            .args([
                "--net",
                "sh",
                "-c",
                &format!("ip link set lo up && exec {without_privilege} \"$@\""),
                "sh",
            ])
            .args([
                "python3",
                &start.to_string_lossy(),
                &folder.path().to_string_lossy(),
                &PATIENCE.to_string(),
            ])
            .args(names)
            .env("TMPDIR", folder.path())
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .output()?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            return Err(format!("{}: {said}", builtin.name).into());
        }
        Ok(serde_json::from_slice(&output.stdout)?)
    }

    /// A call and what it gave, as the recorder writes it.
    type Seen = (String, String);

    /// What each process's calls gave in the simulation, and who never ends there.
    fn simulated(plan: &Plan, trace: &Trace) -> (BTreeMap<String, Vec<Seen>>, BTreeSet<String>) {
        let mut seen: BTreeMap<String, Vec<Seen>> = BTreeMap::new();
        let mut open: BTreeSet<String> = BTreeSet::new();
        let name = |process: wirewalk::socket::ProcessId| {
            let info = &trace.meta.processes[process.index()];
            let known = plan.processes.get(process.index()).map(|process| process.name.as_str());
            if known == Some(info.name.as_str()) {
                format!("{}/{}", plan.hosts[info.host.index()].name, info.name)
            } else {
                format!("{}//{}", plan.hosts[info.host.index()].name, info.name)
            }
        };
        for process in &plan.processes {
            open.insert(format!("{}/{}", plan.hosts[process.host.index()].name, process.name));
        }
        for record in &trace.records {
            if let Event::ProcessEnded { process } = record.event {
                open.remove(&name(process));
            }
        }
        let mut unfinished: BTreeSet<String> = BTreeSet::new();
        for call in trace.calls() {
            let who = name(call.process);
            let Some(result) = call.result() else { continue };
            let Some(told) = told(call.call, call.text, result) else { continue };
            let list = seen.entry(who.clone()).or_default();
            // A sendall that took several rounds is one call.
            if unfinished.remove(&who) {
                list.pop();
            }
            let rest =
                matches!((call.call, result), (Call::Send { data, .. }, Return::Sent(n)) if *n < data.len());
            if told.0 == "sendall" && rest {
                unfinished.insert(who);
            }
            list.push(told);
        }
        (seen, open)
    }

    /// A simulated call as the recorder would have noted it; `None` for those that it does not note.
    fn told(call: &Call, text: &str, result: &Return) -> Option<Seen> {
        let name = match call {
            Call::Bind { .. } => "bind",
            Call::Listen { .. } => "listen",
            Call::Accept { .. } => "accept",
            Call::Connect { .. } => "connect",
            Call::Shutdown { .. } => "shutdown",
            Call::Send { .. } if text.contains("sendall(") => "sendall",
            Call::Send { .. } | Call::SendUrgent { .. } => "send",
            Call::SendTo { .. } => "sendto",
            Call::Recv { len: 0, .. } => "recvfrom",
            Call::Recv { .. } | Call::RecvUrgent { .. } => "recv",
            Call::RecvFrom { .. } => "recvfrom",
            Call::Receive { wanted, .. } if wanted.whole => "recvfrom_into",
            Call::Receive { .. } if text.contains("recvfrom(") => "recvfrom",
            Call::Receive { .. } => "recv",
            Call::Local(LocalCall::Bind { .. }) => "bind",
            Call::Local(LocalCall::Connect { .. }) => "connect",
            Call::Local(LocalCall::SendTo { .. }) => "sendto",
            _ => return None,
        };
        let hex = |data: &[u8]| data.iter().map(|octet| format!("{octet:02x}")).collect::<String>();
        let gave = match result {
            Return::Failed(errno) => errno.name().to_owned(),
            _ if name == "sendall" => "ok".to_owned(),
            Return::Sent(count) => count.to_string(),
            Return::Received(data) | Return::ReceivedFrom(data, _) => hex(data),
            Return::Local(LocalReturn::ReceivedFrom(data, _)) => hex(data),
            Return::Message(message) if name == "recvfrom_into" => message.length.to_string(),
            Return::Message(message) => hex(&message.data),
            _ => "ok".to_owned(),
        };
        Some((name.to_owned(), gave))
    }

    /// What the recorder noted in one of its threads.
    fn noted(calls: &Value) -> Vec<Seen> {
        let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        calls.as_array().into_iter().flatten().map(|call| (text(&call[0]), text(&call[1]))).collect()
    }

    /// The same with octets received one after the other put together.
    fn joined(calls: &[Seen]) -> Vec<Seen> {
        let mut found: Vec<Seen> = Vec::new();
        for (name, gave) in calls {
            match found.last_mut() {
                Some((last, all)) if last == "recv" && name == "recv" && !gave.starts_with('E') => {
                    all.push_str(gave)
                }
                _ => found.push((name.clone(), gave.clone())),
            }
        }
        found
    }

    /// The same without what was sent and received; errors stay.
    fn without_content(calls: &[Seen]) -> Vec<Seen> {
        let bare = |gave: &String| if gave.starts_with('E') { gave.clone() } else { String::new() };
        calls.iter().map(|(name, gave)| (name.clone(), bare(gave))).collect()
    }

    /// Where programs pause for some ten milliseconds so that another is first, a busy machine may let it be late: then the
    /// lesson is held again.
    fn sees_the_same(builtin: &Builtin, programs: &Programs) -> Result {
        const ATTEMPTS: u32 = 3;
        (1..ATTEMPTS)
            .find_map(|_| saw_the_same(builtin, programs).ok())
            .map_or_else(|| saw_the_same(builtin, programs), Ok)
    }

    fn saw_the_same(builtin: &Builtin, programs: &Programs) -> Result {
        let plan = plan(builtin);
        let measure = if apart(builtin, Apart::Losses) { python::bare(&plan) } else { plan.clone() };
        let trace = sim::run(&measure, &sim::Options { seed: 1, ..sim::Options::default() });
        let (expected, open) = simulated(&plan, &trace);
        let processes: Vec<String> = plan
            .processes
            .iter()
            .map(|process| format!("{}/{}", plan.hosts[process.host.index()].name, process.name))
            .collect();
        let endless: BTreeSet<String> = processes
            .iter()
            .zip(&programs.files)
            .filter(|(process, _)| open.contains(*process))
            .map(|(_, file)| file.name.clone())
            .collect();
        let found = run(builtin, programs, &endless)?;
        for (process, file) in processes.iter().zip(&programs.files) {
            let program = &found[&file.name];
            let said = program["said"].as_str().unwrap_or_default();
            let status = &program["status"];
            if status != 0 && !endless.contains(&file.name) {
                return Err(format!("{}/{}: {status}\n{said}", builtin.name, file.name).into());
            }
            let empty = Vec::new();
            let expected_calls = expected.get(process).unwrap_or(&empty);
            let calls = noted(&program["calls"]["MainThread"]);
            let same = if apart(builtin, Apart::Pieces) {
                joined(&calls) == joined(expected_calls)
            } else if apart(builtin, Apart::Addresses) || apart(builtin, Apart::Amounts) {
                without_content(&calls) == without_content(expected_calls)
            } else {
                &calls == expected_calls
            };
            // Who is ended had no time to note anything; who never ends in the simulation may get further here.
            let cut = open.contains(process) && (calls.is_empty() || calls.starts_with(expected_calls));
            if !same && !cut {
                return Err(format!(
                    "{}/{}: the calls gave\n{calls:?}\nin the scenario\n{expected_calls:?}\n{said}",
                    builtin.name, file.name
                )
                .into());
            }
        }
        threads_see_the_same(builtin, &plan, programs, &expected, &found)
    }

    /// Processes that `every` starts are threads: as many of each kind saw the same.
    fn threads_see_the_same(
        builtin: &Builtin,
        plan: &Plan,
        programs: &Programs,
        expected: &BTreeMap<String, Vec<Seen>>,
        found: &Value,
    ) -> Result {
        for host in &plan.hosts {
            let prefix = format!("{}//", host.name);
            let mut there: Vec<&Vec<Seen>> = expected
                .iter()
                .filter(|(name, _)| name.starts_with(&prefix))
                .map(|(_, calls)| calls)
                .collect();
            let mut here: Vec<Vec<Seen>> = Vec::new();
            for (process, file) in plan.processes.iter().zip(&programs.files) {
                if plan.hosts[process.host.index()].name == host.name {
                    let threads = found[&file.name]["calls"].as_object();
                    let others = threads.into_iter().flatten().filter(|(name, _)| *name != "MainThread");
                    here.extend(others.map(|(_, calls)| noted(calls)));
                }
            }
            // A copy that only closes what it has notes nothing.
            here.retain(|calls| !calls.is_empty());
            there.sort();
            here.sort();
            if !there.iter().copied().eq(here.iter()) {
                return Err(format!(
                    "{}: the threads saw\n{here:?}\nin the scenario\n{there:?}",
                    builtin.name
                )
                .into());
            }
        }
        Ok(())
    }

    /// What would end a literal or a comment, or do harm behind its end.
    const NASTY: [&str; 22] = [
        "\"",
        "'",
        "\"\"\"",
        "'''",
        "\\",
        "\\\"",
        "\n",
        "\r",
        "\r\n",
        "\u{b}",
        "\u{c}",
        "\u{85}",
        "\u{2028}",
        "\u{2029}",
        "\u{202e}",
        "\u{0}",
        "PWNED()",
        "#",
        "中文",
        "é",
        "\u{1f980}",
        "# -*- coding: utf-7 -*-\n",
    ];

    /// A text of nasty pieces; which, follows from the number.
    fn nasty(mut number: u64) -> String {
        let mut text = String::new();
        for _ in 0..6 {
            number = number.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            text.push_str(NASTY[(number >> 33) as usize % NASTY.len()]);
        }
        text
    }

    /// A TOML string that means this text.
    fn toml(text: &str) -> String {
        let escaped: String = text.chars().map(|c| format!("\\U{:08x}", u32::from(c))).collect();
        format!("\"{escaped}\"")
    }

    /// A scenario with nasty texts wherever a text may stand.
    fn nasty_scenario(number: u64) -> String {
        let (said, label, lesson) = (nasty(number), nasty(number + 1000), nasty(number + 2000));
        let comment: String = nasty(number + 3000).chars().filter(|c| *c != '\n').collect();
        let data: String = said.bytes().map(|octet| format!("\\x{octet:02x}")).collect();
        let in_quotes = |c: &char| !matches!(c, '"' | '\\' | '\n' | '\r');
        let label: String = label.chars().filter(in_quotes).chain("x".chars()).collect();
        let program = format!(
            "# {comment}\ns = socket(udp)\nbind(s, *:7)  # {comment}\nobserve \"{label}\"\n\
             sendto(s, \"{data}\", client:7)\nfrom = recv(s, 2000)  # {comment}\nfind(from, \"{data}\") == 0\n\
             settimeout(s, 1s)\nrecv(s, 9) fails EAGAIN\nclass = 1\nmax(class, 1) == 1\nimport = u8(class)\nlen(import) == 1\n"
        );
        format!(
            "title = {{ en = {0}, zh = {0} }}\nlesson = {{ en = {1}, zh = {1} }}\n[host.client]\nprogram = {2}\n",
            toml(&format!("t{}", lesson.replace(['\n', '\r'], " "))),
            toml(&format!("t{lesson}\n\n{said}")),
            toml(&program),
        )
    }

    fn hostile() -> Result {
        let mut pairs = Vec::new();
        let mut why = None;
        for number in 0..400 {
            let text = nasty_scenario(number);
            let scenario = match Scenario::parse("scenarios/tests/test.toml", &text) {
                Ok(scenario) => scenario,
                Err(mistakes) => {
                    why = mistakes.first().map(|mistake| mistake.render(Lang::En, false));
                    continue;
                }
            };
            let written = |lang| python::programs(scenario.default_plan(), &text, &look(lang));
            let (Ok(english), Ok(chinese)) = (written(Lang::En), written(Lang::Zh)) else {
                return Err(format!("{:?}\n{text}", written(Lang::En)).into());
            };
            pairs.push([english.files[0].text.clone(), chinese.files[0].text.clone()]);
        }
        if pairs.len() < 200 {
            return Err(format!("only {} of these scenarios can be read: {why:?}", pairs.len()).into());
        }
        // It reads them, so they are Python; and finds no name that a scenario slipped in.
        let same = python("parse.py", &serde_json::to_string(&pairs)?)?;
        match same.as_array().is_some_and(|all| all.iter().all(|one| one == &Value::Bool(true))) {
            true => Ok(()),
            false => Err(format!("{same}").into()),
        }
    }

    /// Line and words of what stands in the way of that scenario.
    fn refused(hosts: &str) -> Result<(usize, String)> {
        let text =
            format!("title = {{ en = \"t\", zh = \"t\" }}\nlesson = {{ en = \"l\", zh = \"l\" }}\n{hosts}");
        let scenario = Scenario::parse("scenarios/tests/test.toml", &text)
            .map_err(|mistakes| mistakes.iter().map(|m| m.render(Lang::En, false)).collect::<String>())?;
        match python::programs(scenario.default_plan(), &text, &look(Lang::En)) {
            Err(refusal) => {
                let remark = scenario.remark(refusal.place, refusal.what, None);
                Ok((remark.line, remark.message.en))
            }
            Ok(_) => Err("it was written".into()),
        }
    }

    fn refusals() -> Result {
        let one = |program: &str| {
            format!("[host.client]\nprogram = '''\ns = socket(tcp)\n{program}\n'''\n[host.server]\n")
        };
        for (hosts, line, what) in [
            (one("unplug server"), 6, "`unplug`"),
            (one("connect(s, AF_UNSPEC)"), 6, "connect with AF_UNSPEC"),
            (one("bind(s, server:9) fails EADDRNOTAVAIL"), 6, "bind with the address of another machine"),
            (one("\nr = socket(raw, icmp)"), 7, "a raw socket"),
            (one("if 1 == 1:\n  forget s"), 7, "`forget`"),
            ("[host.a]\naddress = \"10.0.0.1/24\"\n[host.b]\naddress = \"10.0.0.2/24\"\n[[link]]\nbetween = [\"a\", \"b\"]\n".to_owned(), 7, "a network of several links"),
        ] {
            let (found_line, found) = refused(&hosts)?;
            if (found_line, found.as_str()) != (line, what) {
                return Err(format!("line {found_line}: {found}, not line {line}: {what}").into());
            }
        }
        Ok(())
    }
}
