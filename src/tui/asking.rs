//! Questions on the way: what is typed, how it was graded.

use super::app::App;
use super::mode::{Asking, Mode};
use crate::report::Grade;
use crate::view::{Ink, Line, Look, options};
use ratatui::crossterm::event::KeyCode;

impl Asking {
    /// The question and what became of the answer.
    pub fn lines(&self, look: &Look) -> Vec<Line> {
        let lang = look.lang;
        let Some(asked) = self.due.first() else { return Vec::new() };
        let mut lines = Vec::new();
        for (at, text) in look.wrap(asked.ask.get(lang), look.width.saturating_sub(4)).iter().enumerate() {
            let mut line = Line::new();
            if at == 0 {
                line.push(look, Ink::Warn, " ? ");
            }
            line.to(3).push(look, Ink::Warn, text);
            lines.push(line);
        }
        lines.extend(options(&asked.solved.options(), look));
        lines.push(self.answer(look));
        let (ink, text) = self.status(look);
        for text in look.wrap(&text, look.width.saturating_sub(4)) {
            let mut line = Line::new();
            line.to(3).push(look, ink, &text);
            lines.push(line);
        }
        lines
    }

    /// What is seen of it at the foot of the screen, where the pane has no room for all: the answer, then how it was graded.
    pub fn foot(&self, look: &Look) -> Line {
        if self.graded.is_none() {
            return self.answer(look);
        }
        let (ink, text) = self.status(look);
        Line::of(look, ink, &look.fit(&format!("   {text}"), look.width))
    }

    fn answer(&self, look: &Look) -> Line {
        let mut answer = Line::new();
        answer.to(3).push(look, Ink::Dim, look.lang.pick("your answer: ", "你的答案：")).push(
            look,
            Ink::State,
            &self.typed,
        );
        if self.graded.is_none() {
            answer.push(look, Ink::Call, "_");
        }
        answer
    }

    fn status(&self, look: &Look) -> (Ink, String) {
        let lang = look.lang;
        match &self.graded {
            None => (Ink::Dim, lang.pick("Enter answers, Esc skips", "回车作答，Esc 跳过").to_owned()),
            Some(Ok(())) => (Ink::Good, lang.pick("✓ right; Enter goes on", "✓ 对了；回车继续").to_owned()),
            Some(Err(right)) => {
                let right = right.get(lang);
                let words =
                    lang.pick(format!("✗ it is {right}; Enter goes on"), format!("✗ 应为 {right}；回车继续"));
                (Ink::Bad, words)
            }
        }
    }
}

impl App {
    pub(super) fn asking_key(&mut self, code: KeyCode, mut asking: Asking) {
        match (code, asking.graded.is_some()) {
            (KeyCode::Esc, _) | (KeyCode::Enter, true) => return self.next_question(asking),
            (KeyCode::Enter, false) if asking.typed.trim().is_empty() => return self.next_question(asking),
            (KeyCode::Enter, false) => {
                let grade = asking.due.first().map(|asked| self.walk.answer(&asked.solved, &asking.typed));
                asking.graded = match grade {
                    Some(Grade::Right) => Some(Ok(())),
                    Some(Grade::Wrong(right)) => Some(Err(right)),
                    None => return self.next_question(asking),
                };
            }
            (KeyCode::Up, _) => self.scroll = self.scroll.saturating_sub(1),
            (KeyCode::Down, _) => self.scroll += 1,
            (KeyCode::Backspace, false) => {
                asking.typed.pop();
            }
            (KeyCode::Char(character), false) => asking.typed.push(character),
            _ => {}
        }
        self.mode = Mode::Asking(asking);
    }

    /// The next question, or the step they were on the way to.
    fn next_question(&mut self, mut asking: Asking) {
        asking.due.remove(0);
        if asking.due.is_empty() {
            self.mode = Mode::Walking;
            return self.arrive(asking.to);
        }
        asking.typed.clear();
        asking.graded = None;
        self.scroll = 0;
        self.mode = Mode::Asking(asking);
    }
}
