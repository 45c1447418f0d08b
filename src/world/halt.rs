//! The sign to end a run before its time.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Tells whoever carries out something long that nobody wants it any more. The default is a sign that nobody can raise.
///
/// It is given from outside, like a seed: where it is never raised, nothing depends on it.
#[derive(Clone, Debug, Default)]
pub struct Halt(Option<Arc<AtomicBool>>);

impl Halt {
    /// A sign that can be raised.
    pub fn new() -> Halt {
        Halt(Some(Arc::default()))
    }

    /// Raises it, for good.
    pub fn raise(&self) {
        if let Some(sign) = &self.0 {
            sign.store(true, Ordering::Relaxed);
        }
    }

    /// Whether it is raised.
    pub fn raised(&self) -> bool {
        self.0.as_ref().is_some_and(|sign| sign.load(Ordering::Relaxed))
    }
}

/// The same sign, not two that happen to look alike.
impl PartialEq for Halt {
    fn eq(&self, other: &Halt) -> bool {
        match (&self.0, &other.0) {
            (Some(one), Some(other)) => Arc::ptr_eq(one, other),
            (None, None) => true,
            (Some(_), None) | (None, Some(_)) => false,
        }
    }
}

impl Eq for Halt {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_copy_sees_the_sign_and_the_default_has_none() {
        let halt = Halt::new();
        let copy = halt.clone();
        assert!(!copy.raised());
        halt.raise();
        assert!(copy.raised() && copy == halt && Halt::new() != halt);
        let never = Halt::default();
        never.raise();
        assert!(!never.raised() && never == Halt::default());
    }
}
