//! What is special about a link, in words.

use super::{DownTime, LinkPlan};
use crate::lang::Text;
use crate::link::LossModel;

impl LinkPlan {
    /// What it does to frames beside taking time, each in few words.
    pub fn habits(&self) -> Vec<Text> {
        let percent = |per_million: u32| f64::from(per_million) / 10_000.0;
        let mut words = Vec::new();
        match self.loss {
            LossModel::Never => {}
            LossModel::Independent { per_million } => {
                let share = percent(per_million);
                words.push(Text::new(format!("loses {share} %"), format!("丢帧 {share}%")));
            }
            LossModel::Bursts(bursts) => {
                let [good, bad] = [bursts.good, bursts.bad].map(percent);
                let [to_bad, to_good] = [bursts.to_bad, bursts.to_good].map(percent);
                words.push(Text::new(
                    format!("loses {good} % in good times, {bad} % in bad ones (they begin with {to_bad} %, end with {to_good} %)"),
                    format!("好时丢帧 {good}%，坏时 {bad}%（变坏 {to_bad}%，变好 {to_good}%）"),
                ));
            }
        }
        let listed = self.lost.whole.len() + self.lost.ends.iter().map(Vec::len).sum::<usize>();
        if listed > 0 {
            words.push(Text::new(
                format!("loses {listed} frames by number"),
                format!("按编号丢失 {listed} 帧"),
            ));
        }
        if let Some(red) = self.red.filter(|_| self.rate.is_some()) {
            let (min, max) = (red.min, red.max);
            let (en, zh) = if red.ecn { ("RED with ECN", "RED 与 ECN") } else { ("RED", "RED") };
            words.push(Text::new(
                format!("{en} from {min} to {max} frames"),
                format!("{zh}，门限 {min} 到 {max} 帧"),
            ));
        }
        if self.half_duplex {
            words.push(Text::new("half duplex", "半双工"));
        }
        for DownTime { from, to } in &self.down {
            words.push(match to {
                Some(to) => Text::new(format!("down {from} to {to}"), format!("{from} 到 {to} 断开")),
                None => Text::new(format!("down from {from} on"), format!("{from} 起断开")),
            });
        }
        words
    }
}
