//! The terminal: raw while we draw, as it was when we leave, however we leave.

use super::app::{App, Effect, Event};
use super::draw::draw;
use crate::view::Look;
use crate::walk::Walk;
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use ratatui::crossterm::cursor::Show;
use ratatui::crossterm::event::{self, DisableMouseCapture, EnableMouseCapture, KeyEventKind};
use ratatui::crossterm::execute;
use ratatui::crossterm::terminal::{
    Clear, ClearType, EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
    is_raw_mode_enabled,
};
use std::io::{self, Stdout, stdout};
use std::sync::Once;
use std::time::{Duration, Instant};

/// The terminal while it is ours; when this goes, it is as it was.
struct Borrowed;

impl Borrowed {
    fn take() -> io::Result<Borrowed> {
        restore_before_panics();
        enable_raw_mode()?;
        let borrowed = Borrowed;
        super::signals::restore_before_dying();
        execute!(stdout(), EnterAlternateScreen, EnableMouseCapture)?;
        Ok(borrowed)
    }
}

impl Drop for Borrowed {
    fn drop(&mut self) {
        restore();
    }
}

/// As it was, unless it is already: then what stands on the ordinary screen, a panic's words, stays there. What cannot be
/// restored is left, there is nobody to tell. Cleared first, because some terminals bring lines of the other screen back when
/// they were resized meanwhile.
fn restore() {
    if matches!(is_raw_mode_enabled(), Ok(true)) {
        let _ = execute!(stdout(), DisableMouseCapture, Clear(ClearType::All), LeaveAlternateScreen, Show);
        let _ = disable_raw_mode();
    }
}

/// The same for whoever ends the program from another thread: nothing more is drawn from then on until `end` returns.
#[cfg(unix)]
pub(super) fn restore_and(end: impl FnOnce()) {
    // Whoever draws waits for the lock; this thread may take it again.
    let _lock = stdout().lock();
    restore();
    end();
}

/// A panic's words belong on the ordinary screen.
fn restore_before_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let usual = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            restore();
            usual(panic);
        }));
    });
}

/// Walks on the whole screen until the learner has enough; gives the walk back.
///
/// # Errors
/// A terminal that cannot be read or written.
pub fn walk(walk: Walk, look: Look) -> io::Result<Walk> {
    let borrowed = Borrowed::take()?;
    // Changes of size are heard of from the first question for events on: none may come between it and the first screen.
    event::poll(Duration::ZERO)?;
    let mut terminal = Terminal::new(CrosstermBackend::new(stdout()))?;
    let size = terminal.size()?;
    let mut app = App::new(walk, look, size.width, size.height);
    run(&mut app, &mut terminal)?;
    drop(borrowed);
    Ok(app.into_walk())
}

fn run(app: &mut App, terminal: &mut Terminal<CrosstermBackend<Stdout>>) -> io::Result<()> {
    let mut tick: Option<Instant> = None;
    terminal.draw(|frame| draw(app, frame))?;
    loop {
        let wait = wait(app, &mut tick);
        let event = match wait {
            Some(wait) if !event::poll(wait)? => {
                tick = None;
                Some(Event::Tick)
            }
            Some(_) | None => ours(event::read()?),
        };
        let Some(event) = event else { continue };
        if app.update(event) == Effect::Quit {
            return Ok(());
        }
        terminal.draw(|frame| draw(app, frame))?;
    }
}

/// How long until the next step of playing.
#[allow(clippy::disallowed_methods, reason = "playing goes by the learner's clock; the model never sees it")]
fn wait(app: &App, tick: &mut Option<Instant>) -> Option<Duration> {
    let Some(pace) = app.pace() else {
        *tick = None;
        return None;
    };
    let now = Instant::now();
    let due = *tick.get_or_insert(now + pace);
    Some(due.saturating_duration_since(now).min(pace))
}

fn ours(event: event::Event) -> Option<Event> {
    match event {
        event::Event::Key(key) if key.kind != KeyEventKind::Release => Some(Event::Key(key)),
        event::Event::Mouse(mouse) => match mouse.kind {
            event::MouseEventKind::Moved | event::MouseEventKind::Drag(_) | event::MouseEventKind::Up(_) => {
                None
            }
            _ => Some(Event::Mouse(mouse)),
        },
        event::Event::Resize(width, height) => Some(Event::Resize(width, height)),
        _ => None,
    }
}
