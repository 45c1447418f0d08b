//! The full-screen stepper on a virtual terminal: how it looks, what each key and the mouse do, and that no size, no
//! language and no set of glyphs brings it into disorder.

use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use std::time::Duration;
use wirewalk::lang::Lang;
use wirewalk::scenario;
use wirewalk::tui::{App, Effect, Event, draw};
use wirewalk::view::{Glyphs, Look};
use wirewalk::walk::{Setup, Walk};

/// A learner at a terminal.
struct Learner {
    app: App,
    terminal: Terminal<TestBackend>,
    look: Look,
}

fn walk(name: &str) -> Walk {
    let scenario = scenario::find(name).expect("built in").scenario().expect("without mistakes");
    Walk::simulated(Setup::new(scenario)).expect("default knobs")
}

impl Learner {
    fn at(name: &str, look: Look, width: u16, height: u16) -> Learner {
        let app = App::new(walk(name), look.clone(), width, height);
        let terminal = Terminal::new(TestBackend::new(width, height)).expect("a virtual terminal");
        Learner { app, terminal, look }
    }

    fn english(name: &str) -> Learner {
        Learner::at(name, Look::default(), 80, 24)
    }

    fn event(&mut self, event: Event) -> Effect {
        self.app.update(event)
    }

    fn press(&mut self, code: KeyCode) -> Effect {
        self.event(Event::Key(KeyEvent::new(code, KeyModifiers::NONE)))
    }

    /// Types characters; `>` and `<` are the arrows, `\n` is Enter, `\t` Tab, `\u{1b}` Esc.
    fn keys(&mut self, keys: &str) -> &mut Learner {
        for key in keys.chars() {
            let code = match key {
                '>' => KeyCode::Right,
                '<' => KeyCode::Left,
                '\n' => KeyCode::Enter,
                '\t' => KeyCode::Tab,
                '\u{1b}' => KeyCode::Esc,
                character => KeyCode::Char(character),
            };
            self.press(code);
        }
        self
    }

    /// To a step, past every question on the way.
    fn to(&mut self, step: usize) -> &mut Learner {
        self.keys(&format!("g{}\n", step + 1));
        while self.app.walk().at() != step {
            self.keys("\u{1b}");
        }
        self
    }

    fn mouse(&mut self, kind: MouseEventKind, column: u16, row: u16) {
        self.event(Event::Mouse(MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE }));
    }

    fn buffer(&mut self) -> Buffer {
        let drawn =
            self.terminal.draw(|frame| draw(&self.app, frame)).expect("a virtual terminal never fails");
        drawn.buffer.clone()
    }

    /// The screen as text, without spaces at the ends of lines.
    fn screen(&mut self) -> String {
        let buffer = self.buffer();
        let mut text = String::new();
        for row in grid(&buffer, &self.look) {
            let line: String = row.into_iter().flatten().collect();
            text.push_str(line.trim_end());
            text.push('\n');
        }
        text
    }

    fn row_of(&mut self, words: &str) -> u16 {
        let screen = self.screen();
        screen.lines().position(|line| line.contains(words)).unwrap_or_else(|| panic!("{words}:\n{screen}"))
            as u16
    }
}

/// What a terminal shows: for each cell its character; `None` under the second half of a wide one.
type Grid = Vec<Vec<Option<char>>>;

fn grid(buffer: &Buffer, look: &Look) -> Grid {
    let area = buffer.area;
    let mut grid = Grid::new();
    for y in area.top()..area.bottom() {
        let mut row = Vec::new();
        let mut x = area.left();
        while x < area.right() {
            let character = buffer[(x, y)].symbol().chars().next().unwrap_or(' ');
            row.push(Some(character));
            x += 1;
            if look.char_width(character) == 2 {
                assert!(x < area.right(), "half of {character} in the last column of row {y}");
                assert_eq!(buffer[(x, y)].symbol(), " ", "under {character} in row {y}");
                row.push(None);
                x += 1;
            }
        }
        grid.push(row);
    }
    grid
}

/// Writes a character as terminals do: whoever loses one half loses the other.
fn write(grid: &mut Grid, x: usize, y: usize, character: char, width: usize) {
    let row = &mut grid[y];
    for at in x..x + width {
        if row[at].is_none() && at > 0 {
            row[at - 1] = Some(' ');
        }
        if row.get(at + 1) == Some(&None) {
            row[at + 1] = Some(' ');
        }
        row[at] = if at == x { Some(character) } else { None };
    }
}

#[test]
fn the_screens_look_as_they_did() {
    for lang in [Lang::En, Lang::Zh] {
        for (width, height) in [(80, 24), (120, 40), (40, 12)] {
            let look = Look { lang, ..Look::default() };
            let mut learner = Learner::at("lost-syn-ack", look, width, height);
            learner.to(4);
            let mut screens = String::new();
            for keys in [
                "6",
                "1",
                "2",
                "3",
                "4",
                "5",
                "8",
                "w",
                "\u{1b}?",
                "\u{1b}<<",
                ">",
                "\u{1b}4/SYN",
                "\nd7",
                "8",
                "B",
                "nno answer",
                "\n",
                "\u{1b}1t",
                "ta",
                "a6b",
                "\u{1b}g",
                "1\n ",
            ] {
                learner.keys(keys);
                screens.push_str(&format!(
                    "{:─<60}\n{}",
                    format!("{} ", keys.escape_debug()),
                    learner.screen()
                ));
            }
            insta::assert_snapshot!(format!("lost-syn-ack-{width}x{height}-{lang}"), screens);
        }
    }
}

#[test]
fn many_hosts_crossing_frames_and_datagrams_look_as_they_did() {
    for lang in [Lang::En, Lang::Zh] {
        for name in ["simultaneous-close", "syn-flood", "udp-no-listener"] {
            let Ok(_) = scenario::find(name) else { panic!("{name} is gone: choose another") };
            let look = Look { lang, ..Look::default() };
            let mut learner = Learner::at(name, look, 80, 24);
            let last = learner.app.walk().steps().len() - 1;
            learner.to(last).keys("2");
            let mut screens = learner.screen();
            screens.push_str(&learner.keys("5").screen());
            insta::assert_snapshot!(format!("{name}-{lang}"), screens);
        }
    }
}

#[test]
fn keys_walk_both_ways_and_stop_at_the_ends() {
    let mut learner = Learner::english("three-way-handshake");
    let steps = learner.app.walk().steps().len();
    learner.keys("<");
    assert_eq!(learner.app.walk().at(), 0);
    assert!(learner.screen().contains("this is the first step"));
    learner.press(KeyCode::End);
    learner.keys("\u{1b}\u{1b}");
    learner.to(steps - 1).keys(">");
    // Behind the last step the lesson asks what is left to be asked.
    while learner.screen().contains("Enter answers") {
        learner.press(KeyCode::Esc);
    }
    assert!(learner.screen().contains("this is the last step"), "{}", learner.screen());
    learner.keys("<");
    assert_eq!(learner.app.walk().at(), steps - 2);
    learner.press(KeyCode::Home);
    assert_eq!(learner.app.walk().at(), 0);
    learner.keys("g999\n");
    assert_eq!(learner.app.walk().at(), 0);
    assert!(learner.screen().contains(&format!("a number from 1 to {steps}")));
}

#[test]
fn the_diagram_grows_with_each_step_and_shows_nothing_of_what_comes() {
    let mut learner = Learner::english("three-way-handshake");
    learner.keys("1");
    let steps = learner.app.walk().steps().len();
    let mut before = 0;
    for step in 0..steps {
        let screen = learner.to(step).screen();
        let heads = screen.matches("─▸│").count() + screen.matches("│◂─").count();
        assert!(heads >= before, "step {step}:\n{screen}");
        before = heads;
    }
    assert!(before >= 3);
    learner.press(KeyCode::Home);
    assert!(!learner.screen().contains("─▸│"), "at the first step nothing has been sent");
}

#[test]
fn a_question_stands_in_the_way_is_graded_once_and_can_be_skipped() {
    let mut learner = Learner::english("lost-syn-ack");
    learner.keys(">>>");
    let at = learner.app.walk().at();
    assert!(learner.screen().contains("Enter answers"), "{}", learner.screen());
    learner.keys("999\n");
    assert!(learner.screen().contains("✗ it is 0"), "{}", learner.screen());
    assert_eq!(learner.app.walk().score(), (0, 1));
    learner.keys("\n");
    assert_eq!(learner.app.walk().at(), at + 1);
    learner.keys("<>");
    assert_eq!(learner.app.walk().at(), at + 1, "asked only once");

    let mut other = Learner::english("lost-syn-ack");
    other.keys(">>>0\n");
    assert!(other.screen().contains("✓ right"), "{}", other.screen());
    assert!(other.screen().contains("✓ 1/1"), "the score stands above");
}

#[test]
fn a_question_before_the_very_first_step_is_asked_before_anything_is_shown() {
    for (lang, [before, first]) in
        [(Lang::En, ["before step 1/", "0.000 s  step 1/"]), (Lang::Zh, ["步之前", "0.000 s  第 1/"])]
    {
        let look = Look { lang, ..Look::default() };
        let mut learner = Learner::at("ping", look, 80, 24);
        let asked = learner.app.walk().here().questions[0].clone();
        assert_eq!(asked.step, 0, "it belongs before the first step");
        let screen = learner.screen();
        assert!(screen.contains(before) && screen.contains(asked.ask.get(lang)), "{screen}");
        assert!(
            !screen.contains('▸') && !screen.contains("sendto"),
            "the answer is not shown yet:\n{screen}"
        );
        learner.keys("42\n");
        assert_eq!(learner.app.walk().score(), (0, 1));
        assert!(learner.screen().contains(&asked.solved.right().en), "{}", learner.screen());
        let screen = learner.keys("\n").screen();
        assert!(screen.contains(first) && screen.contains("sendto") && screen.contains('▸'), "{screen}");
        learner.press(KeyCode::Home);
        assert!(learner.keys("g1\n").screen().contains(first), "asked only once");
    }
}

#[test]
fn a_question_longer_than_its_pane_scrolls_and_its_answer_is_always_seen() {
    for (lang, [yours, wrong]) in
        [(Lang::En, ["your answer: xyz_", "✗ it is"]), (Lang::Zh, ["你的答案：xyz_", "✗ 应为"])]
    {
        let look = Look { lang, ..Look::default() };
        let mut learner = Learner::at("three-segment-close", look, 40, 12);
        let last = learner.app.walk().steps().len();
        learner.keys(&format!("g{last}\n"));
        learner.to(last - 1);
        // An order, with a line for each segment.
        learner.keys(">");
        while !learner.screen().contains("   A  ") {
            learner.keys("\u{1b}>");
        }
        let screen = learner.keys("xyz").screen();
        assert!(screen.contains(yours) && screen.contains('↓'), "{screen}");
        for _ in 0..30 {
            learner.press(KeyCode::Down);
        }
        let screen = learner.screen();
        assert!(screen.contains("   E  ") && !screen.contains('↓'), "{screen}");
        assert!(learner.keys("\n").screen().contains(wrong), "{}", learner.screen());
    }
}

#[test]
fn a_walk_that_begins_later_asks_what_stands_before_that_step_and_shows_the_one_before_it() {
    let mut later = walk("lost-syn-ack");
    let asked = later.here().questions[0].clone();
    assert!(later.go_to(asked.step), "not the end");
    let app = App::new(later, Look::default(), 80, 24);
    let terminal = Terminal::new(TestBackend::new(80, 24)).expect("a virtual terminal");
    let mut learner = Learner { app, terminal, look: Look::default() };
    assert!(learner.screen().contains("Enter answers"), "{}", learner.screen());
    assert_eq!(learner.app.walk().at(), asked.step - 1);
    learner.keys("\u{1b}");
    assert_eq!(learner.app.walk().at(), asked.step);
}

#[test]
fn losing_a_frame_makes_a_branch_that_can_be_left_and_compared() {
    let mut learner = Learner::at("three-way-handshake", Look::default(), 80, 50);
    let sends = learner.app.walk().steps().iter().position(|step| step.frame.is_some()).expect("a frame");
    learner.to(sends).keys("d");
    assert_eq!(learner.app.walk().branches().len(), 2);
    assert_eq!(learner.app.walk().branch(), 1);
    let screen = learner.screen();
    assert!(screen.contains("branch 2/2") && screen.contains("client > server #1"), "{screen}");
    let screen = learner.keys("7").screen();
    assert!(screen.contains("1 the run as written") && screen.contains("2 --drop"), "{screen}");
    assert!(screen.contains("is lost on the way"), "{screen}");
    learner.keys("\t");
    assert_eq!(learner.app.walk().branch(), 0);
    learner.press(KeyCode::BackTab);
    assert_eq!(learner.app.walk().branch(), 1);
}

#[test]
fn the_branches_side_by_side_follow_the_walk() {
    let mut learner = Learner::english("four-way-close");
    let sends = learner.app.walk().steps().iter().position(|step| step.frame.is_some()).expect("a frame");
    learner.to(sends).keys("d7");
    let steps = learner.app.walk().steps().len();
    for step in sends..steps {
        learner.to(step);
        let screen = learner.screen();
        let pane = screen.lines().skip_while(|line| !line.contains("[7 branches]")).skip(1);
        assert!(pane.filter(|line| line.contains("│ ▸")).count() == 1, "step {step}:\n{screen}");
    }
}

#[test]
fn a_knob_is_turned_by_name_and_mistakes_are_told() {
    let mut learner = Learner::english("syn-flood");
    let knob = learner.app.walk().plan().expect("simulated").knobs[0].clone();
    let screen = learner.keys("b").screen();
    assert!(screen.contains(&format!("{}=", knob.name)), "{screen}");
    learner.keys("no-such-knob=1\n");
    assert_eq!(learner.app.walk().branches().len(), 1);
    learner.keys(&format!("b{}={}\n", knob.name, knob.value));
    assert_eq!(learner.app.walk().branches().len(), 2);
    assert!(learner.screen().contains("nothing changes"), "{}", learner.screen());
}

#[test]
fn why_leads_back_to_the_cause_and_goes_there() {
    let mut learner = Learner::english("lost-syn-ack");
    let arrives = learner.app.walk().steps().iter().rposition(|step| step.frame.is_some()).expect("a frame");
    learner.to(arrives);
    let screen = learner.keys("w").screen();
    assert!(screen.contains(&format!("▸ [{}]", arrives + 1)), "{screen}");
    learner.keys("wwwwwwwwwwwwwwwwwwww");
    assert!(learner.screen().contains("▸ ["), "{}", learner.screen());
    learner.keys("\n");
    assert!(learner.app.walk().at() < arrives, "{}", learner.screen());
}

#[test]
fn a_search_goes_from_hit_to_hit_round_the_walk() {
    let mut learner = Learner::english("lost-syn-ack");
    learner.keys("/retransmission TIMER\n");
    let first = learner.app.walk().at();
    assert!(first > 0 && learner.screen().contains("retransmission TIMER"));
    learner.keys("n");
    let second = learner.app.walk().at();
    learner.keys("N");
    assert_eq!(learner.app.walk().at(), first);
    assert!(second >= first);
    learner.keys("/there is no such thing\n");
    assert_eq!(learner.app.walk().at(), first);
    assert!(learner.screen().contains("nowhere"), "{}", learner.screen());
}

#[test]
fn the_language_changes_at_once_and_stays_at_the_step() {
    let mut learner = Learner::english("four-way-close");
    learner.to(3).keys("l");
    let screen = learner.screen();
    assert!(screen.contains("第 4/") && screen.contains("讲解"), "{screen}");
    assert_eq!(learner.app.walk().at(), 3);
    assert!(learner.keys("l").screen().contains("step 4/"));
}

#[test]
fn playing_goes_on_by_itself_until_a_question_or_the_end() {
    let mut learner = Learner::english("lost-syn-ack");
    assert_eq!(learner.app.pace(), None);
    learner.keys(" ");
    let slow = learner.app.pace().expect("plays");
    learner.keys("+");
    assert!(learner.app.pace().is_some_and(|pace| pace < slow && pace > Duration::ZERO));
    for _ in 0..100 {
        if learner.app.pace().is_none() {
            break;
        }
        learner.event(Event::Tick);
    }
    assert!(learner.screen().contains("Enter answers"), "a question stops it");
    for _ in 0..learner.app.walk().plan().expect("simulated").questions.len() {
        learner.keys("\u{1b} ");
        for _ in 0..100 {
            learner.event(Event::Tick);
        }
    }
    assert_eq!(learner.app.pace(), None, "nothing plays at the end");
    assert_eq!(learner.app.walk().at() + 1, learner.app.walk().steps().len());
}

#[test]
fn the_frame_pane_marks_the_octets_of_the_chosen_field() {
    let mut learner = Learner::english("three-way-handshake");
    let sends = learner.app.walk().steps().iter().position(|step| step.frame.is_some()).expect("a frame");
    learner.to(sends).keys("3");
    let screen = learner.screen();
    assert!(screen.contains("[02 00 00 00 00 02]"), "the destination comes first:\n{screen}");
    learner.press(KeyCode::Down);
    let screen = learner.screen();
    assert!(screen.contains("02[02 00") && screen.contains("00 01]"), "{screen}");
    for _ in 0..200 {
        learner.press(KeyCode::Down);
    }
    assert!(learner.screen().contains('▸'));
}

#[test]
fn the_mouse_walks_chooses_rows_and_opens_panes() {
    let mut learner = Learner::english("three-way-handshake");
    let last = learner.app.walk().steps().len() - 1;
    learner.mouse(MouseEventKind::ScrollDown, 10, 5);
    assert_eq!(learner.app.walk().at(), 1);
    learner.mouse(MouseEventKind::ScrollUp, 10, 5);
    assert_eq!(learner.app.walk().at(), 0);
    learner.to(last);
    let row = learner.row_of("S 0 ─");
    learner.mouse(MouseEventKind::Down(MouseButton::Left), 40, row);
    let step = *learner.app.walk().step().expect("a step");
    assert!(learner.app.walk().at() < last);
    assert!(step.frame.is_some());
    let tabs = learner.row_of("2 states");
    let column =
        learner.screen().lines().nth(usize::from(tabs)).unwrap().chars().position(|c| c == '3').unwrap();
    learner.mouse(MouseEventKind::Down(MouseButton::Left), column as u16, tabs);
    assert!(learner.screen().contains("[3 frame]"), "{}", learner.screen());
    // Nothing lies beyond the edge, and a click there does nothing.
    learner.mouse(MouseEventKind::Down(MouseButton::Left), 500, 500);
}

#[test]
fn q_and_control_c_leave_wherever_one_is() {
    let quit = |keys: &str| {
        let mut learner = Learner::english("lost-syn-ack");
        learner.keys(keys);
        learner.event(Event::Key(KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL)))
    };
    for keys in ["", "?", "w", "/abc", "g1", ">>>"] {
        assert_eq!(quit(keys), Effect::Quit, "{keys}");
    }
    assert_eq!(Learner::english("lost-syn-ack").press(KeyCode::Char('q')), Effect::Quit);
}

#[test]
fn no_size_is_too_small_and_none_too_odd() {
    for (width, height) in [(20, 5), (1, 1), (2, 2), (7, 3), (72, 4), (79, 9), (30, 60), (149, 24), (250, 70)]
    {
        for lang in [Lang::En, Lang::Zh] {
            let look = Look { lang, ..Look::default() };
            let mut learner = Learner::at("lost-syn-ack", look, width, height);
            for keys in [
                "1", "2", "3", "4", "5", "6", "7", ">", ">", "d", "7", "w", "w", "\u{1b}", "?", "\u{1b}",
                "b", "\u{1b}", ">>>",
            ] {
                learner.keys(keys);
                learner.screen();
            }
        }
    }
}

#[test]
fn a_changed_size_is_drawn_before_and_after_the_model_knows() {
    let mut learner = Learner::english("lost-syn-ack");
    learner.to(3).screen();
    learner.terminal.backend_mut().resize(40, 10);
    learner.screen();
    learner.event(Event::Resize(40, 10));
    learner.screen();
    learner.terminal.backend_mut().resize(160, 50);
    learner.event(Event::Resize(160, 50));
    let screen = learner.screen();
    assert!(screen.lines().count() == 50, "{screen}");
}

/// What the terminal is sent, from screen to screen, leaves no half of a wide character and nothing of the screen before.
#[test]
fn wide_characters_never_leave_anything_behind() {
    for (glyphs, _) in Glyphs::ALL {
        let look = Look { lang: Lang::Zh, glyphs, ..Look::default() };
        let mut learner = Learner::at("lost-syn-ack", look.clone(), 80, 24);
        let mut before = learner.buffer();
        let mut shown = grid(&before, &look);
        for keys in [
            "6", ">", "3", ">", "2", "l", "4", "l", "5", "<", "w", "\u{1b}", "?", "\u{1b}", "d", "7", "1",
            "\t", "6",
        ] {
            learner.keys(keys);
            let after = learner.buffer();
            for (x, y, cell) in before.diff(&after) {
                let character = cell.symbol().chars().next().unwrap_or(' ');
                let width = look.char_width(character);
                write(&mut shown, usize::from(x), usize::from(y), character, width);
            }
            let wanted = grid(&after, &look);
            for (y, (shown, wanted)) in shown.iter().zip(&wanted).enumerate() {
                assert_eq!(shown, wanted, "{glyphs:?}, after {keys:?}, row {y}");
            }
            before = after;
        }
    }
}

#[test]
fn ascii_screens_in_english_are_ascii_and_without_colour_there_is_none() {
    let look = Look { glyphs: Glyphs::Ascii, ..Look::default() };
    let mut learner = Learner::at("lost-syn-ack", look, 80, 24);
    for keys in ["1", "2", "3", "4", "5", "6", ">", ">", "w", "\u{1b}"] {
        let screen = learner.keys(keys).screen();
        let odd: String = screen.lines().flat_map(|line| line.chars()).filter(|c| !c.is_ascii()).collect();
        assert!(odd.is_empty(), "{odd}\n{screen}");
        let buffer = learner.buffer();
        assert!(buffer.content().iter().all(|cell| cell.fg == ratatui::style::Color::Reset));
    }
    let mut coloured = Learner::at("lost-syn-ack", Look { color: true, ..Look::default() }, 80, 24);
    let buffer = coloured.buffer();
    assert!(buffer.content().iter().any(|cell| cell.fg != ratatui::style::Color::Reset));
}

/// Every pane of every lesson, at its beginning, in its middle and at its end: lanes stay lanes, nothing is half a character.
#[test]
fn every_pane_of_every_lesson_can_be_drawn_on_every_screen() {
    for builtin in scenario::builtins() {
        let walk = walk(builtin.name);
        for lang in [Lang::En, Lang::Zh] {
            for (width, height) in [(80, 24), (120, 40), (40, 12)] {
                let look = Look { lang, ..Look::default() };
                let app = App::new(walk.clone(), look.clone(), width, height);
                let terminal = Terminal::new(TestBackend::new(width, height)).expect("a virtual terminal");
                let mut learner = Learner { app, terminal, look };
                let last = learner.app.walk().steps().len() - 1;
                for step in [0, last / 2, last] {
                    learner.to(step);
                    // A question may stand before the very first step.
                    learner.keys("\u{1b}");
                    for pane in ["1", "2", "3", "4", "5", "6", "7", "8", "9"] {
                        let screen = learner.keys(pane).screen();
                        let lines = screen.lines().count();
                        assert_eq!(lines, usize::from(height), "{}, pane {pane}:\n{screen}", builtin.name);
                        let [top, tabs] = [
                            screen.lines().next(),
                            screen.lines().find(|line| line.contains(&format!("[{pane} "))),
                        ];
                        assert!(
                            top.is_some_and(|top| top.contains(&format!("{}/{}", step + 1, last + 1))),
                            "{screen}"
                        );
                        assert!(tabs.is_some(), "{}, pane {pane}:\n{screen}", builtin.name);
                    }
                }
            }
        }
    }
}

#[test]
fn branches_are_listed_named_compared_in_any_pair_and_forgotten() {
    let mut learner = Learner::at("four-way-close", Look::default(), 100, 50);
    let frames = |learner: &Learner| -> Vec<usize> {
        let steps = learner.app.walk().steps().iter().enumerate();
        steps.filter(|(_, step)| step.frame.is_some()).map(|(at, _)| at).collect()
    };
    let first = frames(&learner)[0];
    learner.to(first).keys("d");
    learner.press(KeyCode::BackTab);
    let last = *frames(&learner).last().expect("frames");
    learner.to(last).keys("d");
    assert_eq!(learner.app.walk().branches().len(), 3);
    let screen = learner.keys("B").screen();
    assert!(screen.contains("▸ 3 --drop") && screen.contains("  1 the run as written"), "{screen}");
    learner.press(KeyCode::Up);
    let screen = learner.keys("nno SYN\n").screen();
    assert!(screen.contains("▸ 2 no SYN (--drop 'client > server #1'), parts from 1"), "{screen}");
    // Two that did not grow from each other, side by side.
    let screen = learner.keys("c").screen();
    assert!(
        screen.contains("[7 branches]") && screen.contains(" 2 no SYN ") && screen.contains("│  3 --drop"),
        "{screen}"
    );
    assert_eq!(learner.app.walk().branch(), 2);
    learner.keys("B");
    learner.press(KeyCode::Up);
    learner.keys("x");
    assert_eq!(learner.app.walk().branches().len(), 2);
    assert!(learner.screen().contains("forgotten: no SYN"), "{}", learner.screen());
    learner.press(KeyCode::Home);
    assert!(learner.keys("x").screen().contains("a first run stays"));
    learner.keys("\n");
    assert_eq!(learner.app.walk().branch(), 0);
    assert!(learner.keys("Bc").screen().contains("choose another"));
}

#[test]
fn what_the_kernel_did_stands_beside_the_simulation_and_cannot_branch() {
    let simulated = walk("lost-syn-ack");
    let mut trace = simulated.trace().clone();
    trace.meta.source = wirewalk::trace::Source::Live { kernel: "6.18.44-test".to_owned(), mode: "wire" };
    // A real machine is never as punctual.
    for record in &mut trace.records {
        record.at += wirewalk::clock::Span::micros(u64::from(record.id.0) * 7);
    }
    let scenario = scenario::find("lost-syn-ack").expect("built in").scenario().expect("without mistakes");
    let both =
        Walk::over(simulated.plan().cloned(), trace).beside(Setup::new(scenario)).expect("default knobs");
    let look = Look::default();
    let app = App::new(both, look.clone(), 100, 60);
    let terminal = Terminal::new(TestBackend::new(100, 60)).expect("a virtual terminal");
    let mut learner = Learner { app, terminal, look };
    let sends = learner.app.walk().steps().iter().position(|step| step.frame.is_some()).expect("a frame");
    learner.to(sends);
    for key in ["d", "b"] {
        let screen = learner.keys(key).screen();
        assert!(screen.contains("what the kernel did cannot be run again; branch 2"), "{screen}");
    }
    let screen = learner.keys("7").screen();
    assert!(
        screen.contains(" 1 on the kernel 6.18.44 ") && screen.contains("│  2 the run as written"),
        "{screen}"
    );
    // What says the same stands on one line, however late.
    let same = "client sends S 0 to server";
    assert!(screen.lines().any(|line| line.matches(same).count() == 2), "{screen}");
    learner.keys("\td");
    assert_eq!(learner.app.walk().branches().len(), 3);
    assert_eq!(learner.app.walk().here().parent, Some(1));
}

#[test]
fn time_runs_evenly_and_numbers_are_those_on_the_wire_on_request() {
    let mut learner = Learner::at("lost-syn-ack", Look::default(), 80, 110);
    learner.press(KeyCode::End);
    learner.keys("\u{1b}\u{1b}\u{1b}1");
    let by_steps = learner.screen();
    let evenly = learner.keys("t").screen();
    assert!(evenly.contains("(one row is 20 ms)") && !by_steps.contains("one row is"), "{evenly}");
    let drawn = |screen: &str| screen.lines().filter(|line| line.contains('│')).count();
    assert!(drawn(&evenly) > drawn(&by_steps), "{evenly}");
    assert!(by_steps.contains("S 0 ─"), "{by_steps}");
    let absolute = learner.keys("ta").screen();
    assert!(!absolute.contains("S 0 ─") && absolute.contains("── S "), "{absolute}");
    assert_eq!(learner.keys("a").screen().replace("sequence numbers from the initial ones", ""), {
        let mut again = Learner::at("lost-syn-ack", Look::default(), 80, 110);
        again.press(KeyCode::End);
        again.keys("\u{1b}\u{1b}\u{1b}1aa").screen().replace("sequence numbers from the initial ones", "")
    });
}

#[test]
fn a_narrow_screen_shows_one_pane_at_a_time_and_all_of_the_diagram() {
    for (lang, [answers, name]) in
        [(Lang::En, ["Enter answers", "[6 story]"]), (Lang::Zh, ["回车作答", "[6 讲解]"])]
    {
        let look = Look { lang, ..Look::default() };
        let mut learner = Learner::at("lost-syn-ack", look, 40, 12);
        let screen = learner.screen();
        assert!(screen.contains(name) && !screen.contains('▸'), "the story alone:\n{screen}");
        // A question is seen though the diagram has the screen.
        learner.keys("1>>>");
        assert!(learner.screen().contains(answers), "{}", learner.screen());
        learner.press(KeyCode::End);
        while learner.app.walk().at() + 1 < learner.app.walk().steps().len() {
            learner.keys("\u{1b}>");
        }
        let screen = learner.keys("1").screen();
        assert!(screen.contains("│── A 1 ack 1 ") && screen.contains("─▸│"), "{screen}");
        assert!(screen.contains("accept() = 4"), "{screen}");
    }
}

#[test]
fn the_curves_of_two_branches_lie_over_each_other_with_a_legend() {
    let mut learner = Learner::at("slow-start", Look::default(), 100, 60);
    let frames: Vec<usize> = {
        let steps = learner.app.walk().steps().iter().enumerate();
        steps.filter(|(_, step)| step.frame.is_some()).map(|(at, _)| at).collect()
    };
    learner.to(frames[frames.len() / 2]);
    let alone = learner.keys("8").screen();
    assert!(alone.contains("─── cwnd, most") && alone.contains("┊"), "{alone}");
    learner.keys("d");
    let both = learner.screen();
    assert!(both.contains("2 --drop") && both.contains(": cwnd, most"), "{both}");
    assert!(both.contains("1 the run as written: cwnd"), "{both}");
}

/// CPU time of this thread so far.
fn cpu() -> Duration {
    let now = nix::time::clock_gettime(nix::time::ClockId::CLOCK_THREAD_CPUTIME_ID).expect("Linux has it");
    Duration::from(now)
}

/// The slowest step of a walk with that pane, and the mean; its drawing included.
fn pace_of_steps(learner: &mut Learner, pane: &str, steps: u32) -> [Duration; 2] {
    learner.keys(pane).buffer();
    let mut slowest = Duration::ZERO;
    let begun = cpu();
    for _ in 0..steps {
        let before = cpu();
        learner.keys(">");
        learner.buffer();
        slowest = slowest.max(cpu() - before);
    }
    [slowest, (cpu() - begun) / steps]
}

/// A step of a walk over thousands of records, its drawing included, takes less than a screen takes to show it, even
/// unoptimised.
#[test]
fn a_step_of_a_long_walk_is_quick() {
    let mut learner = Learner::english("sawtooth");
    let records = learner.app.walk().trace().records.len();
    assert!(records >= 2_000, "only {records} records");
    for pane in ["1", "2", "3", "4", "5", "6", "8"] {
        let middle = learner.app.walk().steps().len() / 2;
        learner.to(middle);
        let [slowest, mean] = pace_of_steps(&mut learner, pane, 30);
        println!("{records} records, pane {pane}: {mean:?} a step, the slowest {slowest:?}");
        assert!(mean < Duration::from_millis(16), "pane {pane}: {mean:?} a step of {records} records");
    }
}
