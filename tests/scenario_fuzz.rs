//! Any text at all, and scenario files with something changed: the reader never panics, and always says where.

use proptest::prelude::*;
use wirewalk::lang::Lang;
use wirewalk::scenario::{Process, Scenario, builtins, parse_pattern, template};

/// Reads the text; every mistake must be inside it and renderable.
fn read(text: &str) {
    match Scenario::parse("fuzz.toml", text) {
        Ok(scenario) => {
            for process in &scenario.default_plan().processes {
                let _ = Process::new(process);
            }
        }
        Err(mistakes) => {
            assert!(!mistakes.is_empty(), "a refusal without a reason");
            for mistake in mistakes.iter().take(5) {
                assert!(mistake.span.end <= text.len() && mistake.line >= 1 && mistake.column >= 1);
                assert!(
                    !mistake.render(Lang::En, false).is_empty() && !mistake.render(Lang::Zh, true).is_empty()
                );
            }
        }
    }
}

/// A valid file with one stretch replaced by something else.
fn mutated() -> impl Strategy<Value = String> {
    let texts: Vec<String> = builtins()
        .iter()
        .map(|builtin| builtin.text.to_owned())
        .chain([template(Lang::En), template(Lang::Zh)])
        .collect();
    let scraps = prop_oneof![
        "[ -~\n]{0,12}",
        "\\PC{0,6}",
        Just("'''".to_owned()),
        Just("\"".to_owned()),
        Just("$lost".to_owned()),
        Just("${".to_owned()),
        Just("\\u4e2d\\\n  ".to_owned()),
        Just("\n  ".to_owned()),
        Just("99999999999999999999".to_owned()),
        Just("-1".to_owned()),
        Just("((((".to_owned()),
        Just("#0-".to_owned()),
        Just("[[expect]]".to_owned()),
        Just("[host.client]".to_owned()),
        Just("  while true:\n".to_owned()),
        Just("\"x\" * 99999999".to_owned()),
    ];
    let place = (any::<prop::sample::Index>(), any::<prop::sample::Index>(), 0usize..40, scraps);
    place.prop_map(move |(which, at, len, scrap)| {
        let text = which.get(&texts);
        let mut chars: Vec<char> = text.chars().collect();
        let start = at.index(chars.len());
        let end = (start + len).min(chars.len());
        chars.splice(start..end, scrap.chars());
        chars.into_iter().collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_text_is_refused_or_read_but_never_panics(text in "\\PC{0,200}") {
        read(&text);
    }

    #[test]
    fn random_lines_of_programs_are_refused_or_read_but_never_panic(
        lines in prop::collection::vec("( {0,6})(s = |try |when |repeat |while |every |inject|flood|send|recv|client|server|[a-z]{1,5})[ -~]{0,24}", 0..12)
    ) {
        let program = lines.join("\n").replace('\'', "\"");
        let text = format!("[host.client]\nprogram = '''\n{program}\n'''\n[host.server]\n");
        read(&text);
    }

    #[test]
    fn valid_files_with_something_changed_never_panic(text in mutated()) {
        read(&text);
    }

    #[test]
    fn patterns_never_panic(text in "\\PC{0,40}") {
        let _ = parse_pattern(&text, ["client", "server"]);
    }
}

#[test]
fn octets_that_are_no_utf8_are_refused_at_their_place() {
    let mistakes = Scenario::parse_octets("x.toml", b"title = \"\xff\"").unwrap_err();
    assert_eq!((mistakes[0].line, mistakes[0].column), (1, 10));
}

#[test]
fn a_file_beyond_the_limit_is_refused_at_once() {
    let text = "#".repeat(wirewalk::scenario::limits::FILE + 1);
    let mistakes = Scenario::parse("x.toml", &text).unwrap_err();
    assert_eq!(mistakes.len(), 1);
    assert!(mistakes[0].message.en.contains("octets"));
}
