//! What `explain` prints: a term, the meanings of a name, a document, a topic, all terms.

use super::explain::Answer;
use crate::glossary::{Entry, Glossary, Rfc, RfcQuery, Source, glossary};
use crate::lang::Lang;
use crate::view::{Ink, Line, Look};

/// Cells of the column in which sources, relatives and lessons are headed.
const HEADED: usize = 9;
/// The longest title in a list.
const TITLE: usize = 30;

/// The answer as lines.
pub(super) fn page(answer: &Answer, look: &Look, lessons: &[Source]) -> Vec<Line> {
    Page { look, glossary: glossary(), lessons, lines: Vec::new() }.write(answer)
}

/// The page as lines.
struct Page<'a> {
    look: &'a Look,
    glossary: &'static Glossary,
    lessons: &'a [Source],
    lines: Vec<Line>,
}

impl Page<'_> {
    fn write(mut self, answer: &Answer) -> Vec<Line> {
        match answer {
            Answer::Term(entry, sharing) => {
                self.term(entry);
                self.sharing(sharing);
            }
            Answer::Meanings(entries) => {
                self.heading(self.look.lang.pick("Several meanings", "有几个意思"));
                self.list(entries);
            }
            Answer::Document(query, rfc, entries) => self.document(query, rfc, entries),
            Answer::Topic(topic, entries) => {
                self.heading(topic.title.get(self.look.lang));
                self.list(entries);
            }
            Answer::Everything(_) => self.everything(),
        }
        self.lines
    }

    fn heading(&mut self, words: &str) {
        self.lines.push(Line::of(self.look, Ink::Heading, words));
    }

    fn text(&mut self, ink: Ink, text: &str, indent: usize) {
        for part in self.look.wrap(text, self.look.width - indent) {
            let mut line = Line::new();
            line.to(indent).push(self.look, ink, &part);
            self.lines.push(line);
        }
    }

    fn term(&mut self, entry: &Entry) {
        let look = self.look;
        self.title(entry);
        let names = names_in(entry, look.lang);
        if !names.is_empty() {
            let called = look.lang.pick("also: ", "又名：");
            self.text(Ink::Dim, &format!("{called}{}", names.join(look.lang.pick(", ", "、"))), 0);
        }
        self.lines.push(Line::new());
        self.text(Ink::Plain, entry.says.get(look.lang), 0);
        self.lines.push(Line::new());
        self.headed(look.lang.pick("rests on", "依据"), Ink::Plain, &entry.cites);
        let related = entry.related.iter().map(|name| self.title_of(name)).collect::<Vec<_>>();
        self.headed(look.lang.pick("see also", "参见"), Ink::Plain, &related);
        self.shown(entry);
    }

    /// Its symbol, what that means in this language, and in the other one; its numbers at the right.
    fn title(&mut self, entry: &Entry) {
        let look = self.look;
        let (own, other) = match look.lang {
            Lang::En => (&entry.term.en, &entry.term.zh),
            Lang::Zh => (&entry.term.zh, &entry.term.en),
        };
        let mut line = Line::new();
        if let Some(symbol) = entry.symbol.as_deref().filter(|symbol| symbol != own) {
            line.push(look, Ink::Heading, symbol).push(look, Ink::Plain, "  ");
            line.push(look, Ink::Plain, own);
        } else {
            line.push(look, Ink::Heading, own);
        }
        let mut said = vec![];
        if other != own {
            said.push(other.clone());
        }
        said.extend(
            entry.numbers.iter().map(|number| format!("{} {}", kind(&number.kind, look.lang), number.value)),
        );
        let said = said.join(" · ");
        // What does not fit beside the title goes below it.
        if line.width() + 2 + look.text_width(&said) <= look.width {
            line.push_right(look, Ink::Dim, &said, look.width);
            self.lines.push(line);
        } else {
            self.lines.push(line);
            self.text(Ink::Dim, &said, 0);
        }
    }

    fn title_of(&self, name: &str) -> String {
        self.glossary.named(name).map_or(name, |entry| entry.title(self.look.lang)).to_owned()
    }

    /// A row of things with its heading; broken between them only.
    fn headed(&mut self, heading: &str, ink: Ink, things: &[String]) {
        let look = self.look;
        let mut line = Line::new();
        line.push(look, Ink::Dim, heading).to(HEADED);
        let comma = look.lang.pick(", ", "、");
        for (at, thing) in things.iter().enumerate() {
            let last = at + 1 == things.len();
            let needed = look.text_width(thing) + if last { 0 } else { look.text_width(comma.trim_end()) };
            if line.width() > HEADED && line.width() + needed > look.width {
                self.lines.push(std::mem::take(&mut line));
                line.to(HEADED);
            }
            line.push_until(look, ink, thing, look.width);
            if !last {
                line.push(look, Ink::Plain, comma);
            }
        }
        self.lines.push(line);
    }

    fn shown(&mut self, entry: &Entry) {
        let look = self.look;
        let shown = entry.lessons(self.lessons);
        let width = shown.iter().map(|lesson| lesson.name.len()).max().unwrap_or(0);
        for (at, lesson) in shown.iter().enumerate() {
            let mut line = Line::new();
            let heading = if at == 0 { look.lang.pick("lessons", "课程") } else { "" };
            line.push(look, Ink::Dim, heading).to(HEADED).push(look, Ink::Call, lesson.name);
            line.to(HEADED + width + 2);
            line.push_until(look, Ink::Plain, lesson.title.get(look.lang), look.width);
            self.lines.push(line);
        }
        if let Some(first) = shown.first() {
            self.lines.push(Line::new());
            self.lines.push(Line::of(look, Ink::Dim, &format!("wirewalk show {}", first.name)));
        }
    }

    fn sharing(&mut self, sharing: &[&Entry]) {
        if sharing.is_empty() {
            return;
        }
        self.lines.push(Line::new());
        self.heading(self.look.lang.pick("The word also stands for", "这个词还可以指"));
        self.list(sharing);
    }

    /// A line for each: its title and how it begins.
    fn list(&mut self, entries: &[&Entry]) {
        let look = self.look;
        let titles = entries.iter().map(|entry| look.text_width(entry.title(look.lang)));
        let width = titles.max().unwrap_or(0).min(TITLE);
        for entry in entries {
            let mut line = Line::new();
            line.to(2).push_until(look, Ink::Call, entry.title(look.lang), width + 2).to(width + 4);
            line.push_until(look, Ink::Plain, &gloss(entry, look.lang), look.width);
            self.lines.push(line);
        }
    }

    fn document(&mut self, query: &RfcQuery, rfc: &Rfc, entries: &[&Entry]) {
        let look = self.look;
        let mut line = Line::of(look, Ink::Heading, &format!("RFC {}", rfc.number));
        if let Some(section) = &query.section {
            let words = look.lang.pick(format!(" section {section}"), format!(" 第 {section} 节"));
            line.push(look, Ink::Heading, &words);
        }
        line.push_right(look, Ink::Dim, &rfc.year.to_string(), look.width);
        self.lines.push(line);
        self.text(Ink::Plain, rfc.title.get(look.lang), 0);
        self.lines.push(Line::new());
        self.heading(look.lang.pick("Terms that rest on it", "以它为依据的词条"));
        self.list(entries);
        let cited = |source: &&Source| source.cites.iter().any(|cite| query.covers(cite));
        let lessons: Vec<&Source> = self.lessons.iter().filter(cited).collect();
        if lessons.is_empty() {
            return;
        }
        self.lines.push(Line::new());
        self.heading(look.lang.pick("Lessons that rest on it", "以它为依据的课程"));
        let width = lessons.iter().map(|lesson| lesson.name.len()).max().unwrap_or(0);
        for lesson in lessons {
            let mut line = Line::new();
            line.to(2).push(look, Ink::Call, lesson.name).to(width + 4);
            line.push_until(look, Ink::Plain, lesson.title.get(look.lang), look.width);
            self.lines.push(line);
        }
    }

    /// All terms, by topic.
    fn everything(&mut self) {
        let look = self.look;
        let glossary = self.glossary;
        for topic in &glossary.topics {
            let words = topic.title.get(look.lang);
            let mut line = Line::of(look, Ink::Heading, words);
            if words.to_lowercase() != topic.name {
                line.push(look, Ink::Dim, &format!("  {}", topic.name));
            }
            self.lines.push(line);
            let titles: Vec<String> =
                glossary.of_topic(&topic.name).map(|entry| entry.title(look.lang).to_owned()).collect();
            self.row(&titles);
            self.lines.push(Line::new());
        }
        let count = glossary.entries.len();
        self.text(
            Ink::Dim,
            &look.lang.pick(
                format!("{count} terms; `wirewalk explain TERM` explains one, `--topic T` lists a topic"),
                format!("共 {count} 个词条；wirewalk explain 词 解释一个，--topic 主题 列出一个主题"),
            ),
            0,
        );
    }

    /// Titles one behind the other, broken between them only.
    fn row(&mut self, titles: &[String]) {
        let look = self.look;
        let gap = "  ";
        let mut line = Line::new();
        line.to(2);
        for title in titles {
            if line.width() > 2 && line.width() + look.text_width(title) > look.width {
                self.lines.push(std::mem::take(&mut line));
                line.to(2);
            }
            line.push_until(look, Ink::Plain, title, look.width).push(look, Ink::Plain, gap);
        }
        self.lines.push(line);
    }
}

/// What a list says behind a title: what a symbol means, and how the entry begins.
fn gloss(entry: &Entry, lang: Lang) -> String {
    let begins = entry.first_sentence(lang);
    match entry.symbol {
        Some(_) => format!("{} · {begins}", entry.term.get(lang)),
        None => begins.to_owned(),
    }
}

/// Its other names in that language; constants and abbreviations belong to both.
fn names_in(entry: &Entry, lang: Lang) -> Vec<&str> {
    let chinese = |name: &str| name.chars().any(|c| ('\u{2e80}'..='\u{9fff}').contains(&c));
    let plain_english = |name: &str| {
        let words = || name.split(|c: char| !c.is_ascii_alphabetic()).filter(|word| !word.is_empty());
        words().count() > 1 && words().any(|word| word.chars().all(|c| c.is_ascii_lowercase()))
            || words().all(|word| word.chars().all(|c| c.is_ascii_lowercase()))
                && !name.contains(['_', '(', '.', '/'])
    };
    let wanted = |name: &&str| match lang {
        Lang::En => !chinese(name),
        Lang::Zh => chinese(name) || !plain_english(name),
    };
    entry.names.iter().chain(&entry.also).map(String::as_str).filter(wanted).collect()
}

/// The kind of a number in that language.
fn kind(kind: &str, lang: Lang) -> &str {
    match (lang, kind) {
        (Lang::Zh, "port") => "端口",
        (Lang::Zh, "protocol") => "协议号",
        (Lang::Zh, "TCP option") => "TCP 选项",
        _ => kind,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::glossary::sources;
    use crate::view::{Glyphs, join};

    /// Whatever is told, in whichever look, no line is wider than the terminal, and nothing is left out of a text.
    #[test]
    fn every_answer_fits_its_width_in_both_languages_and_all_glyphs() {
        let lessons = sources().expect("without mistakes");
        let glossary = glossary();
        let rfc = |number| RfcQuery { number, section: None };
        for (lang, (glyphs, _), width) in [Lang::En, Lang::Zh]
            .into_iter()
            .flat_map(|lang| Glyphs::ALL.map(|glyphs| (lang, glyphs)))
            .flat_map(|(lang, glyphs)| [72, 80, 120].map(|width| (lang, glyphs, width)))
        {
            let look = Look { lang, glyphs, width, ..Look::default() };
            let mut answers: Vec<Answer> =
                glossary.entries.iter().map(|entry| Answer::Term(entry, vec![entry])).collect();
            answers.push(Answer::everything(glossary));
            answers.extend(
                glossary
                    .topics
                    .iter()
                    .map(|topic| Answer::Topic(topic, glossary.of_topic(&topic.name).collect())),
            );
            answers.extend(glossary.rfcs.iter().map(|document| {
                Answer::Document(rfc(document.number), document, glossary.resting_on(&rfc(document.number)))
            }));
            for answer in &answers {
                let text = join(&page(answer, &look, &lessons[..4]), &look);
                for line in text.lines() {
                    assert!(look.text_width(line) <= width, "{glyphs:?} {width}: {line}");
                }
                if let Answer::Term(entry, _) = answer {
                    let squeezed = |text: &str| look.clean(text).replace([' ', '\n'], "");
                    assert!(
                        squeezed(&text.replace('\n', "")).contains(&squeezed(entry.says.get(lang))),
                        "{}",
                        entry.key()
                    );
                }
            }
        }
    }

    #[test]
    fn chinese_pages_name_no_english_phrase_beside_the_term_itself() {
        for entry in &glossary().entries {
            for name in names_in(entry, Lang::Zh) {
                let words: Vec<&str> = name.split(' ').filter(|word| word.is_ascii()).collect();
                let prose = words.iter().filter(|word| word.chars().all(|c| c.is_ascii_lowercase()));
                assert!(prose.count() < 2, "{}: {name}", entry.key());
            }
            assert!(
                names_in(entry, Lang::En)
                    .iter()
                    .all(|name| !name.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)))
            );
        }
    }
}
