//! Where a program came from: what its lines were in the file, and the functions it shares with the others.

use super::Program;
use super::lines::dedent;
use crate::scenario::source::Piece;
use std::ops::Range;
use std::sync::Arc;

/// A text of the file as it is written there, knobs filled in, and where its lines stand.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Written {
    /// The text, the indentation that all its lines share removed.
    pub text: Arc<str>,
    /// The octets of the file that each of its lines came from.
    pub places: Arc<[Range<usize>]>,
}

impl Written {
    /// What that piece says.
    pub(in crate::scenario) fn of(piece: &Piece) -> Written {
        let text = dedent(&piece.text);
        let mut places = Vec::new();
        let mut base = 0;
        for whole in piece.text.split_inclusive('\n') {
            let line = whole.trim_end();
            let blank = line.len() - line.trim_start().len();
            if !(places.is_empty() && line.is_empty()) {
                places.push(piece.place(base + blank..base + line.len()));
            }
            base += whole.len();
        }
        places.truncate(text.lines().count());
        Written { text: text.into(), places: places.into() }
    }
}

impl Program {
    /// The program as it is written in the file, with the file's functions.
    pub(in crate::scenario) fn written_as(mut self, own: Written, functions: Option<Written>) -> Program {
        self.own = own;
        self.functions = functions.unwrap_or_default();
        self
    }

    /// The program in the file's words.
    pub fn written(&self) -> &Written {
        &self.own
    }

    /// The functions that all programs of the file share.
    pub fn shared_functions(&self) -> &Written {
        &self.functions
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_leads_back_to_its_place_in_the_file() {
        let piece = Piece::whole("\n\n  a = 1\n\n    b = 2   \n  \n");
        let written = Written::of(&piece);
        assert_eq!(&*written.text, "a = 1\n\n  b = 2");
        let there: Vec<&str> = written.places.iter().map(|place| &piece.text[place.clone()]).collect();
        assert_eq!(there, ["a = 1", "", "b = 2"]);
    }
}
