//! Runs on the real kernel. These tests are their own program: a user namespace must be entered before there is a second
//! thread. Where namespaces are forbidden they are skipped, loudly, and in CI they fail instead.

#[cfg(not(target_os = "linux"))]
fn main() {
    eprintln!("SKIPPED: the live side needs Linux");
}

#[cfg(target_os = "linux")]
mod common;

#[cfg(target_os = "linux")]
#[path = "common/record.rs"]
mod record;

#[cfg(target_os = "linux")]
fn main() -> std::process::ExitCode {
    linux::main()
}

#[cfg(target_os = "linux")]
mod linux {
    use super::common;
    use super::record::{self, Record, Seen};
    use libtest_mimic::{Arguments, Failed, Trial};
    use std::process::{Command, ExitCode};
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::sync::{Mutex, OnceLock};
    use wirewalk::clock::Span;
    use wirewalk::live::{self, Options, Outcome};
    use wirewalk::mib::Counter;
    use wirewalk::report::{Verdict, compare};
    use wirewalk::scenario::{LiveMode, Plan, Scenario};
    use wirewalk::sim;
    use wirewalk::tcp::State;
    use wirewalk::trace::{Event, Stop, Trace};
    use wirewalk::wire::{self, Checksums, Flags};

    type Result<T = ()> = std::result::Result<T, Failed>;

    /// Lessons at once: they mostly wait, but what they wait for must not come late.
    const AT_ONCE: usize = 4;

    /// Set for the process that shows that an ordinary user can do it too.
    const ORDINARY_USER: &str = "WIREWALK_TEST_ORDINARY_USER";

    /// What the ordinary user's process said; `None` if there is none, because this one is it already.
    static AS_ORDINARY_USER: OnceLock<Option<std::result::Result<(), String>>> = OnceLock::new();

    pub fn main() -> ExitCode {
        if std::env::var_os(ORDINARY_USER).is_some() {
            return as_ordinary_user();
        }
        let mut arguments = Arguments::from_args();
        // Before this process has a namespace of its own, in which there are no other users.
        let child = (!arguments.list && nix::unistd::geteuid().is_root()).then(run_as_ordinary_user);
        let _ = AS_ORDINARY_USER.set(child);
        if let Err(why) = live::enter() {
            eprintln!("SKIPPED: {why}\n{}", why.remedy.en);
            return if std::env::var_os("CI").is_some() { ExitCode::FAILURE } else { ExitCode::SUCCESS };
        }
        arguments.test_threads = arguments.test_threads.or(Some(AT_ONCE));
        let conclusion = libtest_mimic::run(&arguments, trials());
        if updates() {
            let seen = SEEN.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            record::write(&seen, &common::builtin_plans());
        }
        // By itself: the others measure times.
        let busy =
            libtest_mimic::run(&arguments, vec![Trial::test("four_busy_loops_change_nothing", busy_loops)]);
        if conclusion.has_failed() { conclusion.exit_code() } else { busy.exit_code() }
    }

    /// What comparing the lessons gave in this run.
    static SEEN: Mutex<Record> = Mutex::new(Record::new());

    fn updates() -> bool {
        std::env::var_os("UPDATE").is_some()
    }

    fn trials() -> Vec<Trial> {
        let mut trials: Vec<Trial> = common::builtin_plans()
            .into_iter()
            .filter(|(_, plan)| plan.live.impossible.is_none())
            .map(|(name, plan)| {
                Trial::test(format!("the_kernel_does_what_the_programs_of_{name}_say"), move || {
                    programs_hold(&plan)
                })
            })
            .collect();
        trials.extend([
            Trial::test("the_textbook_numbers_are_on_the_wire_every_time", textbook_numbers),
            Trial::test("the_textbook_numbers_are_on_a_wire_of_our_own_too", textbook_numbers_on_a_wire),
            Trial::test("half_open_limits_are_the_kernels", half_open_limits),
            Trial::test("a_cable_that_is_pulled_and_put_back_is_the_same_on_the_kernel", pulled_cable),
            Trial::test("stations_that_share_a_wire_are_the_same_on_the_kernel", shared_wire),
            Trial::test("a_queue_that_marks_early_is_the_same_on_the_kernel", early_marks),
            Trial::test("an_ordinary_user_can_do_it", ordinary_user),
            Trial::test("a_run_leaves_nothing_behind", nothing_left),
            Trial::test("what_never_ends_is_stopped_and_proves_nothing", never_ends),
            Trial::test("a_flood_never_leaves_its_namespace", flood_stays_inside),
        ]);
        trials
    }

    fn run(plan: &Plan) -> Result<Outcome> {
        run_with(plan, &Options { seed: 1, ..Options::default() })
    }

    fn run_with(plan: &Plan, options: &Options) -> Result<Outcome> {
        Ok(live::run(plan, options).map_err(|error| format!("{error}"))?)
    }

    fn ensure(holds: bool, what: impl FnOnce() -> String) -> Result {
        if holds { Ok(()) } else { Err(what().into()) }
    }

    /// The run proves something, and every check that its programs make held.
    fn sound(plan: &Plan, outcome: &Outcome) -> Result {
        ensure(outcome.inconclusive.is_empty(), || format!("{}: {:?}", plan.name, outcome.inconclusive))?;
        for record in &outcome.trace.records {
            if let Event::Checked { text, held: false, required: true, actual, .. } = &record.event {
                return Err(format!("{}: at {} `{text}`, but it was {actual}", plan.name, record.at).into());
            }
        }
        let frames = frames(&outcome.trace)?;
        ensure(!frames.is_empty(), || format!("{}: no frame was seen", plan.name))
    }

    fn programs_hold(plan: &Plan) -> Result {
        let outcome = run(plan)?;
        sound(plan, &outcome)?;
        let last = outcome.trace.records.last().map(|record| &record.event);
        ensure(matches!(last, Some(Event::Stopped(Stop::Finished | Stop::Until | Stop::Deadlock))), || {
            format!("{}: ended with {last:?}", plan.name)
        })?;
        as_recorded(plan, &outcome)
    }

    /// Compared with the simulation it gives what the documents say.
    fn as_recorded(plan: &Plan, outcome: &Outcome) -> Result {
        let options = sim::Options { seed: 1, until: plan.live.quick_until, ..sim::Options::default() };
        let simulated = sim::run(plan, &options);
        let comparison = compare(plan, &simulated, &outcome.trace, &outcome.inconclusive);
        let seen = Seen::of(&comparison);
        ensure(seen.settles(), || {
            format!("{}: {:?} {:?}", seen.verdict, comparison.differences, comparison.inconclusive)
        })?;
        if updates() {
            let mut all = SEEN.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            all.insert(plan.name.clone(), seen);
            return Ok(());
        }
        let known = record::read().remove(&plan.name);
        ensure(known.as_ref() == Some(&seen), || {
            format!("recorded is {known:?}, seen {seen:?}: UPDATE=1 cargo test --test live records it anew")
        })
    }

    /// Every frame, with checksums that are right.
    fn frames(trace: &Trace) -> Result<Vec<wire::Packet>> {
        let mut packets = Vec::new();
        for record in &trace.records {
            if let Event::FrameSent { frame, .. } = &record.event {
                let packet = wire::parse_with(frame, Checksums::Verify);
                packets.push(packet.map_err(|error| format!("a frame at {}: {error:?}", record.at))?);
            }
        }
        Ok(packets)
    }

    /// Flags, sequence and acknowledgment number of each segment.
    fn numbers(trace: &Trace) -> Result<Vec<(Flags, u32, u32)>> {
        let frames = frames(trace)?;
        let segments = frames.iter().filter_map(|packet| packet.tcp());
        Ok(segments.map(|segment| (segment.flags, segment.seq.0, segment.ack.0)).collect())
    }

    fn builtin(name: &str) -> Plan {
        let found = common::builtin_plans().into_iter().find(|(known, _)| *known == name);
        found.unwrap_or_else(|| panic!("no scenario {name}")).1
    }

    /// The scenario is the same simulated and on the kernel.
    fn same(text: &str) -> Result {
        let texts = "title = { en = 'a', zh = 'b' }\nlesson = { en = 'c', zh = 'd' }\n";
        let scenario = Scenario::parse("t.toml", &format!("{texts}{text}"));
        let plan = scenario.map_err(|wrong| format!("{}", wrong[0]))?.default_plan().clone();
        let simulated = sim::run(&plan, &sim::Options { seed: 1, ..sim::Options::default() });
        let outcome = run(&plan)?;
        let compared = compare(&plan, &simulated, &outcome.trace, &outcome.inconclusive);
        let fine = matches!(compared.verdict, Verdict::Same | Verdict::Explained);
        ensure(fine, || {
            format!("{:?}: {:?} {:?}", compared.verdict, compared.differences, compared.inconclusive)
        })
    }

    /// The kernel notices after at most a second that a link is down: then it forgets whom it asked for by ARP, throws away
    /// what is to go out, asks again when the link is back; a bridge forgets too.
    fn pulled_cable() -> Result {
        same(
            "[host.a]\naddress = '10.0.0.1/24'\nprogram = \'\'\'\ns = socket(udp)\nconnect(s, b:7)\nsend(s, \"one\")\nrecv(s, 10) == \"here\"\n\
             unplug a from s1\nsleep 1500ms\nsend(s, \"lost\")\nsleep 300ms\nplug a into s1\nsleep 1500ms\nsend(s, \"three\")\nrecv(s, 10) == \"here\"\n\'\'\'\n\
             [switch.s1]\n[host.b]\naddress = '10.0.0.2/24'\nprogram = \'\'\'\nu = socket(udp)\nbind(u, *:7)\nwhile true:\n  data, asker = recvfrom(u, 100)\n  sendto(u, \"here\", asker)\n\'\'\'\n\
             [host.c]\naddress = '10.0.0.3/24'\n[wire]\narp = true\ndelay = '5ms'\n\
             [[link]]\nbetween = ['a', 's1']\n[[link]]\nbetween = ['b', 's1']\n[[link]]\nbetween = ['c', 's1']\n",
        )
    }

    fn shared_wire() -> Result {
        let sender = |name: &str, last: u8| {
            format!(
                "[host.{name}]\naddress = '10.0.0.{last}/24'\nprogram = \'\'\'\ns = socket(udp)\nconnect(s, c:7)\nrepeat 3:\n  send(s, \"x\" * 1000)\n\'\'\'\n"
            )
        };
        let link = |name: &str| format!("[[link]]\nbetween = ['{name}', 'h']\nduplex = 'half'\n");
        same(&format!(
            "{}{}[host.c]\naddress = '10.0.0.3/24'\nprogram = \'\'\'\nu = socket(udp)\nbind(u, *:7)\nrepeat 6:\n  recv(u, 2000)\n\'\'\'\n[hub.h]\n\
             [wire]\nrate = '100kB/s'\ndelay = '2us'\n{}{}{}",
            sender("a", 1),
            sender("b", 2),
            link("a"),
            link("b"),
            link("c")
        ))
    }

    /// Our own queue marks between two kernels, and they take the marks as the simulator's stacks do.
    fn early_marks() -> Result {
        let host = |name: &str, last: u8, program: &str| {
            format!(
                "[host.{name}]\naddress = '10.0.0.{last}/24'\nsysctl = {{ tcp_ecn = 1 }}\nprogram = \'\'\'\n{program}\'\'\'\n"
            )
        };
        let a = host(
            "a",
            1,
            "when b LISTEN\ns = socket(tcp)\nconnect(s, b:80)\nsendall(s, \"x\" * 20000)\nclose(s)\n",
        );
        let b = host(
            "b",
            2,
            "l = socket(tcp)\nbind(l, *:80)\nlisten(l, 1)\nc = accept(l)\nwhile recv(c, 65536) != \"\":\n  sleep 0ms\nclose(c)\n",
        );
        same(&format!(
            "{a}{b}[[link]]\nbetween = ['a', 'b']\ndelay = '20ms'\nrate = '1Mbit/s'\nred = {{ min = 2, max = 60, probability = 1, weight = 1, ecn = true }}\n"
        ))
    }

    fn handshake(mode: LiveMode) -> Result {
        let plan = builtin("three-way-handshake");
        let outcome = run_with(&plan, &Options { mode: Some(mode), seed: 1, ..Options::default() })?;
        sound(&plan, &outcome)?;
        let seen = numbers(&outcome.trace)?;
        let wanted = [
            (Flags::SYN, 1_234_567, 0),
            (Flags::SYN | Flags::ACK, 7_654_321, 1_234_568),
            (Flags::ACK, 1_234_568, 7_654_322),
        ];
        ensure(seen == wanted, || format!("{seen:?}"))
    }

    fn textbook_numbers() -> Result {
        (0..5).try_for_each(|_| handshake(LiveMode::Loopback))
    }

    fn textbook_numbers_on_a_wire() -> Result {
        (0..3).try_for_each(|_| handshake(LiveMode::Wire))
    }

    /// A listener that nobody but an attacker talks to.
    fn flooded(backlog: u32, max_syn_backlog: u32, rate: u32) -> Plan {
        common::plan(&format!(
            "title = {{ en = 'flooded', zh = '洪泛' }}\n\
             lesson = {{ en = 'half-open limits', zh = '半连接上限' }}\n\
             [host.server]\n\
             sysctl = {{ tcp_syncookies = 0, tcp_max_syn_backlog = {max_syn_backlog} }}\n\
             program = '''\n  l = socket(tcp)\n  bind(l, *:8080)\n  listen(l, {backlog})\n  sleep 700ms\n'''\n\
             [host.attacker]\n\
             actor = true\n\
             owns = ['198.18.0.0/15']\n\
             program = '''\n  when server LISTEN\n  \
             flood(server:8080, rate = {rate}, for = 200ms, from = 198.18.0.0/15)\n'''\n"
        ))
    }

    fn most_half_open(trace: &Trace) -> u64 {
        let lengths = trace.records.iter().filter_map(|record| match record.event {
            Event::Queue { queue: "half-open", length, .. } => Some(length),
            _ => None,
        });
        lengths.max().unwrap_or(0)
    }

    fn half_open_limits() -> Result {
        // Kernels before 6.14 keep one entry fewer by the first of the two limits.
        let release = nix::sys::utsname::uname().map_err(|error| error.to_string())?;
        let more = u64::from(!live::half_open_limit_lacks_one(&release.release().to_string_lossy()));
        for backlog in [16, 64, 128] {
            for max_syn_backlog in [16, 64, 128, 256] {
                let outcome = run(&flooded(backlog, max_syn_backlog, 2_000))?;
                ensure(outcome.inconclusive.is_empty(), || format!("{:?}", outcome.inconclusive))?;
                let wanted = (u64::from(backlog) + more)
                    .min(u64::from(max_syn_backlog) - u64::from(max_syn_backlog / 4) + 1);
                let found = most_half_open(&outcome.trace);
                ensure(found == wanted, || {
                    format!("backlog {backlog}, max_syn_backlog {max_syn_backlog}: {found}, not {wanted}")
                })?;
            }
        }
        Ok(())
    }

    fn busy_loops() -> Result {
        static STOP: AtomicBool = AtomicBool::new(false);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    while !STOP.load(Ordering::Relaxed) {
                        std::hint::spin_loop();
                    }
                });
            }
            let result = under_load();
            STOP.store(true, Ordering::Relaxed);
            result
        })
    }

    fn under_load() -> Result {
        for name in ["three-segment-close", "simultaneous-close", "lost-syn-ack"] {
            let plan = builtin(name);
            let first = run(&plan)?;
            sound(&plan, &first)?;
            let again = run(&plan)?;
            sound(&plan, &again)?;
            let flags = |outcome: &Outcome| -> Result<Vec<Flags>> {
                Ok(numbers(&outcome.trace)?.into_iter().map(|(flags, ..)| flags).collect())
            };
            let (one, other) = (flags(&first)?, flags(&again)?);
            ensure(one == other, || format!("{name}: {one:?}, then {other:?}"))?;
        }
        Ok(())
    }

    /// This very program, as the user `nobody`, from a place that everybody may read.
    fn run_as_ordinary_user() -> std::result::Result<(), String> {
        use std::os::unix::fs::PermissionsExt;
        use std::os::unix::process::CommandExt;
        let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
        let copy = folder.path().join("live");
        let readable = std::fs::Permissions::from_mode(0o755);
        std::env::current_exe()
            .and_then(|own| std::fs::copy(own, &copy))
            .and_then(|_| std::fs::set_permissions(folder.path(), readable))
            .map_err(|error| error.to_string())?;
        const NOBODY: u32 = 65534;
        let output = Command::new(&copy)
            .env_clear()
            .env(ORDINARY_USER, "1")
            .current_dir("/")
            .uid(NOBODY)
            .gid(NOBODY)
            .output()
            .map_err(|error| error.to_string())?;
        if output.status.success() {
            Ok(())
        } else {
            Err(String::from_utf8_lossy(&output.stderr).into_owned())
        }
    }

    fn as_ordinary_user() -> ExitCode {
        let result = match live::enter() {
            Err(why) => Err(Failed::from(format!("{why}; {}", why.remedy.en))),
            Ok(()) => handshake(LiveMode::Loopback)
                .and_then(|()| programs_hold(&builtin("lost-syn-ack")))
                .and_then(|()| half_open(&flooded(16, 64, 1_000), 17)),
        };
        match result {
            Ok(()) => ExitCode::SUCCESS,
            Err(why) => {
                eprintln!("{}", why.message().unwrap_or("failed"));
                ExitCode::FAILURE
            }
        }
    }

    /// At least so many half-open connections were seen: raw sockets work.
    fn half_open(plan: &Plan, at_least: u64) -> Result {
        let outcome = run(plan)?;
        let found = most_half_open(&outcome.trace);
        ensure(found + 1 >= at_least, || format!("{found} half-open connections"))
    }

    fn ordinary_user() -> Result {
        match AS_ORDINARY_USER.get() {
            Some(Some(Err(why))) if std::env::var_os("CI").is_none() && why.contains("not let you make") => {
                eprintln!("SKIPPED: {why}");
                Ok(())
            }
            Some(Some(result)) => Ok(result.clone()?),
            // This process is an ordinary user's: every other test shows it.
            Some(None) | None => Ok(()),
        }
    }

    fn nothing_left() -> Result {
        // Other trials run beside this one and hold descriptors of their own: a process of its own counts exactly.
        let counted = || -> Result<usize> {
            let namespaces = std::fs::read_dir("/proc/self/fd").map_err(|error| error.to_string())?;
            let held = namespaces.filter_map(|entry| std::fs::read_link(entry.ok()?.path()).ok());
            Ok(held.filter(|target| target.to_string_lossy().starts_with("net:")).count())
        };
        for mode in [LiveMode::Loopback, LiveMode::Wire] {
            let plan = builtin("connection-refused");
            run_with(&plan, &Options { mode: Some(mode), ..Options::default() })?;
        }
        // The most that eight runs side by side can hold at once; what is left behind by each of many would exceed it.
        let before = counted()?;
        for _ in 0..40 {
            run(&builtin("connection-refused"))?;
        }
        let after = counted()?;
        ensure(after < before + 40, || format!("{before} namespaces held before 40 runs, {after} after"))
    }

    fn never_ends() -> Result {
        let plan = common::plan(
            "title = { en = 'stuck', zh = '停不下来' }\n\
             lesson = { en = 'a loop without end', zh = '没有尽头的循环' }\n\
             [host.server]\n\
             program = '''\n  while true:\n    sleep 10ms\n'''\n\
             [host.client]\n\
             program = '''\n  s = socket(udp)\n'''\n",
        );
        let options = Options { bound: Some(Span::millis(300)), ..Options::default() };
        let outcome = run_with(&plan, &options)?;
        ensure(!outcome.inconclusive.is_empty(), || "it counts as conclusive".to_owned())?;
        let last = outcome.trace.records.last().map(|record| &record.event);
        ensure(matches!(last, Some(Event::Stopped(Stop::Limit(_)))), || format!("{last:?}"))?;
        let end = outcome.trace.end();
        ensure(end.as_millis() < 3_000, || format!("stopped after {end}"))
    }

    fn flood_stays_inside() -> Result {
        let before = sent_by_this_machine()?;
        let outcome = run(&flooded(64, 256, 5_000))?;
        let dropped: u64 = outcome
            .trace
            .records
            .iter()
            .filter_map(|record| match record.event {
                Event::Counted { counter: Counter::ListenDrops, by } => Some(by),
                _ => None,
            })
            .sum();
        ensure(dropped > 500, || format!("{dropped} SYNs dropped: the flood did not happen"))?;
        // Nothing of the flood's thousand packets shows on the cards outside the namespace.
        let after = sent_by_this_machine()?;
        for (card, sent) in after {
            let earlier = before.iter().find(|(known, _)| *known == card).map_or(0, |(_, sent)| *sent);
            ensure(sent - earlier < 500, || format!("{card} sent {} packets meanwhile", sent - earlier))?;
        }
        let states = outcome.trace.records.iter().any(|record| match &record.event {
            Event::StatesObserved { states, .. } => states.iter().any(|(_, state)| *state == State::Listen),
            _ => false,
        });
        ensure(!states, || "the listener outlived its process".to_owned())
    }

    /// Packets sent by each card of the namespace this process was started in.
    fn sent_by_this_machine() -> Result<Vec<(String, u64)>> {
        let text = std::fs::read_to_string("/proc/net/dev").map_err(|error| error.to_string())?;
        let cards = text.lines().filter_map(|line| {
            let (name, numbers) = line.split_once(':')?;
            let sent = numbers.split_whitespace().nth(9)?.parse().ok()?;
            Some((name.trim().to_owned(), sent))
        });
        Ok(cards.filter(|(name, _)| name != "lo").collect())
    }
}
