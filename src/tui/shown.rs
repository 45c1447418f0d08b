//! What is shown of what is: made anew after each event, so that drawing only paints.

use super::app::App;
use super::keys;
use super::mode::{Mode, Prompt};
use super::panes::{self, Pane};
use super::scene::Scene;
use super::why;
use crate::view::{Ink, Line, Look, Plots};

impl App {
    /// The branch the present one is compared with: the chosen one, the one it grew from, the first that grew from it, or
    /// the other first run.
    pub(super) fn partner(&self) -> Option<usize> {
        let here = self.walk.branch();
        if let Some(compared) = self.compared.filter(|compared| *compared != here) {
            return Some(compared);
        }
        let grown = || self.walk.branches().iter().position(|branch| branch.parent == Some(here));
        let first = || {
            let mut others = self.walk.branches().iter().enumerate().filter(|(place, _)| *place != here);
            others.find(|(_, branch)| branch.parent.is_none()).map(|(place, _)| place)
        };
        self.walk.here().parent.or_else(grown).or_else(first)
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
        if self.pane == Pane::Plots {
            self.plot();
        }
        let pane_look = Look { width: usize::from(layout.pane.width).max(24), ..self.look.clone() };
        if let Mode::Why(chosen) = &mut self.mode {
            let narrower = Look { width: pane_look.width.saturating_sub(2), ..pane_look.clone() };
            self.chain = why::chain(&self.walk, &narrower);
            *chosen = (*chosen).min(self.chain.len().saturating_sub(1));
        }
        let (lines, keep) = self.pane_lines(&pane_look, usize::from(layout.pane.height));
        self.below = lines;
        // The names of two branches side by side stay above what they tell.
        let beside = self.pane == Pane::Branches && self.mode == Mode::Walking && partner.is_some();
        self.pinned = usize::from(beside && layout.pane.height > 2);
        let room = usize::from(layout.pane.height) - self.pinned;
        if moved && keep >= room {
            // The line before it stays, for where one comes from.
            self.scroll = keep.saturating_sub(1);
        }
        let most = self.below.len().saturating_sub(self.pinned + room);
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
            Mode::Branches(chosen) => {
                let (lines, keep) = panes::list(&self.walk, *chosen, look);
                let from = panes::window(lines.len(), keep, height);
                return (lines.into_iter().skip(from).take(height).collect(), 0);
            }
            Mode::Typing(Prompt::Name(place), _) => {
                return (panes::list(&self.walk, *place, look).0, 0);
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
            Pane::Plots => {
                let now = self.walk.step().map(|step| step.at);
                let narrower = Look { width: look.width.saturating_sub(1), ..look.clone() };
                self.plots.as_ref().map_or_else(Vec::new, |(_, plots)| plots.draw(now, &narrower))
            }
            pane => panes::lines(pane, &self.walk, scene, look),
        };
        (lines, 0)
    }

    /// The curves of the present branch and the one it is compared with, unless they are there already.
    fn plot(&mut self) {
        let places: Vec<usize> = [Some(self.walk.branch()), self.partner()].into_iter().flatten().collect();
        if self.plots.as_ref().is_some_and(|(known, _)| *known == places) {
            return;
        }
        let branches = self.walk.branches();
        let title = |place: usize| format!("{} {}", place + 1, branches[place].title().get(self.look.lang));
        let names: Vec<String> = places.iter().map(|place| self.look.fit(&title(*place), 28)).collect();
        let runs: Vec<_> = names
            .iter()
            .map(String::as_str)
            .zip(places.iter().map(|place| &branches[*place].trace))
            .collect();
        let plots = Plots::of(&runs, &self.look);
        self.plots = Some((places, plots));
    }

    fn branch_lines(&self, scene: &Scene, look: &Look) -> (Vec<Line>, usize) {
        let other = self.partner().and_then(|place| Some((place, self.scenes.get(place)?.as_ref()?)));
        match other {
            Some(other) => {
                let mut pair = [(self.walk.branch(), scene), other];
                pair.sort_by_key(|(place, _)| *place);
                let (beside, at) = panes::side_by_side(&self.walk, pair, look);
                (beside, at)
            }
            None => {
                let mut lines = panes::branches(&self.walk, look);
                let text = look.lang.pick(
                    " d loses this step's frame, b changes a knob: then two runs stand side by side here",
                    " d 丢掉这一步的帧，b 改一个旋钮：两次运行便在这里并排",
                );
                lines.extend(look.wrap(text, look.width).iter().map(|text| Line::of(look, Ink::Dim, text)));
                (lines, 0)
            }
        }
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
