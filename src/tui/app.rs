//! The model: what the screen shows, and what each key does to it. Nothing here knows a terminal.

use super::layout::Layout;
use super::mode::{Asking, Mode, Prompt};
use super::panes::Pane;
use super::scene::Scene;
use super::search::Search;
use super::why::Link;
use crate::lang::Lang;
use crate::view::{Ink, Line, Look, Plots, Scale};
use crate::walk::Walk;
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers, MouseEvent};
use std::time::Duration;

/// What reaches the model.
#[derive(Clone, Copy, Debug)]
pub enum Event {
    /// A key was pressed.
    Key(KeyEvent),
    /// The mouse did something.
    Mouse(MouseEvent),
    /// The screen has another size: columns, rows.
    Resize(u16, u16),
    /// The time between two steps of playing is over.
    Tick,
}

/// What is to be done about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Draw again.
    Draw,
    /// Leave.
    Quit,
}

/// How long a step is shown while playing, slowest first.
const PACES: [Duration; 6] = [
    Duration::from_millis(4000),
    Duration::from_millis(2000),
    Duration::from_millis(1000),
    Duration::from_millis(500),
    Duration::from_millis(250),
    Duration::from_millis(100),
];

/// A walk on the screen.
#[derive(Clone, Debug)]
pub struct App {
    pub(super) walk: Walk,
    pub(super) look: Look,
    pub(super) size: (u16, u16),
    pub(super) pane: Pane,
    pub(super) mode: Mode,
    pub(super) search: Search,
    /// What was said last.
    pub(super) message: Option<(Ink, String)>,
    /// The lines of the pane before scrolling.
    pub(super) below: Vec<Line>,
    pub(super) scroll: usize,
    /// So many lines at its top do not scroll.
    pub(super) pinned: usize,
    /// The chosen field of the frame.
    pub(super) field: usize,
    pub(super) playing: bool,
    pace: usize,
    /// What is drawn of each branch, once it is needed.
    pub(super) scenes: Vec<Option<Scene>>,
    /// The curves drawn last, and of which branches they are.
    pub(super) plots: Option<(Vec<usize>, Plots)>,
    /// The branch chosen to stand beside the present one.
    pub(super) compared: Option<usize>,
    pub(super) chain: Vec<Link>,
    /// What the pane's lines were made for.
    pub(super) shown: Option<(usize, usize, Pane)>,
}

impl App {
    /// At the walk's present step, on a screen of that size; what the scenario asks before that step is asked first.
    pub fn new(walk: Walk, look: Look, width: u16, height: u16) -> App {
        let mut app = App {
            walk,
            look,
            size: (width, height),
            pane: Pane::Story,
            mode: Mode::Walking,
            search: Search::default(),
            message: None,
            below: Vec::new(),
            scroll: 0,
            pinned: 0,
            field: 0,
            playing: false,
            pace: 2,
            scenes: Vec::new(),
            plots: None,
            compared: None,
            chain: Vec::new(),
            shown: None,
        };
        app.begin();
        app.refresh();
        app
    }

    /// The walk as it stands.
    pub fn walk(&self) -> &Walk {
        &self.walk
    }
    /// The walk, given back.
    pub fn into_walk(self) -> Walk {
        self.walk
    }
    /// How long to wait for the next [`Event::Tick`]; `None` while nothing plays.
    pub fn pace(&self) -> Option<Duration> {
        (self.playing && self.mode == Mode::Walking).then(|| PACES[self.pace])
    }
    /// Whether a list stands where diagram and pane are else.
    pub(super) fn whole(&self) -> bool {
        matches!(self.mode, Mode::Help(_))
    }
    pub(super) fn layout(&self) -> Layout {
        self.layout_on(self.size.0, self.size.1)
    }
    /// Where everything stands on a screen of that size.
    pub(super) fn layout_on(&self, width: u16, height: u16) -> Layout {
        // What asks for an answer has to be seen even where the diagram stands alone.
        let pane = if self.pane == Pane::Diagram && self.mode.needs_pane() { Pane::Story } else { self.pane };
        Layout::of(width, height, pane, self.whole())
    }
    /// What is drawn of the branch stood in.
    pub(super) fn scene(&self) -> Option<&Scene> {
        self.scenes.get(self.walk.branch())?.as_ref()
    }

    /// Takes in what happened.
    pub fn update(&mut self, event: Event) -> Effect {
        let effect = match event {
            Event::Key(key) => self.key(key),
            Event::Mouse(mouse) => {
                self.mouse(mouse);
                Effect::Draw
            }
            Event::Resize(width, height) => {
                self.size = (width, height);
                self.anew();
                Effect::Draw
            }
            Event::Tick => {
                if self.pace().is_some() {
                    self.forward();
                    self.playing &= self.walk.at() + 1 < self.walk.steps().len();
                }
                Effect::Draw
            }
        };
        self.refresh();
        effect
    }

    fn key(&mut self, key: KeyEvent) -> Effect {
        if key.modifiers.contains(KeyModifiers::CONTROL) {
            return match key.code {
                KeyCode::Char('c') => Effect::Quit,
                _ => Effect::Draw,
            };
        }
        self.message = None;
        match &self.mode {
            Mode::Walking => return self.walking_key(key.code),
            Mode::Help(_) => self.help_key(key.code),
            Mode::Why(chosen) => {
                let chosen = *chosen;
                self.why_key(key.code, chosen);
            }
            Mode::Branches(chosen) => {
                let chosen = *chosen;
                self.branches_key(key.code, chosen);
            }
            Mode::Typing(prompt, typed) => {
                let (prompt, typed) = (*prompt, typed.clone());
                self.typing_key(key.code, prompt, typed);
            }
            Mode::Asking(asking) => {
                let asking = asking.clone();
                self.asking_key(key.code, asking);
            }
        }
        Effect::Draw
    }

    fn walking_key(&mut self, code: KeyCode) -> Effect {
        match code {
            KeyCode::Char('q') => return Effect::Quit,
            KeyCode::Right | KeyCode::Enter => self.forward(),
            KeyCode::Left | KeyCode::Backspace => self.back(),
            KeyCode::Home => self.turn(0),
            KeyCode::End => self.turn(self.walk.steps().len().saturating_sub(1)),
            KeyCode::Up => self.up(1),
            KeyCode::Down => self.down(1),
            KeyCode::PageUp => self.up(self.page()),
            KeyCode::PageDown => self.down(self.page()),
            KeyCode::Tab => self.switch(1),
            KeyCode::BackTab => self.switch(self.walk.branches().len() - 1),
            KeyCode::Esc => self.playing = false,
            KeyCode::Char(' ') => {
                self.playing = !self.playing && self.walk.at() + 1 < self.walk.steps().len()
            }
            KeyCode::Char('+' | '=') => self.pace = (self.pace + 1).min(PACES.len() - 1),
            KeyCode::Char('-') => self.pace = self.pace.saturating_sub(1),
            KeyCode::Char('l') => self.other_language(),
            KeyCode::Char('?' | 'h') => self.mode = Mode::Help(0),
            KeyCode::Char('w') => self.open_why(),
            KeyCode::Char('d') => self.drop_frame(),
            KeyCode::Char('b') => self.ask_for_knob(),
            KeyCode::Char('B') => self.list_branches(),
            KeyCode::Char('t') => self.other_scale(),
            KeyCode::Char('a') => self.other_numbers(),
            KeyCode::Char('g') => self.mode = Mode::Typing(Prompt::Step, String::new()),
            KeyCode::Char('/') => self.mode = Mode::Typing(Prompt::Search, String::new()),
            KeyCode::Char('n') => self.hit(Search::next),
            KeyCode::Char('N') => self.hit(Search::previous),
            KeyCode::Char(digit) => {
                if let Some(pane) = Pane::of_digit(digit) {
                    self.choose(pane);
                }
            }
            _ => {}
        }
        Effect::Draw
    }

    pub(super) fn choose(&mut self, pane: Pane) {
        self.pane = pane;
    }

    pub(super) fn say(&mut self, ink: Ink, text: impl Into<String>) {
        self.message = Some((ink, text.into()));
    }

    /// Asks what stands before the step where the walk begins. Until that is answered the step before it is seen: its own shows
    /// the answer.
    fn begin(&mut self) {
        let to = self.walk.at();
        let due = self.walk.ask_before(to);
        if due.is_empty() {
            return;
        }
        if let Some(before) = to.checked_sub(1) {
            self.walk.go_to(before);
        }
        self.mode = Mode::Asking(Asking { due, to, typed: String::new(), graded: None });
    }

    /// Whether a question stands before the very first step: nothing has happened yet.
    pub(super) fn unbegun(&self) -> bool {
        self.walk.at() == 0 && matches!(&self.mode, Mode::Asking(asking) if asking.to == 0)
    }

    /// One step on, past the questions that come before it; behind the last step those that come then.
    pub(super) fn forward(&mut self) {
        self.go_asking(self.walk.at() + 1);
    }

    /// To a step; what the scenario asks before it is asked first.
    pub(super) fn go_asking(&mut self, to: usize) {
        let due = self.walk.ask_before(to);
        if due.is_empty() {
            return self.arrive(to);
        }
        self.playing = false;
        self.scroll = 0;
        self.mode = Mode::Asking(Asking { due, to, typed: String::new(), graded: None });
    }

    /// To a step; there is none behind the last.
    pub(super) fn arrive(&mut self, to: usize) {
        if to >= self.walk.steps().len() {
            return self.say(Ink::Dim, self.look.lang.pick("this is the last step", "已是最后一步"));
        }
        self.turn(to);
    }

    pub(super) fn back(&mut self) {
        self.playing = false;
        if !self.walk.back() {
            self.say(Ink::Dim, self.look.lang.pick("this is the first step", "已是第一步"));
        }
    }

    /// To a step, at once.
    pub(super) fn turn(&mut self, to: usize) {
        self.walk.go_to(to);
    }

    /// Lines of a page of the pane.
    fn page(&self) -> usize {
        usize::from(self.layout().pane.height).saturating_sub(1).max(1)
    }

    /// Back in what the pane shows; where there is no pane, in the walk.
    pub(super) fn up(&mut self, by: usize) {
        match self.pane {
            Pane::Diagram => self.turn(self.walk.at().saturating_sub(by)),
            Pane::Frame => self.field = self.field.saturating_sub(by),
            _ => self.scroll = self.scroll.saturating_sub(by),
        }
    }

    /// On in what the pane shows; where there is no pane, in the walk.
    pub(super) fn down(&mut self, by: usize) {
        match self.pane {
            Pane::Diagram if by == 1 => self.forward(),
            Pane::Diagram => self.turn((self.walk.at() + by).min(self.walk.steps().len().saturating_sub(1))),
            Pane::Frame => self.field += by,
            _ => self.scroll += by,
        }
    }

    fn switch(&mut self, by: usize) {
        let branches = self.walk.branches().len();
        if branches == 1 {
            let text = self
                .look
                .lang
                .pick("there is one branch; d or b makes more", "只有一条分支；d 或 b 会分出新的");
            return self.say(Ink::Dim, text);
        }
        self.walk.switch((self.walk.branch() + by) % branches);
    }

    pub(super) fn other_language(&mut self) {
        self.look.lang = match self.look.lang {
            Lang::En => Lang::Zh,
            Lang::Zh => Lang::En,
        };
        self.anew();
        self.search = Search::default();
    }

    /// What was drawn is drawn otherwise.
    pub(super) fn anew(&mut self) {
        self.scenes.clear();
        self.plots = None;
    }

    fn other_scale(&mut self) {
        self.look.scale = self.look.scale.other();
        self.anew();
        let lang = self.look.lang;
        let text = match self.look.scale {
            Scale::Steps => lang.pick("a row for each thing that happens", "每件事一行"),
            Scale::Linear => lang.pick("time runs evenly", "时间轴按比例"),
        };
        self.say(Ink::Dim, text);
    }

    fn other_numbers(&mut self) {
        self.look.absolute = !self.look.absolute;
        self.anew();
        let lang = self.look.lang;
        let text = match self.look.absolute {
            true => lang.pick("sequence numbers as on the wire", "序号按线路上的原值"),
            false => lang.pick("sequence numbers from the initial ones", "序号从初始序号数起"),
        };
        self.say(Ink::Dim, text);
    }

    fn open_why(&mut self) {
        self.playing = false;
        self.mode = Mode::Why(0);
    }

    fn help_key(&mut self, code: KeyCode) {
        let Mode::Help(scroll) = &mut self.mode else { return };
        match code {
            KeyCode::Down => *scroll += 1,
            KeyCode::Up => *scroll = scroll.saturating_sub(1),
            KeyCode::PageDown => *scroll += 10,
            KeyCode::PageUp => *scroll = scroll.saturating_sub(10),
            KeyCode::Char('l') => self.other_language(),
            _ => self.mode = Mode::Walking,
        }
    }

    fn why_key(&mut self, code: KeyCode, chosen: usize) {
        match code {
            KeyCode::Down | KeyCode::Left | KeyCode::Char('w') => {
                self.mode = Mode::Why((chosen + 1).min(self.chain.len().saturating_sub(1)));
            }
            KeyCode::Up | KeyCode::Right => self.mode = Mode::Why(chosen.saturating_sub(1)),
            KeyCode::Char('l') => self.other_language(),
            KeyCode::Enter => {
                self.mode = Mode::Walking;
                if let Some(step) = self.chain.get(chosen).map(|link| link.step) {
                    self.turn(step);
                }
            }
            _ => self.mode = Mode::Walking,
        }
    }
}
