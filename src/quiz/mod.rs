//! Quizzes made of lessons' questions: which are asked, papers with their keys, the answers of a class graded.
//! Every answer comes from a run. Draws nothing on a terminal and touches no file.

mod answers;
mod drawn;
mod harmless;
mod heading;
mod html;
mod item;
mod markdown;
mod marks;
mod mistakes;
mod paper;
#[cfg(test)]
mod tests;
mod words;

pub use answers::{Line, Sheet, read};
pub use drawn::{Drawn, drawn};
pub use item::{Item, Lesson, Proof, Told, Unanswered, items};
pub use marks::{CannotMark, Marks, mark};
pub use mistakes::{Malformed, Mistakes};
pub use paper::{Chapter, Format, Paper};
