//! `list`: the built-in scenarios by topic.

use super::args::ListArgs;
use super::load::mistakes;
use super::out::{self, Exit, Failure};
use super::settings::Settings;
use crate::scenario::{self, Lesson, nearest};
use crate::view::{Ink, Line, join};

/// Lists them.
pub fn list(arguments: &ListArgs, settings: &Settings) -> Result<Exit, Failure> {
    let lang = settings.lang();
    if arguments.claims {
        return super::claims::list(arguments.json, settings);
    }
    let mut catalog = scenario::catalog().map_err(|diagnostics| mistakes(&diagnostics, settings))?;
    if let Some(topic) = &arguments.topic {
        let topics: Vec<&str> = catalog.topics.iter().map(|topic| topic.name).collect();
        if !topics.contains(&topic.as_str()) {
            return Err(no_such_topic(topic, &topics, settings));
        }
        catalog.topics.retain(|known| known.name == *topic);
        catalog.scenarios.retain(|lesson| lesson.topic == *topic);
    }
    if arguments.json {
        out::print(lang, &super::json(&catalog)?)?;
        return Ok(Exit::Fine);
    }
    let look = &settings.look;
    let width = catalog.scenarios.iter().map(|lesson| lesson.name.len()).max().unwrap_or(0);
    let mut lines = Vec::new();
    for topic in &catalog.topics {
        if !lines.is_empty() {
            lines.push(Line::new());
        }
        let words = topic.title.get(lang);
        let mut line = Line::of(look, Ink::Heading, words);
        if words.to_lowercase() != topic.name {
            line.push(look, Ink::Dim, &format!("  {}", topic.name));
        }
        lines.push(line);
        let of_topic = |lesson: &&Lesson| lesson.topic == topic.name;
        for lesson in catalog.scenarios.iter().filter(of_topic) {
            let mut line = Line::new();
            line.to(2).push(look, Ink::Call, lesson.name).to(width + 4);
            line.push_until(look, Ink::Plain, lesson.title.get(lang), look.width);
            lines.push(line);
        }
    }
    out::print(lang, &join(&lines, look))?;
    Ok(Exit::Fine)
}

/// The failure to find a topic.
pub fn no_such_topic(topic: &str, topics: &[&str], settings: &Settings) -> Failure {
    let near = nearest(topic, topics.iter().copied());
    let lang = settings.lang();
    let comma = lang.pick(", ", "、");
    let known = if near.is_empty() { topics.join(comma) } else { near.join(comma) };
    let text = lang.pick(
        format!("error: there is no topic “{topic}”; there is: {known}"),
        format!("错误：没有“{topic}”这个主题；有：{known}"),
    );
    let mut wrapped = settings.look.wrap(&text, settings.look.width).join("\n");
    wrapped.push('\n');
    Failure::Usage(wrapped)
}

#[cfg(test)]
mod tests {
    use crate::scenario;
    use crate::view::Look;

    #[test]
    fn every_title_fits_beside_its_name_in_80_columns() {
        let look = Look::default();
        let lessons = scenario::catalog().unwrap().scenarios;
        let longest = lessons.iter().map(|lesson| lesson.name.len()).max().unwrap_or(0);
        for lesson in lessons {
            for text in [&lesson.title.en, &lesson.title.zh] {
                assert!(look.text_width(text) <= 80 - 4 - longest, "{}: {text}", lesson.name);
            }
        }
    }
}
