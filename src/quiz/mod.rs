//! Quizzes made of lessons' questions: which are asked, papers with their keys, the answers of a class graded.
//! Every answer comes from a run. Draws nothing on a terminal and touches no file.

mod answers;
mod drawn;
mod harmless;
mod html;
mod item;
mod markdown;
mod marks;
mod paper;
#[cfg(test)]
mod tests;
mod words;

pub use answers::{Line, Malformed, Sheet, read};
pub use drawn::{Drawn, drawn};
pub use item::{Item, Lesson, Proof, Told, Unanswered, items};
pub use marks::{CannotMark, Marks, mark};
pub use paper::{Chapter, Format, Paper};
