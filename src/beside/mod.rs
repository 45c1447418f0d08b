//! One plan simulated and, beside it, on the real kernel, and how both compare. Where there is no such kernel, why.

mod compared;
mod kernel;

pub use compared::{Compared, compare};
pub use kernel::{Live, Unavailable, Wanted, enter, run};
