//! Signals that end the program: the terminal is put back first.

#[cfg(unix)]
pub use unix::restore_before_dying;

/// Elsewhere a console takes care of itself.
#[cfg(not(unix))]
pub fn restore_before_dying() {}

#[cfg(unix)]
mod unix {
    use super::super::terminal::restore_and;
    use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};
    use signal_hook::flag::register_conditional_default;
    use signal_hook::iterator::Signals;
    use signal_hook::low_level::emulate_default_handler;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::sync::{Arc, Once};

    /// From now on SIGTERM, SIGHUP, SIGINT and SIGQUIT put the terminal back and then do what they do by themselves. Should
    /// the terminal take nothing any more, a second signal ends the program as it is.
    pub fn restore_before_dying() {
        static ONCE: Once = Once::new();
        ONCE.call_once(|| {
            // Where signals cannot be caught, they end the program as they always do.
            let _ = watch();
        });
    }

    fn watch() -> std::io::Result<()> {
        let deadly = [SIGTERM, SIGHUP, SIGINT, SIGQUIT];
        let dying = Arc::new(AtomicBool::new(false));
        for signal in deadly {
            register_conditional_default(signal, Arc::clone(&dying))?;
        }
        let mut signals = Signals::new(deadly)?;
        std::thread::Builder::new().name("signals".to_owned()).spawn(move || {
            if let Some(signal) = signals.forever().next() {
                dying.store(true, Ordering::Relaxed);
                restore_and(|| {
                    let _ = emulate_default_handler(signal);
                });
            }
        })?;
        Ok(())
    }
}
