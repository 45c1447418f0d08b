//! Links that several stations share: half duplex.

use super::Builder;
use crate::link::Medium;
use crate::scenario::Topology;
use crate::scenario::reader::View;
use crate::scenario::source::Mistake;

impl Builder {
    /// `duplex = "half"`; without a rate no two frames are ever under way at once.
    pub(super) fn half_duplex(&mut self, view: &View<'_>, rate: Option<u64>) -> bool {
        let half = self.reader.piece(view, "duplex").is_some_and(|piece| piece.text == "half");
        if half && rate.is_none() {
            let mistake = Mistake::new(
                view.key_span("duplex"),
                "without a rate sending takes no time, and nothing collides",
                "没有速率，发送不花时间，也就没有碰撞",
            );
            self.reader.report(mistake.help("rate = \"10Mbit/s\"", "rate = \"10Mbit/s\""));
        }
        half
    }

    /// A hub's links are all half duplex or none is, of one rate; and a shared wire is so short that who collides notices.
    pub(super) fn check_shared_wires(&mut self, file: &View<'_>, topology: Topology<'_>) {
        let views = file.list("link");
        let span = |number: usize, key: &str| {
            views
                .get(number)
                .map_or(0..0, |view| view.get(key).map_or(view.span.clone(), |_| view.key_span(key)))
        };
        for wire in topology.shared_wires() {
            let Some(first) = wire.links.first().map(|number| &topology.links[*number]) else { continue };
            let other = wire.links.iter().find(|number| {
                let link = &topology.links[**number];
                link.rate != first.rate || !link.half_duplex
            });
            if let Some(other) = other {
                let mistake = Mistake::new(
                    span(*other, "between"),
                    "the links of a hub are one wire: of one rate, and all half duplex",
                    "集线器的各条链路是同一条线路：速率相同，且都是半双工",
                );
                self.reader.report(mistake.help(
                    "duplex = \"half\" and the same rate on each",
                    "每条都写 duplex = \"half\" 和同样的速率",
                ));
                continue;
            }
            let rate = first.rate.unwrap_or(1);
            let longest = wire.distances.iter().flatten().max().copied().unwrap_or_default();
            if !Medium::fits(rate, longest) {
                let place = wire.links.first().copied().unwrap_or_default();
                let mistake = Mistake::new(
                    span(place, "delay"),
                    format!("{longest} from end to end is too long for half duplex at this rate"),
                    format!("从一端到另一端要 {longest}，在这个速率下对半双工来说太长"),
                );
                self.reader.report(mistake.help(
                    "there and back it may take as long as a frame of 60 octets: delay = \"2us\"",
                    "往返时间不能超过发送 60 字节的时间：delay = \"2us\"",
                ));
            }
        }
    }
}
