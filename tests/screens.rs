//! Every screen of every scenario: it fits, it has no colour codes where none are wanted, and it looks as it did.

use std::sync::atomic::{AtomicUsize, Ordering};
use wirewalk::lang::Lang;
use wirewalk::scenario::{self, builtins};
use wirewalk::sim;
use wirewalk::trace::Trace;
use wirewalk::view::{Glyphs, Look, Scale, VIEWS, ViewName, render};

fn traces() -> Vec<(&'static str, Trace)> {
    builtins()
        .iter()
        .map(|builtin| {
            let scenario = builtin.scenario().unwrap_or_else(|_| panic!("{} has mistakes", builtin.name));
            (builtin.name, sim::run(scenario.default_plan(), &sim::Options::default()))
        })
        .collect()
}

fn looks() -> impl Iterator<Item = Look> {
    let languages = [Lang::En, Lang::Zh];
    languages.into_iter().flat_map(|lang| {
        Glyphs::ALL.into_iter().flat_map(move |(glyphs, _)| {
            // The narrowest and a wide one where cells are hardest to count, else the usual width.
            let widths: &[usize] = if glyphs == Glyphs::Wide { &[72, 80, 132] } else { &[80] };
            widths.iter().map(move |width| Look { lang, glyphs, width: *width, ..Look::default() })
        })
    })
}

#[test]
fn every_line_of_every_view_of_every_scenario_fits() {
    let traces = traces();
    let next = AtomicUsize::new(0);
    // As many lessons at once as there are processors: this is most of the time that the screens take.
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                while let Some((name, trace)) = traces.get(next.fetch_add(1, Ordering::Relaxed)) {
                    for look in looks() {
                        every_line_fits(name, trace, &look);
                    }
                }
            });
        }
    });
}

fn every_line_fits(name: &str, trace: &Trace, look: &Look) {
    for view in VIEWS {
        let text = render(view.name, trace, look);
        for line in text.lines() {
            let width = look.text_width(line);
            assert!(
                width <= look.width,
                "{name}, {}, {:?}: {width} cells of {}:\n{line}",
                view.key,
                look.glyphs,
                look.width
            );
            assert!(!line.contains('\u{1b}'), "{name}, {}: a colour code", view.key);
            assert!(!line.ends_with(' '), "{name}, {}: spaces at the end", view.key);
        }
    }
}

#[test]
fn ascii_screens_in_english_are_ascii() {
    for (name, trace) in traces() {
        let look = Look { glyphs: Glyphs::Ascii, ..Look::default() };
        for view in VIEWS {
            let text = render(view.name, &trace, &look);
            let odd: String = text.chars().filter(|c| !c.is_ascii()).collect();
            assert!(odd.is_empty(), "{name}, {}: {odd}", view.key);
        }
    }
}

#[test]
fn colour_changes_no_word() {
    colored::control::set_override(true);
    for (name, trace) in traces() {
        let plain = Look::default();
        let colored = Look { color: true, ..Look::default() };
        for view in VIEWS {
            let with = strip(&render(view.name, &trace, &colored));
            assert_eq!(with, render(view.name, &trace, &plain), "{name}, {}", view.key);
        }
    }
}

/// The text without its escape sequences.
fn strip(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('\u{1b}') {
        plain.push_str(&rest[..at]);
        rest = rest[at..].split_once('m').map_or("", |(_, after)| after);
    }
    plain + rest
}

#[test]
fn the_chinese_screens_are_in_chinese() {
    for (name, trace) in traces() {
        let look = Look { lang: Lang::Zh, ..Look::default() };
        for view in VIEWS {
            let text = render(view.name, &trace, &look);
            assert!(text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)), "{name}, {}", view.key);
        }
    }
}

/// The screens people see first, as they looked when last somebody looked at them.
#[test]
fn the_diagrams_look_as_they_did() {
    for (name, trace) in traces() {
        for (lang, glyphs) in [(Lang::En, Glyphs::Box), (Lang::Zh, Glyphs::Box)] {
            let look = Look { lang, glyphs, ..Look::default() };
            insta::assert_snapshot!(format!("{name}-{lang}"), render(ViewName::Sequence, &trace, &look));
        }
    }
}

/// Each view once, in every glyph set and both languages.
#[test]
fn the_views_look_as_they_did() {
    let trace = traces().into_iter().find(|(name, _)| *name == "lost-syn-ack").map(|(_, trace)| trace);
    let trace = trace.expect("the scenario is there");
    for (glyphs, key) in Glyphs::ALL {
        for lang in [Lang::En, Lang::Zh] {
            let look = Look { lang, glyphs, ..Look::default() };
            for view in VIEWS {
                insta::assert_snapshot!(
                    format!("view-{}-{key}-{lang}", view.key),
                    render(view.name, &trace, &look)
                );
            }
        }
    }
}

/// A diagram on a linear scale: pauses are as long as they last, in every set of glyphs.
#[test]
fn the_linear_diagrams_look_as_they_did() {
    let names = ["three-way-handshake", "lost-syn-ack", "syn-flood"];
    for (name, trace) in traces().into_iter().filter(|(name, _)| names.contains(name)) {
        for look in looks().map(|look| Look { scale: Scale::Linear, ..look }) {
            let text = render(ViewName::Sequence, &trace, &look);
            assert!(text.lines().all(|line| look.text_width(line) <= look.width), "{name}:\n{text}");
            if look.glyphs == Glyphs::Box {
                insta::assert_snapshot!(format!("linear-{name}-{}", look.lang), text);
            }
        }
    }
}

#[test]
fn a_flood_of_a_million_segments_is_told_in_a_few_lines() {
    let scenario = scenario::find("syn-flood").expect("built in").scenario().expect("without mistakes");
    let set = [("rate", "600000"), ("seconds", "2")].map(|(key, value)| (key.to_owned(), value.to_owned()));
    let plan = scenario.plan(&set).expect("within range");
    let trace = sim::run(&plan, &sim::Options::default());
    let text = render(ViewName::Sequence, &trace, &Look::default());
    assert!(text.lines().count() < 120, "{text}");
    let told = text.split(|c: char| !c.is_ascii_digit()).filter_map(|digits| digits.parse::<u64>().ok());
    assert!(told.max().is_some_and(|most| most >= 1_000_000), "{text}");
}

/// With four lanes there is little room between two of them; the words on an arrow become fewer, never half ones.
#[test]
fn no_word_on_an_arrow_is_cut_at_eighty_columns() {
    for (name, trace) in traces() {
        for lang in [Lang::En, Lang::Zh] {
            let text = render(ViewName::Sequence, &trace, &Look { lang, ..Look::default() });
            for line in text.lines() {
                assert!(!["… ─", "…─", "… ┼"].iter().any(|cut| line.contains(cut)), "{name}:\n{line}");
            }
        }
    }
}

/// Congestion control at work, where there is some.
#[test]
fn the_plots_look_as_they_did() {
    for (name, trace) in traces().into_iter().filter(|(name, _)| ["slow-start", "sawtooth"].contains(name)) {
        for (glyphs, key) in Glyphs::ALL {
            for lang in [Lang::En, Lang::Zh] {
                let look = Look { lang, glyphs, ..Look::default() };
                insta::assert_snapshot!(
                    format!("plot-{name}-{key}-{lang}"),
                    render(ViewName::Plot, &trace, &look)
                );
            }
        }
    }
}
