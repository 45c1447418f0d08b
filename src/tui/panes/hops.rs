//! The way of the step's frame so far: who passed it on, and what they rewrote in it.

use super::super::scene::Scene;
use crate::view::{Ink, Line, Look, way_to};
use crate::walk::Walk;

/// The way of the present step's frame.
pub fn lines(walk: &Walk, scene: &Scene, look: &Look) -> Vec<Line> {
    let lang = look.lang;
    let say = |en: &str, zh: &str| {
        let wrapped = look.wrap(lang.pick(en, zh), look.width.saturating_sub(2));
        let line = |text: &String| {
            let mut line = Line::new();
            line.to(1).push(look, Ink::Dim, text);
            line
        };
        wrapped.iter().map(line).collect()
    };
    let Some(sent) = walk.step().and_then(|step| step.frame) else {
        return say("no frame in this step", "这一步没有帧");
    };
    let way = way_to(walk.trace(), &scene.passed_on, sent, look);
    if way.is_empty() {
        return say(
            "nobody has passed this frame on: it is as its maker sent it",
            "这一帧还没有谁转发过：与制造者发出时一样",
        );
    }
    way
}
