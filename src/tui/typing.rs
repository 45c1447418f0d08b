//! What is typed on the last line: words to look for, a step's number, a knob's value.

use super::app::App;
use super::mode::{Mode, Prompt};
use super::search::Search;
use crate::view::Ink;
use crate::walk::Change;
use ratatui::crossterm::event::KeyCode;

/// Characters taken at most.
const MOST: usize = 200;

impl App {
    pub(super) fn typing_key(&mut self, code: KeyCode, prompt: Prompt, mut typed: String) {
        match code {
            KeyCode::Esc => return self.mode = Mode::Walking,
            KeyCode::Enter => {
                self.mode = Mode::Walking;
                return self.typed(prompt, typed.trim());
            }
            KeyCode::Backspace => {
                typed.pop();
            }
            KeyCode::Char(character) if typed.chars().count() < MOST => typed.push(character),
            _ => {}
        }
        self.mode = Mode::Typing(prompt, typed);
    }

    fn typed(&mut self, prompt: Prompt, typed: &str) {
        if let Prompt::Name(place) = prompt {
            return self.name_branch(place, typed);
        }
        if typed.is_empty() {
            return;
        }
        let lang = self.look.lang;
        match prompt {
            Prompt::Step => {
                let steps = self.walk.steps().len();
                match typed.parse::<usize>() {
                    Ok(number) if (1..=steps).contains(&number) => self.go_asking(number - 1),
                    _ => self.say(
                        Ink::Warn,
                        lang.pick(format!("a number from 1 to {steps}"), format!("应为 1 到 {steps} 的编号")),
                    ),
                }
            }
            Prompt::Search => {
                if let Some(scene) = self.scene() {
                    self.search = Search::new(typed, scene);
                }
                // The present step may hold the words itself.
                if self.search.number(self.walk.at()).is_none() {
                    self.hit(Search::next);
                } else {
                    self.tell_hit();
                }
            }
            Prompt::Name(_) => {}
            Prompt::Knob => match typed.split_once('=') {
                Some((key, value)) => self.grow(Change::Set(key.trim().to_owned(), value.trim().to_owned())),
                None => self.say(Ink::Warn, lang.pick("KEY=VALUE is wanted", "应写作 键=值")),
            },
        }
    }

    pub(super) fn hit(&mut self, find: fn(&Search, usize) -> Option<usize>) {
        let lang = self.look.lang;
        if self.search.words.is_empty() {
            return self.say(Ink::Dim, lang.pick("/ begins a search", "先按 / 输入要找的字"));
        }
        match find(&self.search, self.walk.at()) {
            Some(step) => {
                self.turn(step);
                self.tell_hit();
            }
            None => {
                let words = self.search.words.clone();
                self.say(Ink::Warn, lang.pick(format!("nowhere: {words}"), format!("没有找到：{words}")));
            }
        }
    }

    fn tell_hit(&mut self) {
        let (number, of) = (self.search.number(self.walk.at()).unwrap_or(0), self.search.hits.len());
        let words = self.search.words.clone();
        let text = self.look.lang.pick(
            format!("{words}: step {number} of {of} that say so; n, N"),
            format!("{words}：共 {of} 步提到，这是第 {number} 步；n、N"),
        );
        self.say(Ink::Good, text);
    }
}
