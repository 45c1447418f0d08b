//! What if? The keys that grow a branch.

use super::app::App;
use super::mode::{Mode, Prompt};
use crate::view::Ink;
use crate::walk::Change;

impl App {
    pub(super) fn ask_for_knob(&mut self) {
        self.playing = false;
        let lang = self.look.lang;
        if self.walk.plan().is_none_or(|plan| plan.knobs.is_empty()) {
            return self.say(Ink::Dim, lang.pick("this scenario has no knobs", "这个场景没有旋钮"));
        }
        self.mode = Mode::Typing(Prompt::Knob, String::new());
    }

    /// What if this step's frame were lost?
    pub(super) fn drop_frame(&mut self) {
        self.playing = false;
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
                        format!("{name}: from here on another run; Tab goes back, 7 compares"),
                        format!("{name}：从这里起是另一次运行；Tab 返回，7 并排对照"),
                    )
                };
                (Ink::Warn, text)
            }
            Err(why) => (Ink::Bad, why.words().get(lang).to_owned()),
        };
        self.say(ink, text);
    }
}
