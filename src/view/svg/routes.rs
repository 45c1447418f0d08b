//! Where everything of the state diagram stands: laid out by hand, so that no words lie on a line and few lines cross.

use super::canvas::Anchor;
use crate::tcp::State;

/// Width and height of a state's box.
pub const BOX: [f64; 2] = [134.0, 42.0];

/// How a way is drawn.
pub enum Route {
    /// A line with a head at its last point.
    Line {
        /// Its corners.
        points: &'static [[f64; 2]],
        /// Where its words stand.
        words: [f64; 2],
        /// Which end of the words that is.
        anchor: Anchor,
        /// Where the numbers of the steps stand, if a run took it.
        mark: [f64; 2],
    },
    /// A short line to a ring: to CLOSED at once.
    Out {
        /// At the box.
        from: [f64; 2],
        /// The ring's middle.
        to: [f64; 2],
    },
}

/// Where the middles of a state's boxes are; CLOSED stands at the beginning and at the end.
pub fn places(state: State) -> &'static [[f64; 2]] {
    match state {
        State::Closed => &[[450.0, 50.0], [720.0, 730.0]],
        State::Listen => &[[190.0, 165.0]],
        State::SynSent => &[[720.0, 165.0]],
        State::SynReceived => &[[190.0, 290.0]],
        State::Established => &[[450.0, 400.0]],
        State::FinWait1 => &[[190.0, 510.0]],
        State::CloseWait => &[[720.0, 510.0]],
        State::FinWait2 => &[[190.0, 620.0]],
        State::Closing => &[[450.0, 620.0]],
        State::LastAck => &[[720.0, 620.0]],
        State::TimeWait => &[[450.0, 730.0]],
    }
}

const fn line(points: &'static [[f64; 2]], words: [f64; 2], anchor: Anchor, mark: [f64; 2]) -> Route {
    Route::Line { points, words, anchor, mark }
}

/// Every way, in the order of the states.
const ROUTES: &[(State, State, Route)] = {
    use Anchor::{End, Middle, Start};
    use State::*;
    &[
        (
            Closed,
            Listen,
            line(&[[383.0, 40.0], [160.0, 40.0], [160.0, 144.0]], [272.0, 32.0], Middle, [160.0, 92.0]),
        ),
        (
            Listen,
            Closed,
            line(&[[210.0, 144.0], [210.0, 60.0], [383.0, 60.0]], [296.0, 76.0], Middle, [210.0, 104.0]),
        ),
        (
            Closed,
            SynSent,
            line(&[[517.0, 40.0], [750.0, 40.0], [750.0, 144.0]], [634.0, 32.0], Middle, [750.0, 92.0]),
        ),
        (
            SynSent,
            Closed,
            line(&[[700.0, 144.0], [700.0, 60.0], [517.0, 60.0]], [608.0, 76.0], Middle, [700.0, 104.0]),
        ),
        (Listen, SynSent, line(&[[257.0, 158.0], [653.0, 158.0]], [520.0, 150.0], Middle, [330.0, 158.0])),
        (
            Listen,
            Established,
            line(&[[257.0, 178.0], [420.0, 178.0], [420.0, 379.0]], [412.0, 246.0], End, [420.0, 196.0]),
        ),
        (Listen, SynReceived, line(&[[160.0, 186.0], [160.0, 269.0]], [152.0, 216.0], End, [160.0, 244.0])),
        (SynReceived, Listen, line(&[[210.0, 269.0], [210.0, 186.0]], [218.0, 216.0], Start, [210.0, 240.0])),
        (
            SynSent,
            SynReceived,
            line(&[[690.0, 186.0], [690.0, 280.0], [257.0, 280.0]], [560.0, 272.0], Middle, [690.0, 234.0]),
        ),
        (
            SynSent,
            Established,
            line(&[[750.0, 186.0], [750.0, 390.0], [517.0, 390.0]], [578.0, 382.0], Middle, [750.0, 290.0]),
        ),
        (
            SynReceived,
            Established,
            line(&[[230.0, 311.0], [230.0, 390.0], [383.0, 390.0]], [306.0, 382.0], Middle, [230.0, 346.0]),
        ),
        (SynReceived, FinWait1, line(&[[160.0, 311.0], [160.0, 489.0]], [152.0, 400.0], End, [160.0, 440.0])),
        (
            SynReceived,
            CloseWait,
            line(&[[257.0, 302.0], [660.0, 302.0], [660.0, 489.0]], [560.0, 318.0], Middle, [660.0, 346.0]),
        ),
        (
            Established,
            FinWait1,
            line(&[[383.0, 411.0], [230.0, 411.0], [230.0, 489.0]], [306.0, 427.0], Middle, [230.0, 452.0]),
        ),
        (
            Established,
            CloseWait,
            line(&[[517.0, 411.0], [750.0, 411.0], [750.0, 489.0]], [578.0, 427.0], Middle, [750.0, 452.0]),
        ),
        (FinWait1, FinWait2, line(&[[190.0, 531.0], [190.0, 599.0]], [164.0, 569.0], End, [190.0, 560.0])),
        (
            FinWait1,
            Closing,
            line(&[[257.0, 510.0], [450.0, 510.0], [450.0, 599.0]], [350.0, 502.0], Middle, [450.0, 554.0]),
        ),
        (CloseWait, LastAck, line(&[[720.0, 531.0], [720.0, 599.0]], [746.0, 569.0], Start, [720.0, 560.0])),
        (
            FinWait2,
            TimeWait,
            line(&[[190.0, 641.0], [190.0, 730.0], [383.0, 730.0]], [300.0, 722.0], Middle, [190.0, 690.0]),
        ),
        (Closing, TimeWait, line(&[[450.0, 641.0], [450.0, 709.0]], [476.0, 679.0], Start, [450.0, 670.0])),
        (LastAck, Closed, line(&[[720.0, 641.0], [720.0, 709.0]], [746.0, 679.0], Start, [720.0, 670.0])),
        (TimeWait, Closed, line(&[[517.0, 730.0], [653.0, 730.0]], [585.0, 722.0], Middle, [585.0, 741.0])),
        (
            TimeWait,
            SynReceived,
            line(
                &[[450.0, 751.0], [450.0, 784.0], [40.0, 784.0], [40.0, 280.0], [123.0, 280.0]],
                [240.0, 776.0],
                Middle,
                [40.0, 700.0],
            ),
        ),
        (SynReceived, Closed, Route::Out { from: [123.0, 302.0], to: [96.0, 302.0] }),
        (Established, Closed, Route::Out { from: [450.0, 421.0], to: [450.0, 448.0] }),
        (FinWait1, Closed, Route::Out { from: [123.0, 510.0], to: [96.0, 510.0] }),
        (FinWait2, Closed, Route::Out { from: [123.0, 620.0], to: [96.0, 620.0] }),
        (CloseWait, Closed, Route::Out { from: [787.0, 510.0], to: [814.0, 510.0] }),
        (Closing, Closed, Route::Out { from: [517.0, 620.0], to: [544.0, 620.0] }),
    ]
};

/// How the way between two states is drawn.
pub fn route(from: State, to: State) -> Option<&'static Route> {
    ROUTES.iter().find(|(a, b, _)| (*a, *b) == (from, to)).map(|(_, _, route)| route)
}

#[cfg(test)]
mod tests {
    use super::super::super::ways::ways;
    use super::*;

    #[test]
    fn every_way_of_the_table_has_its_place_and_no_other_is_drawn() {
        let ways = ways();
        for way in &ways {
            assert!(route(way.from, way.to).is_some(), "{} > {}", way.from, way.to);
        }
        assert_eq!(ways.len(), ROUTES.len());
    }

    #[test]
    fn every_line_begins_and_ends_at_a_box_of_its_states() {
        let touches = |state: State, [x, y]: [f64; 2]| {
            places(state).iter().any(|[cx, cy]| {
                let (dx, dy) = ((x - cx).abs(), (y - cy).abs());
                let (w, h) = (BOX[0] / 2.0, BOX[1] / 2.0);
                (dx == w && dy <= h) || (dy == h && dx <= w)
            })
        };
        for (from, to, route) in ROUTES {
            match route {
                Route::Line { points, .. } => {
                    assert!(touches(*from, points[0]), "{from} > {to} begins nowhere");
                    assert!(touches(*to, points[points.len() - 1]), "{from} > {to} ends nowhere");
                }
                Route::Out { from: start, .. } => assert!(touches(*from, *start), "{from} > {to}"),
            }
        }
    }
}
