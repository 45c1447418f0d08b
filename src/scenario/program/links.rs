//! `unplug a`, `unplug s1 from s2`, `plug s1 into s2`.

use super::Op;
use crate::link::HostId;
use crate::scenario::cursor::{Cursor, Scene};
use crate::scenario::source::{Mistake, Parse};

/// What follows `unplug` or `plug` in a program of that host.
pub(super) fn link(cursor: &mut Cursor<'_>, scene: &mut Scene, own: HostId, word: &str) -> Parse<Op> {
    let start = cursor.span().start;
    let host = cursor.expect_host(scene)?.unwrap_or(own);
    let up = word == "plug";
    let joint = if up { "into" } else { "from" };
    if !cursor.keyword(joint) {
        return Ok(Op::Link { host, from: None, up });
    }
    let Some(other) = cursor.expect_host(scene)? else { return Ok(Op::Link { host, from: None, up }) };
    let joined = |ends: &[HostId; 2]| *ends == [host, other] || *ends == [other, host];
    if !scene.links.iter().any(joined) {
        let name = |node: HostId| scene.facts(node).map_or("?", |facts| &facts.name).to_owned();
        let (one, other) = (name(host), name(other));
        let mistake = Mistake::new(
            cursor.since(start),
            format!("no link joins {one} and {other}"),
            format!("没有链路连接 {one} 与 {other}"),
        );
        let help = mistake.help("name the two ends of a [[link]]", "写出一条 [[link]] 的两端");
        scene.report(help);
    }
    Ok(Op::Link { host, from: Some(other), up })
}
