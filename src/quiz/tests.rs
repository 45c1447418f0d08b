//! Questions drawn, printed, answered by a class, and graded.

use super::*;
use crate::lang::Lang;
use crate::report::Grade;
use crate::scenario::{Scenario, builtins};
use crate::walk::Setup;

fn lesson(name: &str) -> Lesson {
    let scenario = crate::scenario::find(name).unwrap().scenario().unwrap();
    Lesson { name: name.to_owned(), setup: Setup::new(scenario) }
}

fn lessons() -> Vec<Lesson> {
    builtins().iter().map(|builtin| lesson(builtin.name)).collect()
}

fn handshake() -> Vec<Lesson> {
    builtins().iter().filter(|known| known.topic == "handshake").map(|known| lesson(known.name)).collect()
}

fn paper(lessons: &[Lesson], seed: u64, count: Option<usize>, lang: Lang) -> Paper {
    let chapters = drawn(lessons, seed, count)
        .iter()
        .map(|drawn| {
            let lesson = &lessons[drawn.lesson];
            let (items, unanswered) = items(lesson, &drawn.numbers, seed).unwrap();
            assert_eq!(unanswered, []);
            let setting = vec!["```".to_owned(), "  # a <comment>".to_owned()];
            Chapter { name: lesson.name.clone(), title: lesson.title().clone(), setting, items }
        })
        .collect();
    Paper { seed, lang, version: "0".to_owned(), command: "wirewalk quiz --sheet".to_owned(), chapters }
}

fn marked(table: &str) -> Result<String, Mistakes> {
    let sheet = read(table.as_bytes()).unwrap();
    match mark(&sheet, &handshake(), Lang::En) {
        Ok(marks) => Ok(String::from_utf8(marks.report).unwrap()),
        Err(CannotMark::Malformed(wrong)) => Err(wrong),
        Err(CannotMark::Lesson(wrong)) => panic!("{}", wrong[0]),
    }
}

/// What is wrong with a table: the line, and the English words.
fn wrong(table: &str) -> Vec<(u64, String)> {
    marked(table).unwrap_err().told.into_iter().map(|wrong| (wrong.line, wrong.what.en)).collect()
}

#[test]
fn every_question_of_every_lesson_has_an_answer_that_is_graded_right_and_a_wrong_one_that_is_not() {
    let mut asked = 0;
    for lesson in lessons() {
        let all: Vec<u32> = (1..=lesson.questions()).collect();
        let (items, unanswered) = items(&lesson, &all, 1).unwrap();
        assert_eq!(unanswered, [], "{}", lesson.name);
        for item in items {
            let right = item.solved.right();
            for right in [&right.en, &right.zh, &right.en.to_lowercase(), &format!("  {} ", right.en)] {
                assert_eq!(item.solved.grade(right), Grade::Right, "{}: {right}", item.id);
            }
            for wrong in ["", "?", "no idea", "不知道", "999999999999", "ZZ", &format!("{}7", right.en)] {
                assert!(matches!(item.solved.grade(wrong), Grade::Wrong(_)), "{}: {wrong}", item.id);
            }
            assert!(item.proof.command.starts_with("wirewalk "), "{}", item.id);
            if item.proof.record.is_some() {
                assert!(!item.proof.en.what.is_empty() && !item.proof.zh.what.is_empty(), "{}", item.id);
            }
            asked += 1;
        }
    }
    assert!(asked > 60, "only {asked} questions");
}

#[test]
fn the_seed_draws_the_questions_and_a_new_lesson_leaves_the_order_of_the_others() {
    let all = handshake();
    let ids = |lessons: &[Lesson], seed, count| -> Vec<String> {
        let of =
            |drawn: &Drawn| drawn.numbers.iter().map(|number| lessons[drawn.lesson].id(*number)).collect();
        drawn(lessons, seed, count).iter().flat_map(|drawn: &Drawn| -> Vec<String> { of(drawn) }).collect()
    };
    let mut every = ids(&all, 1, None);
    every.sort();
    every.dedup();
    assert_eq!(every.len() as u32, all.iter().map(Lesson::questions).sum::<u32>());
    assert_eq!(ids(&all, 1, Some(4)), ids(&all, 1, Some(4)));
    assert_ne!(ids(&all, 1, Some(4)), ids(&all, 2, Some(4)));
    assert_eq!(ids(&all, 1, Some(4)).len(), 4);
    let names = |lessons: &[Lesson]| -> Vec<String> {
        drawn(lessons, 1, None).iter().map(|drawn| lessons[drawn.lesson].name.clone()).collect()
    };
    let mut without = all.clone();
    let gone = without.pop().unwrap().name;
    let left: Vec<String> = names(&all).into_iter().filter(|name| *name != gone).collect();
    assert_eq!(names(&without), left);
}

#[test]
fn the_same_seed_makes_the_same_paper_to_the_octet_and_another_seed_another() {
    let lessons = handshake();
    for lang in [Lang::En, Lang::Zh] {
        for format in [Format::Markdown, Format::Html] {
            let [one, again, other] = [1, 1, 2].map(|seed| {
                let paper = paper(&lessons, seed, Some(6), lang);
                (paper.sheet(format), paper.key(format), paper.key_table())
            });
            assert_eq!(one, again);
            assert!(one.0 != other.0 && one.1 != other.1 && one.2 != other.2);
        }
    }
}

#[test]
fn a_paper_has_all_questions_in_both_languages_and_no_answer_that_is_not_among_its_choices() {
    let lessons = handshake();
    for lang in [Lang::En, Lang::Zh] {
        let paper = paper(&lessons, 3, None, lang);
        let (sheet, key) = (paper.sheet(Format::Markdown), paper.key(Format::Markdown));
        let mut number = 0;
        for item in paper.chapters.iter().flat_map(|chapter| &chapter.items) {
            number += 1;
            let begins = format!("**{number}.** [{}]", item.id.replace('_', "\\_"));
            assert!(sheet.contains(&begins) && key.contains(&begins), "{begins}");
            assert!(key.contains(&format!("`{}`", item.proof.command)));
            assert!(!sheet.contains(&item.proof.command));
        }
        assert_eq!(number, paper.count());
        assert!(sheet.contains("````\n```\n  # a <comment>\n````\n"), "a line of backticks ends no block");
    }
}

#[test]
fn an_html_paper_is_whole_escaped_and_asks_nobody_for_anything() {
    let lessons = handshake();
    for lang in [Lang::En, Lang::Zh] {
        let paper = paper(&lessons, 3, Some(5), lang);
        for file in [paper.sheet(Format::Html), paper.key(Format::Html)] {
            assert!(file.starts_with("<!doctype html>") && file.ends_with("</html>\n"));
            assert!(file.contains(lang.pick("lang=\"en\"", "lang=\"zh-CN\"")));
            assert!(!file.contains("<comment>"));
            let lines = file.contains("<pre>```\n  # a &lt;comment&gt;</pre>");
            assert_eq!(lines, file.contains("<pre>"), "lines stay lines");
            for reference in ["http:", "https:", " src=", " href=", "@import", "url(", "<script"] {
                assert!(!file.contains(reference), "{reference}");
            }
        }
    }
}

#[test]
fn who_hands_in_the_key_has_everything_right() {
    let lessons = lessons();
    for (seed, lang) in [(1, Lang::En), (2, Lang::Zh), (77, Lang::En)] {
        let key = paper(&lessons, seed, None, lang).key_table();
        let sheet = read(key.as_slice()).unwrap();
        let marks = mark(&sheet, &lessons, lang).unwrap();
        assert_eq!((marks.papers, marks.right), (1, marks.answers));
        let report = String::from_utf8(marks.report).unwrap();
        assert!(report.lines().nth(1).unwrap().ends_with(",100.0%"), "{report}");
        assert!(!report.contains("wrong,") && !report.contains("答错,"), "{report}");
    }
}

#[test]
fn a_class_is_told_who_knows_what_and_which_question_is_hard() {
    let report = marked(
        "learner,seed,question,answer\n\
         Anna,1,three-way-handshake/1,1234568\n\
         Anna,1,lost-syn-ack/1,0\n\
         李明,1,three-way-handshake/1,1234567\n\
         李明,1,lost-syn-ack/1, 0 \n\
         Eve,1,lost-syn-ack/1,\n",
    )
    .unwrap();
    let wanted = "row,learner,seed,question,answer,right answer,right,of,share\n\
         learner,Anna,1,,,,2,2,100.0%\n\
         learner,李明,1,,,,1,2,50.0%\n\
         learner,Eve,1,,,,0,2,0.0%\n\
         question,,,three-way-handshake/1,,,1,3,33.3%\n\
         question,,,lost-syn-ack/1,,,2,3,66.7%\n\
         wrong,李明,1,three-way-handshake/1,1234567,1234568,,,\n\
         wrong,Eve,1,lost-syn-ack/1,,0,,,\n\
         wrong,Eve,1,three-way-handshake/1,,1234568,,,\n";
    assert_eq!(report, wanted);
}

#[test]
fn a_table_with_a_column_for_each_question_says_the_same() {
    let long = "learner,seed,question,answer\nAnna,1,three-way-handshake/1,5\nAnna,1,lost-syn-ack/1,0\n";
    let wide = "\u{feff}学生,种子,three-way-handshake/1,lost-syn-ack/1\r\nAnna,1,5,0\r\n\r\n";
    assert_eq!(marked(long).unwrap(), marked(wide).unwrap());
}

#[test]
fn each_paper_is_graded_as_its_own_seed_dealt_it() {
    let text = crate::scenario::find("three-way-handshake").unwrap().text;
    let choice = "\n[[question]]\nbefore = \"server > client SA #1\"\nask = { en = \"Flags?\", zh = \"标志？\" }\nanswer = \"frame.tcp.flags\"\nchoices = true\n";
    let scenario = Scenario::parse("flags.toml", &format!("{text}{choice}")).unwrap();
    let lesson = Lesson { name: "flags.toml".to_owned(), setup: Setup::new(scenario) };
    let last = lesson.questions();
    let id = lesson.id(last);
    let mut letters = std::collections::BTreeSet::new();
    let mut table = "learner,seed,question,answer\n".to_owned();
    for seed in 0..20 {
        let right = items(&lesson, &[last], seed).unwrap().0[0].solved.right().en;
        table.push_str(&format!("Anna,{seed},{id},{right}\n"));
        letters.insert(right);
    }
    assert_eq!(letters.len(), 4, "the right one lies everywhere");
    let marks = mark(&read(table.as_bytes()).unwrap(), &[lesson], Lang::En).unwrap();
    assert_eq!((marks.papers, marks.right), (20, 20));
}

#[test]
fn every_malformed_line_is_told_at_its_place() {
    let found = wrong(
        "learner,seed,question,answer\n\
         Anna,1,three-way-handshake/1,1,2\n\
         ,1,three-way-handshake/1,1\n\
         Anna,one,three-way-handshake/1,1\n\
         Anna,1,three-way-handshake/1,1\n\
         Anna,1,three-way-handshake/1,2\n",
    );
    let lines: Vec<u64> = found.iter().map(|(line, _)| *line).collect();
    assert_eq!(lines, [2, 3, 4, 6], "{found:?}");
    assert_eq!(found[3].1, "Anna has answered three-way-handshake/1 in line 5 already: keep one of them");
    let found = wrong(
        "learner,seed,question,answer\n\
         Anna,1,three-way-handshake/99,1\n\
         Anna,1,three-way-handshaek/1,1\n\
         Anna,1,three,1\n",
    );
    let lines: Vec<u64> = found.iter().map(|(line, _)| *line).collect();
    assert_eq!(lines, [2, 3, 4], "{found:?}");
    assert!(found[1].1.ends_with("near to it: three-way-handshake"), "{}", found[1].1);
}

#[test]
fn malformed_lines_and_unknown_questions_are_told_in_one_go_in_the_order_of_the_lines() {
    let found = wrong(
        "learner,seed,question,answer\n\
         Anna,1,three-way-handshaek/1,1\n\
         \n\
         ,one,three-way-handshake/99,1\n\
         Anna,1,three-way-handshake/1,\"1\n\
         Anna,1,three-way-handshake/1,1\n\
         Bob,1,three-way-handshaek/1,1\n\
         Bob,1,,1\n\
         Bob,1,zzz/1,1\n",
    );
    let wanted = [
        (2, "there is no lesson “three-way-handshaek”; near to it: three-way-handshake"),
        (4, "it names no learner: write who answered"),
        (4, "“one” is no seed: a whole number, stated on the paper"),
        (4, "three-way-handshake has 7 questions: three-way-handshake/1 to three-way-handshake/7"),
        (5, "cell 4 goes on in the next line: is a quotation mark left open?"),
        (7, "there is no lesson “three-way-handshaek”; near to it: three-way-handshake"),
        (8, "it names no question: such as three-way-handshake/2"),
        (9, "there is no lesson “zzz”; `wirewalk list` names them all"),
    ];
    assert_eq!(found, wanted.map(|(line, what)| (line, what.to_owned())));
}

#[test]
fn a_question_in_the_heading_is_told_there_and_once() {
    let found = wrong(
        "learner,seed,three-way-handshake/1,three/1,,three-way-handshake/1\n\
         Anna,1,5,1,2,3\n\
         李明,x,5,1,2,3\n",
    );
    let wanted = [
        (1, "column 5 has no name: write its question there, or remove it"),
        (1, "the column “three-way-handshake/1” stands there more than once: keep one of them"),
        (1, "there is no lesson “three”; near to it: three-way-handshake"),
        (3, "“x” is no seed: a whole number, stated on the paper"),
    ];
    assert_eq!(found, wanted.map(|(line, what)| (line, what.to_owned())));
}

#[test]
fn a_forgotten_heading_hides_no_other_mistake() {
    let found = wrong("Anna,1,three-way-handshake/1,0\nAnna,x,three-way-handshake/9,0\n");
    let lines: Vec<u64> = found.iter().map(|(line, _)| *line).collect();
    assert_eq!(lines, [1, 2, 2], "{found:?}");
    assert!(found[0].1.starts_with("the heading is missing"), "{}", found[0].1);
    let found = wrong("learner,seed,question,answer,note\nAnna,x,three-way-handshake/1,0,\n");
    assert!(found[0].1.starts_with("column 5 (“note”) is neither") && found[1].0 == 2, "{found:?}");
    let found = wrong("learner;seed;question;answer\nAnna;1;three-way-handshake/1;0\n");
    assert!(found.len() == 1 && found[0].1.contains("not separated by commas"), "{found:?}");
}

#[test]
fn a_question_has_one_id_only() {
    for id in ["three-way-handshake/01", "three-way-handshake/+1", "three-way-handshake/1.0"] {
        let table = format!("learner,seed,question,answer\nAnna,1,three-way-handshake/1,5\nBob,1,{id},5\n");
        let wrong = wrong(&table);
        assert!(
            matches!(&wrong[..], [(3, what)] if what.contains(&format!("“{id}” is no question"))),
            "{wrong:?}"
        );
    }
}

#[test]
fn lines_are_counted_as_an_editor_counts_them() {
    let heading = "learner,seed,question,answer";
    let line = "Anna,x,three-way-handshake/1,0";
    for (end, empty) in [("\n", 0), ("\r\n", 0), ("\r", 0), ("\n", 3), ("\r\n", 2)] {
        let table = format!("{}{heading}{end}{}{line}{end}", end.repeat(empty), end.repeat(empty));
        assert_eq!(wrong(&table)[0].0, 2 + 2 * empty as u64, "{table:?}");
    }
}

#[test]
fn of_endless_mistakes_the_first_are_told_and_the_others_counted() {
    let table =
        "learner,seed,question,answer\n".to_owned() + &"Anna,x,three-way-handshake/99,1\n".repeat(5_000);
    let mistakes = marked(&table).unwrap_err();
    assert_eq!((mistakes.told.len(), mistakes.count()), (200, 10_000));
    let quotes = "learner,seed,question,answer\n".to_owned() + &"\"Anna,1\n\n".repeat(5_000);
    assert!(marked(&quotes).unwrap_err().count() > 10);
}

#[test]
fn a_table_without_its_columns_or_without_anything_is_told_so() {
    for table in ["", "\n\n", "\u{feff}"] {
        let found = wrong(table);
        assert!(
            found.len() == 1 && found[0].0 == 0 && found[0].1.contains("is empty"),
            "{table:?}: {found:?}"
        );
    }
    for table in ["Anna,1,three\n", "learner,seed\nAnna,1\n", "learner,question,answer\n"] {
        let found = wrong(table);
        assert_eq!((found.len(), found[0].0), (1, 1), "{table}: {found:?}");
    }
}

#[test]
fn hostile_tables_are_refused_and_break_nothing() {
    let heading = "learner,seed,question,answer\n";
    let long = "x".repeat(5_000);
    for table in [
        format!("{heading}Anna,1,three-way-handshake/1,{long}\n"),
        format!("{heading}Anna,1,three-way-handshake/1,\"never closed\nBob,1,x,y\n"),
        format!("{heading}Anna,18446744073709551616,three-way-handshake/1,1\n"),
        format!("{heading}Anna,-1,three-way-handshake/1,1\n"),
        format!("{heading}Anna,1,/,1\n"),
        format!("{heading}Anna,1,three-way-handshake/4294967296,1\n"),
        format!("{heading}Anna,1,three-way-handshake/0,1\n"),
        ",".repeat(3_000),
        "\u{0}\u{0}\u{0}".to_owned(),
    ] {
        assert!(marked(&table).is_err(), "{}", &table[..table.len().min(60)]);
    }
    let not_utf8 = [heading.as_bytes(), b"\xff\xfe,1,three-way-handshake/1,1\n"].concat();
    assert_eq!(read(not_utf8.as_slice()).unwrap().mistakes.told[0].line, 2);
}

#[test]
fn a_table_is_read_in_bounded_memory() {
    struct Endless(usize);
    impl std::io::Read for Endless {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            let line = b"a,1,b/1,c\n";
            for (place, octet) in buffer.iter_mut().enumerate() {
                *octet = line[(self.0 + place) % line.len()];
            }
            self.0 += buffer.len();
            Ok(buffer.len())
        }
    }
    assert!(!read(Endless(0)).unwrap().mistakes.is_empty());
    struct OneLine;
    impl std::io::Read for OneLine {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            buffer.fill(b'x');
            Ok(buffer.len())
        }
    }
    let mistakes = read(OneLine).unwrap().mistakes;
    assert!(mistakes.told.iter().any(|wrong| wrong.what.en.contains("at most 8 MiB")), "{mistakes:?}");
}

#[test]
fn no_spreadsheet_takes_a_name_or_an_answer_for_a_formula() {
    let report = marked(
        "learner,seed,question,answer\n\
         \"=HYPERLINK(\"\"http://x\"\")\",1,three-way-handshake/1,+x\n\
         -2+3,1,three-way-handshake/1,@SUM(A1)\n\
         \u{3000}＝1,1,three-way-handshake/1,\"\t=1\"\n",
    )
    .unwrap();
    let mut reader = csv::Reader::from_reader(report.as_bytes());
    for record in reader.records() {
        for cell in record.unwrap().iter() {
            let first = cell.trim_start().chars().next();
            assert!(!first.is_some_and(|first| "=+-@＝＋－＠".contains(first)), "{cell:?}");
        }
    }
    for name in ["'=HYPERLINK(", "'-2+3", "'@SUM(A1)", "'+x"] {
        assert!(report.contains(name), "{name}: {report}");
    }
}
