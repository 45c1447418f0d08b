//! Every claim has its lessons, every lesson its claims, and `docs/claims.md` says what came of them.
//! `UPDATE=1 cargo test --test claims` writes that document in both languages.

mod common;
#[path = "common/record.rs"]
mod record;

use record::{Record, Seen};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;
use wirewalk::claims::{self, Claim};
use wirewalk::lang::Lang;
use wirewalk::report::{grouped, judge};
use wirewalk::scenario::{self, Plan, builtins};
use wirewalk::sim;

/// The calls of a program that uses sockets, each with the names it may have in lessons.
const CALLS: &[(&str, &[&str])] = &[
    ("socket", &["socket("]),
    ("bind", &["bind("]),
    ("listen", &["listen("]),
    ("accept", &["accept("]),
    ("connect", &["connect("]),
    ("connect_ex", &["connect_ex"]),
    ("send", &["send("]),
    ("sendall", &["sendall("]),
    ("sendto", &["sendto("]),
    ("recv", &["recv("]),
    ("recvfrom", &["recvfrom("]),
    ("shutdown", &["shutdown("]),
    ("close", &["close("]),
    ("getsockname", &["getsockname("]),
    ("getpeername", &["getpeername("]),
    ("getsockopt", &["getsockopt("]),
    ("setsockopt", &["setsockopt("]),
    ("setblocking", &["setblocking("]),
    ("settimeout", &["settimeout("]),
    ("gettimeout", &["gettimeout"]),
    ("fileno", &["fileno"]),
    ("makefile", &["makefile"]),
    ("select/poll", &["select(", "poll("]),
];

/// At most so many lessons of a hundred may have nothing to be compared with.
const NOT_COMPARABLE: usize = 15;

/// A lesson with what came of it.
struct Lesson {
    name: &'static str,
    path: String,
    plan: Plan,
    /// Expectations that held, of how many.
    held: [usize; 2],
}

/// All lessons in the order of the catalogue, simulated.
fn lessons() -> Vec<Lesson> {
    let catalog = scenario::catalog().expect("no lesson has mistakes");
    let simulated = |entry: &scenario::Lesson| {
        let builtin = scenario::find(entry.name).expect("built in");
        let plan = builtin.scenario().expect("without mistakes").default_plan().clone();
        let trace = sim::run(&plan, &sim::Options { seed: 1, ..sim::Options::default() });
        let judged = grouped(&judge(&plan, &trace));
        let held = judged.iter().filter(|one| one.held).count();
        Lesson { name: entry.name, path: builtin.path(), plan, held: [held, judged.len()] }
    };
    catalog.scenarios.iter().map(simulated).collect()
}

/// The default plans by name.
fn plans() -> Vec<(&'static str, Plan)> {
    common::builtin_plans()
}

#[test]
fn every_claim_is_settled_by_a_lesson() {
    let settled: BTreeSet<String> = plans().into_iter().flat_map(|(_, plan)| plan.claims).collect();
    let open: Vec<&str> =
        claims::claims().map(|claim| claim.id.as_str()).filter(|id| !settled.contains(*id)).collect();
    assert!(open.is_empty(), "no lesson settles {}", open.join(", "));
}

#[test]
fn every_lesson_settles_a_claim_or_says_what_it_is_for() {
    for (name, plan) in plans() {
        let named: BTreeSet<&String> = plan.claims.iter().collect();
        assert_eq!(named.len(), plan.claims.len(), "{name} names a claim twice");
        assert!(
            !plan.claims.is_empty() || plan.beyond.is_some(),
            "{name} has neither `claims` nor `beyond`: nobody knows what it is for"
        );
        if let Some(beyond) = &plan.beyond {
            assert!(!beyond.en.is_empty() && !beyond.zh.is_empty(), "{name}: a language is missing");
        }
    }
}

#[test]
fn every_socket_call_is_shown_by_a_lesson() {
    let missing: Vec<&str> =
        CALLS.iter().filter(|(_, forms)| showing(forms).is_empty()).map(|(call, _)| *call).collect();
    assert!(missing.is_empty(), "no lesson shows {}", missing.join(", "));
}

/// The lessons whose file has one of these forms of a call, not as a part of another word.
fn showing(forms: &[&str]) -> Vec<&'static str> {
    let stands = |text: &str, form: &str| {
        text.match_indices(form)
            .any(|(at, _)| !text[..at].ends_with(|c: char| c.is_ascii_alphanumeric() || c == '_' || c == '.'))
    };
    let order: Vec<&str> =
        scenario::catalog().expect("no mistakes").scenarios.iter().map(|lesson| lesson.name).collect();
    let mut found: Vec<&str> = builtins()
        .iter()
        .filter(|builtin| forms.iter().any(|form| stands(builtin.text, form)))
        .map(|builtin| builtin.name)
        .collect();
    found.sort_by_key(|name| order.iter().position(|other| other == name));
    found
}

#[test]
fn every_lesson_was_compared_with_the_kernel_and_nothing_is_different() {
    let record = record::read();
    for (name, plan) in plans() {
        let Some(seen) = record.get(name) else {
            panic!("{name} was never compared: UPDATE=1 cargo test --test live records it")
        };
        assert!(seen.settles(), "{name} is recorded as {}", seen.verdict);
        let impossible = Seen::never(&plan);
        assert_eq!(impossible.is_some(), seen.verdict == "not comparable", "{name}: the record is old");
        assert!(impossible.is_none_or(|why| why == *seen), "{name}: the record is old");
    }
    let known: BTreeSet<&str> = plans().into_iter().map(|(name, _)| name).collect();
    let gone: Vec<&String> = record.keys().filter(|name| !known.contains(name.as_str())).collect();
    assert!(gone.is_empty(), "there are no such lessons: {gone:?}");
}

#[test]
fn what_cannot_be_compared_says_why_in_a_sentence_and_is_seldom() {
    let plans = plans();
    let impossible: Vec<_> =
        plans.iter().filter_map(|(name, plan)| Some((name, plan.live.impossible.as_ref()?))).collect();
    for (name, why) in &impossible {
        assert!(why.en.len() >= 20 && why.zh.chars().count() >= 8, "{name}: {why:?} is no reason");
    }
    let [some, all] = [impossible.len(), plans.len()];
    assert!(some * 100 <= all * NOT_COMPARABLE, "{some} of {all} lessons cannot be compared");
}

#[test]
fn the_document_of_claims_says_what_came_of_them() {
    let lessons = lessons();
    let record = record::read();
    for (lang, path) in [(Lang::En, "docs/claims.md"), (Lang::Zh, "docs/claims.zh.md")] {
        hold(path, &document(&lessons, &record, lang));
    }
    for lesson in &lessons {
        let [held, all] = lesson.held;
        assert!(all > 0 && held == all, "{}: {held} of {all} expectations held", lesson.name);
    }
}

/// Compares a generated document with the one in the repository, or writes it.
fn hold(path: &str, made: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&file, made).unwrap();
        return;
    }
    let kept = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(kept == made, "{path} is not what the lessons give: UPDATE=1 cargo test --test claims writes it");
}

fn document(lessons: &[Lesson], record: &Record, lang: Lang) -> String {
    let mut made = opening(lessons, record, lang);
    for group in claims::groups() {
        let head =
            lang.pick("| id | claim | verdict and truth | lessons |", "| 编号 | 说法 | 判定与实情 | 课程 |");
        write!(made, "\n## {}\n\n{head}\n| --- | --- | --- | --- |\n", group.title.get(lang)).unwrap();
        for claim in &group.claim {
            row(claim, lessons, record, lang, &mut made);
        }
    }
    made.push_str(lang.pick(
        "\n## Socket calls\n\n| call | lessons that make it or speak of it |\n| --- | --- |\n",
        "\n## 套接字调用\n\n| 调用 | 用到或讲到它的课程 |\n| --- | --- |\n",
    ));
    for (call, forms) in CALLS {
        let names: Vec<String> =
            showing(forms).into_iter().take(MOST).map(|name| link(name, lessons)).collect();
        writeln!(made, "| `{call}` | {} |", names.join(" ")).unwrap();
    }
    beyond(lessons, record, lang, &mut made);
    explained(lessons, record, lang, &mut made);
    made
}

/// So many lessons are named for a call.
const MOST: usize = 6;

fn opening(lessons: &[Lesson], record: &Record, lang: Lang) -> String {
    let settled: BTreeSet<&str> =
        lessons.iter().flat_map(|lesson| &lesson.plan.claims).map(String::as_str).collect();
    let [mut claims, mut bugs] = [[0; 2]; 2];
    for claim in claims::claims() {
        let count = if claim.id.starts_with("BUG") { &mut bugs } else { &mut claims };
        count[0] += usize::from(settled.contains(claim.id.as_str()));
        count[1] += 1;
    }
    let called = CALLS.iter().filter(|(_, forms)| !showing(forms).is_empty()).count();
    let held: usize = lessons.iter().map(|lesson| lesson.held[0]).sum();
    let expected: usize = lessons.iter().map(|lesson| lesson.held[1]).sum();
    let of = |verdict: &str| record.values().filter(|seen| seen.verdict == verdict).count();
    let [same, explained, never] = ["same", "explained", "not comparable"].map(of);
    lang.pick(
        format!(
            "# Claims\n\nWhat learners are told about TCP, UDP and sockets, whether it is true, and the lessons that prove it. Generated: the words are \
             `src/claims/claims.toml`, the simulated results come from running every lesson, the live ones from \
             `tests/claims/live.toml`, which the live tests record and hold.\n\n\
             {} of {} claims, {} of {} mistakes in programs, and {called} of {} socket calls have lessons. Of {} lessons \
             {held} of {expected} expectations hold simulated; beside the real kernel {same} are the same, {explained} are \
             explained (every difference is named and cited), {never} cannot be compared and say why.\n\n\
             Beside each lesson stands what came of it: the expectations that held, and the comparison with the kernel (= the same, \
             ≈ explained, – not comparable). `wirewalk explain CL-19` tells of one claim, `wirewalk list --claims` of all.\n",
            claims[0], claims[1], bugs[0], bugs[1], CALLS.len(), lessons.len(),
        ),
        format!(
            "# 说法\n\n关于 TCP、UDP 和套接字，学习者常听到哪些说法，对不对，由哪些课程证明。本页是生成的：文字来自 `src/claims/claims.toml`，\
             模拟的结果来自运行每一课，真实的结果来自 `tests/claims/live.toml`，由真实运行的测试记录并核对。\n\n\
             {} 条说法中 {} 条、{} 处程序错误中 {} 处、{} 个套接字调用中 {called} 个有课程。共 {} 课，模拟时 {expected} 项预期中有 {held} 项成立；\
             与真实内核对照，{same} 课相同，{explained} 课有解释（每处不同都指明并给出依据），{never} 课无法对照并说明了原因。\n\n\
             每一课旁边写着结果：成立的预期数，以及与内核对照的结论（= 相同，≈ 有解释，– 无法对照）。`wirewalk explain CL-19` 说明一条说法，\
             `wirewalk list --claims` 列出全部。\n",
            claims[1], claims[0], bugs[1], bugs[0], CALLS.len(), lessons.len(),
        ),
    )
}

fn row(claim: &Claim, lessons: &[Lesson], record: &Record, lang: Lang, made: &mut String) {
    let settling = lessons.iter().filter(|lesson| lesson.plan.claims.contains(&claim.id));
    let settling: Vec<String> = settling.map(|lesson| with_result(lesson, record)).collect();
    let [says, truth] = [&claim.says, &claim.truth].map(|text| text.get(lang).replace('|', "\\|"));
    let verdict = claim.verdict.word(lang);
    let stop = lang.pick(". ", "。");
    writeln!(made, "| {} | {says} | **{verdict}**{stop}{truth} | {} |", claim.id, settling.join("<br>"))
        .unwrap();
}

/// `[name](path) 5/5 =`
fn with_result(lesson: &Lesson, record: &Record) -> String {
    let sign = match record.get(lesson.name).map(|seen| seen.verdict.as_str()) {
        Some("same") => "=",
        Some("explained") => "≈",
        Some("not comparable") => "–",
        Some(_) | None => "?",
    };
    let [held, all] = lesson.held;
    format!("[`{}`](../{}) {held}/{all} {sign}", lesson.name, lesson.path)
}

fn link(name: &str, lessons: &[Lesson]) -> String {
    let path = lessons.iter().find(|lesson| lesson.name == name).map_or("", |lesson| &lesson.path);
    format!("[`{name}`](../{path})")
}

fn beyond(lessons: &[Lesson], record: &Record, lang: Lang, made: &mut String) {
    made.push_str(lang.pick(
        "\n## Beyond the claims\n\n| lesson | what it teaches |\n| --- | --- |\n",
        "\n## 说法之外\n\n| 课程 | 讲什么 |\n| --- | --- |\n",
    ));
    for lesson in lessons {
        let Some(beyond) = &lesson.plan.beyond else { continue };
        writeln!(made, "| {} | {} |", with_result(lesson, record), beyond.get(lang)).unwrap();
    }
}

/// The sentences of the comparison, each with the lessons that need it.
fn explained(lessons: &[Lesson], record: &Record, lang: Lang, made: &mut String) {
    made.push_str(lang.pick(
        "\n## Beside the kernel\n\nWhat explains a difference, or why nothing is compared. Of all lessons that are not named here everything compared is the same.\n\n| why | lessons |\n| --- | --- |\n",
        "\n## 与内核对照\n\n用什么解释差异，或为何无法对照。这里没有列出的课程，比较的一切都相同。\n\n| 原因 | 课程 |\n| --- | --- |\n",
    ));
    let mut reasons: Vec<(&str, Vec<&Lesson>)> = Vec::new();
    for lesson in lessons {
        for because in record.get(lesson.name).map_or(&[][..], |seen| &seen.because) {
            let because = because.get(lang);
            match reasons.iter_mut().find(|(known, _)| *known == because) {
                Some((_, needing)) => needing.push(lesson),
                None => reasons.push((because, vec![lesson])),
            }
        }
    }
    for (because, needing) in reasons {
        let needing: Vec<String> = needing.into_iter().map(|lesson| with_result(lesson, record)).collect();
        let because = because.replace('\n', " ").replace('|', "\\|");
        writeln!(made, "| {because} | {} |", needing.join("<br>")).unwrap();
    }
}
