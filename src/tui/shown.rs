//! What is shown of what is: made anew after each event, so that drawing only paints.

use super::app::App;
use super::keys;
use super::mode::{Mode, Prompt};
use super::panes::{self, Pane};
use super::scene::Scene;
use super::why;
use crate::view::{Ink, Line, Look};

impl App {
    /// The branch the present one is compared with: the one it grew from, or the first that grew from it.
    pub(super) fn partner(&self) -> Option<usize> {
        let here = self.walk.branch();
        let grown = || self.walk.branches().iter().position(|branch| branch.parent == Some(here));
        self.walk.here().parent.or_else(grown)
    }

    /// Makes what is shown fit what is.
    pub(super) fn refresh(&mut self) {
        let layout = self.layout();
        let width = usize::from(layout.diagram.width.max(layout.pane.width)).saturating_sub(2);
        let diagram_width = if layout.diagram.width < self.size.0 {
            usize::from(layout.diagram.width).saturating_sub(2)
        } else {
            width
        };
        self.scenes.resize_with(self.walk.branches().len(), || None);
        let partner = self.partner().filter(|_| self.pane == Pane::Branches);
        for place in [Some(self.walk.branch()), partner].into_iter().flatten() {
            if self.scenes[place].is_none() {
                let branch = &self.walk.branches()[place];
                self.scenes[place] = Some(Scene::of(branch, &self.look, diagram_width.min(160)));
            }
        }
        let shown = (self.walk.branch(), self.walk.at(), self.pane);
        let moved = self.shown != Some(shown);
        if moved {
            self.shown = Some(shown);
            self.scroll = 0;
        }
        self.field = self.field.min(panes::fields(&self.walk).saturating_sub(1));
        let pane_look = Look { width: usize::from(layout.pane.width).max(24), ..self.look.clone() };
        if let Mode::Why(chosen) = &mut self.mode {
            let narrower = Look { width: pane_look.width - 2, ..pane_look.clone() };
            self.chain = why::chain(&self.walk, &narrower);
            *chosen = (*chosen).min(self.chain.len().saturating_sub(1));
        }
        let (lines, keep) = self.pane_lines(&pane_look, usize::from(layout.pane.height));
        self.below = lines;
        if moved && keep >= usize::from(layout.pane.height) {
            // The line before it stays, for where one comes from.
            self.scroll = keep.saturating_sub(1);
        }
        let most = self.below.len().saturating_sub(usize::from(layout.pane.height));
        self.scroll = self.scroll.min(most);
        if let Mode::Help(scroll) = &mut self.mode {
            *scroll = (*scroll).min(most);
        }
    }

    /// The lines of the pane, or of what stands in its place, and the line that is to be seen.
    fn pane_lines(&self, look: &Look, height: usize) -> (Vec<Line>, usize) {
        match &self.mode {
            Mode::Help(_) => return (keys::help(look, look.width), 0),
            Mode::Why(chosen) => {
                let (lines, keep) = why::lines(&self.chain, *chosen, look);
                let from = panes::window(lines.len(), keep, height);
                return (lines.into_iter().skip(from).take(height).collect(), 0);
            }
            Mode::Asking(asking) => return (asking.lines(look), 0),
            Mode::Typing(Prompt::Knob, _) => return (self.knobs(look), 0),
            Mode::Walking | Mode::Typing(..) => {}
        }
        let Some(scene) = self.scene() else { return (Vec::new(), 0) };
        let lines = match self.pane {
            Pane::Frame => match panes::Frame::of(&self.walk) {
                Some(frame) => frame.lines(self.field, height, look),
                None => {
                    let text = look.lang.pick(" no frame in this step", " 这一步没有帧");
                    vec![Line::of(look, Ink::Dim, text)]
                }
            },
            Pane::Branches => return self.branch_lines(scene, look),
            pane => panes::lines(pane, &self.walk, scene, look),
        };
        (lines, 0)
    }

    fn branch_lines(&self, scene: &Scene, look: &Look) -> (Vec<Line>, usize) {
        let mut lines = panes::branches(&self.walk, look);
        let other = self.partner().and_then(|place| Some((place, self.scenes.get(place)?.as_ref()?)));
        match other {
            Some(other) => {
                let mut pair = [(self.walk.branch(), scene), other];
                pair.sort_by_key(|(place, _)| *place);
                let (beside, at) = panes::side_by_side(&self.walk, pair, look);
                let keep = lines.len() + at;
                lines.extend(beside);
                return (lines, keep);
            }
            None => {
                let text = look.lang.pick(
                    " d loses this step's frame, b changes a knob: then two runs stand side by side here",
                    " d 丢掉这一步的帧，b 改一个旋钮：两次运行便在这里并排",
                );
                lines.extend(look.wrap(text, look.width).iter().map(|text| Line::of(look, Ink::Dim, text)));
            }
        }
        (lines, 0)
    }

    fn knobs(&self, look: &Look) -> Vec<Line> {
        let knobs = self.walk.plan().map_or(&[][..], |plan| &plan.knobs);
        let mut lines = Vec::new();
        for knob in knobs {
            let mut line = Line::new();
            line.to(1).push_until(look, Ink::Call, &format!("{}={}", knob.name, knob.value), look.width);
            line.push(look, Ink::Plain, "  ").push_until(
                look,
                Ink::Plain,
                knob.means.get(look.lang),
                look.width,
            );
            lines.push(line);
        }
        lines
    }
}
