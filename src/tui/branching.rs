//! What if? The keys that grow a branch, and the list of those there are: to go to, to name, to compare, to forget.

use super::app::App;
use super::mode::{Mode, Prompt};
use super::panes::Pane;
use crate::view::Ink;
use crate::walk::Change;
use ratatui::crossterm::event::KeyCode;

impl App {
    pub(super) fn ask_for_knob(&mut self) {
        self.playing = false;
        let lang = self.look.lang;
        if let Err(why) = self.walk.can_grow() {
            return self.say(Ink::Warn, why.words().get(lang));
        }
        if self.walk.plan().is_none_or(|plan| plan.knobs.is_empty()) {
            return self.say(Ink::Dim, lang.pick("this scenario has no knobs", "这个场景没有旋钮"));
        }
        self.mode = Mode::Typing(Prompt::Knob, String::new());
    }

    /// What if this step's frame were lost?
    pub(super) fn drop_frame(&mut self) {
        self.playing = false;
        if let Err(why) = self.walk.can_grow() {
            return self.say(Ink::Warn, why.words().get(self.look.lang));
        }
        let sent = self.walk.step().and_then(|step| step.frame);
        match sent.and_then(|sent| self.walk.pattern(sent)) {
            Some(pattern) => self.grow(Change::Drop(pattern)),
            None => {
                let text = self.look.lang.pick("no frame to lose in this step", "这一步没有可丢的帧");
                self.say(Ink::Dim, text);
            }
        }
    }

    /// Runs everything again with one thing changed, and stands where the runs part.
    pub(super) fn grow(&mut self, change: Change) {
        let lang = self.look.lang;
        let (ink, text) = match self.walk.grow(change) {
            Ok(branch) => {
                let name = branch.name().unwrap_or_default();
                let text = if branch.parts_at.is_none() {
                    lang.pick(format!("{name}: nothing changes"), format!("{name}：什么也不会变"))
                } else {
                    lang.pick(
                        format!("{name}: from here on another run; Tab goes back, 7 compares, B lists"),
                        format!("{name}：从这里起是另一次运行；Tab 返回，7 并排对照，B 列出"),
                    )
                };
                (Ink::Warn, text)
            }
            Err(why) => (Ink::Bad, why.words().get(lang).to_owned()),
        };
        self.say(ink, text);
    }

    /// Lists the branches.
    pub(super) fn list_branches(&mut self) {
        self.playing = false;
        self.mode = Mode::Branches(self.walk.branch());
    }

    pub(super) fn branches_key(&mut self, code: KeyCode, chosen: usize) {
        let last = self.walk.branches().len() - 1;
        match code {
            KeyCode::Up => self.mode = Mode::Branches(chosen.saturating_sub(1)),
            KeyCode::Down => self.mode = Mode::Branches((chosen + 1).min(last)),
            KeyCode::Home => self.mode = Mode::Branches(0),
            KeyCode::End => self.mode = Mode::Branches(last),
            KeyCode::Char('l') => self.other_language(),
            KeyCode::Enter => {
                self.mode = Mode::Walking;
                self.walk.switch(chosen);
            }
            KeyCode::Char('c') => self.compare_with(chosen),
            KeyCode::Char('n') => self.mode = Mode::Typing(Prompt::Name(chosen), String::new()),
            KeyCode::Char('x') | KeyCode::Delete => self.forget(chosen),
            _ => self.mode = Mode::Walking,
        }
    }

    fn compare_with(&mut self, chosen: usize) {
        if chosen == self.walk.branch() {
            let text = self.look.lang.pick("choose another than the present one", "请选现在这条之外的分支");
            return self.say(Ink::Warn, text);
        }
        self.compared = Some(chosen);
        self.pane = Pane::Branches;
        self.mode = Mode::Walking;
    }

    fn forget(&mut self, chosen: usize) {
        let lang = self.look.lang;
        let title = self.walk.branches()[chosen].title();
        if !self.walk.remove(chosen) {
            return self.say(Ink::Warn, lang.pick("a first run stays", "最初的运行不能删"));
        }
        self.anew();
        self.compared = match self.compared {
            Some(compared) if compared == chosen => None,
            Some(compared) if compared > chosen => Some(compared - 1),
            compared => compared,
        };
        self.mode = Mode::Branches(chosen.min(self.walk.branches().len() - 1));
        self.say(Ink::Dim, lang.pick(format!("forgotten: {}", title.en), format!("已删除：{}", title.zh)));
    }

    pub(super) fn name_branch(&mut self, place: usize, typed: &str) {
        self.walk.rename(place, typed);
        self.mode = Mode::Branches(place);
    }
}
