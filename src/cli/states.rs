//! `states`: the TCP state diagram, from the one table of edges that the engine obeys.

use super::args::{StatesArgs, StatesFormat};
use super::out::{self, Exit, Failure};
use super::settings::Settings;
use crate::tcp::{EDGES, Edge, State};
use crate::view::{Ink, Line, export, join, svg};

/// Draws it.
pub fn states(arguments: &StatesArgs, settings: &Settings) -> Result<Exit, Failure> {
    let text = match arguments.format {
        StatesFormat::Text => text(settings),
        StatesFormat::Dot => export::states_dot(&[], settings.lang()),
        StatesFormat::Svg => svg::states(None, &settings.look, svg::Standing::Alone),
        StatesFormat::Mermaid => export::states_mermaid(&[], &settings.look),
    };
    out::print(settings.lang(), &text)?;
    Ok(Exit::Fine)
}

/// The ways that every textbook draws, as rows of one picture; [`pictured`] proves that the table has them all.
const PICTURE: &str = "
                              ╭────────────────╮
                 1 ╭──────────│     CLOSED     │──────────╮ 2
                   ▼          ╰────────────────╯          ▼
           ╭────────────────╮                     ╭────────────────╮
           │     LISTEN     │                     │    SYN-SENT    │
           ╰────────────────╯                     ╰────────────────╯
                 3 │                                 4 │         │ 5
                   ▼                                   │         │
           ╭────────────────╮                          │         │
           │  SYN-RECEIVED  │◀─────────────────────────╯         │
           ╰────────────────╯                                    │
                 6 │          ╭────────────────╮                 │
                   ╰─────────▶│  ESTABLISHED   │◀────────────────╯
                              ╰────────────────╯
                 7 ╭──────────────────╯╰──────────────────╮ 8
                   ▼                                      ▼
           ╭────────────────╮                     ╭────────────────╮
     ╭─────│   FIN-WAIT-1   │─────╮               │   CLOSE-WAIT   │
     │     ╰────────────────╯     │               ╰────────────────╯
   9 │                         10 │                    11 │
     ▼                            ▼                       ▼
  ╭────────────────╮      ╭────────────────╮      ╭────────────────╮
  │   FIN-WAIT-2   │      │    CLOSING     │      │    LAST-ACK    │
  ╰────────────────╯      ╰────────────────╯      ╰────────────────╯
    12 │                       13 │                    14 │
       │   ╭────────────────╮     │                       ▼
       ╰──▶│   TIME-WAIT    │◀────╯               ╭────────────────╮
           ╰────────────────╯────────────────────▶│     CLOSED     │
                              15                  ╰────────────────╯
";

/// The numbered ways of the picture.
const PICTURED: [(State, State); 15] = {
    use State::*;
    [
        (Closed, Listen),
        (Closed, SynSent),
        (Listen, SynReceived),
        (SynSent, SynReceived),
        (SynSent, Established),
        (SynReceived, Established),
        (Established, FinWait1),
        (Established, CloseWait),
        (FinWait1, FinWait2),
        (FinWait1, Closing),
        (CloseWait, LastAck),
        (FinWait2, TimeWait),
        (Closing, TimeWait),
        (LastAck, Closed),
        (TimeWait, Closed),
    ]
};

/// The edge of the table that a numbered way stands for: the first between its states.
fn pictured(way: (State, State)) -> Option<&'static Edge> {
    EDGES.iter().find(|edge| (edge.from, edge.to) == way)
}

fn text(settings: &Settings) -> String {
    let look = &settings.look;
    let lang = look.lang;
    let mut lines = Vec::new();
    // The picture is made of cells of one width; where its glyphs are wider, the list below says the same.
    if look.text_width("─") == 1 {
        lines.extend(PICTURE.lines().skip(1).map(|row| Line::of(look, Ink::Plain, row)));
        lines.push(Line::new());
    }
    let mut rest: Vec<&Edge> = EDGES.iter().collect();
    for (number, way) in PICTURED.iter().enumerate() {
        if let Some(edge) = pictured(*way) {
            rest.retain(|other| *other != edge);
            lines.push(row(Some(number + 1), edge, settings));
        }
    }
    lines.push(Line::new());
    let title = lang.pick("Less travelled ways", "少有人走的路");
    lines.push(Line::of(look, Ink::Heading, title));
    lines.extend(rest.into_iter().map(|edge| row(None, edge, settings)));
    join(&lines, look)
}

fn row(number: Option<usize>, edge: &Edge, settings: &Settings) -> Line {
    let look = &settings.look;
    let mut line = Line::new();
    if let Some(number) = number {
        line.push_right(look, Ink::Heading, &number.to_string(), 3);
    }
    line.to(5).push(look, Ink::State, edge.from.name()).to(18).push(look, Ink::Dim, "→ ");
    line.push(look, Ink::State, edge.to.name()).to(34);
    line.push_until(look, Ink::Plain, edge.event.label(look.lang), look.width - 20);
    line.push_right(look, Ink::Dim, edge.section, look.width);
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_of_the_picture_is_in_the_table() {
        for way in PICTURED {
            assert!(pictured(way).is_some(), "{} -> {}", way.0, way.1);
        }
    }

    #[test]
    fn the_picture_names_every_state_and_number() {
        for state in State::ALL {
            assert!(PICTURE.contains(state.name()), "{state}");
        }
        for number in 1..=PICTURED.len() {
            assert!(PICTURE.contains(&number.to_string()), "{number}");
        }
        assert!(PICTURE.lines().all(|row| row.chars().count() <= 80));
    }
}
