//! Hosts that have another's address: by mistake in life, on purpose in a lesson.

use super::Builder;
use super::links::Named;
use crate::link::HostId;
use crate::scenario::Topology;
use crate::scenario::source::{Mistake, suggestion};

impl Builder {
    /// `conflicts_with = "b"`: who may have whose address.
    pub fn twins(&mut self, nodes: &[Named<'_>], topology: Topology<'_>) -> Vec<(HostId, HostId)> {
        let mut twins = Vec::new();
        for (number, Named { name, view, .. }) in nodes.iter().enumerate() {
            let Some(piece) = self.reader.piece(view, "conflicts_with") else { continue };
            let other = nodes.iter().position(|node| node.name == piece.text.trim());
            let address = |number: usize| topology.hosts.get(number).map(|host| host.address);
            let mistake = match other {
                Some(other) if other != number && address(other) == address(number) => {
                    twins.push((HostId(number as u16), HostId(other as u16)));
                    continue;
                }
                Some(other) => {
                    let theirs = address(other).map_or_else(String::new, |address| address.to_string());
                    Mistake::new(
                        piece.span,
                        format!("`{name}` has not the address of `{}`", piece.text),
                        format!("`{name}` 的地址与 `{}` 并不相同", piece.text),
                    )
                    .help(format!("address = \"{theirs}/24\""), format!("address = \"{theirs}/24\""))
                }
                None => {
                    let mut mistake = Mistake::new(
                        piece.span,
                        format!("there is no host `{}`", piece.text),
                        format!("没有名为 `{}` 的主机", piece.text),
                    );
                    mistake.help = suggestion(&piece.text, nodes.iter().map(|node| node.name));
                    mistake
                }
            };
            self.reader.report(mistake);
        }
        twins
    }
}
