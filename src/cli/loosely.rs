//! Remarks of `check` on patterns that mean other frames than they seem to.

use crate::lang::Text;
use crate::report::Loose;
use crate::scenario::Plan;
use crate::walk::pattern_words;

/// Frames whose numbers are listed; of more it is told how many they are.
const LISTED: usize = 3;

/// What the pattern means, and what to write instead.
pub(super) fn remark(loose: &Loose, plan: &Plan) -> Text {
    let (line, question) = (loose.line, loose.question);
    let written = pattern_words(&loose.pattern, plan);
    let strict = pattern_words(&loose.strict(), plan);
    let (means, alone) = (frames(&loose.means), frames(&loose.alone));
    let place = match question {
        Some(number) => {
            Text::new(format!("line {line}: question {number}"), format!("第 {line} 行：第 {number} 题"))
        }
        None => Text::new(format!("line {line}"), format!("第 {line} 行")),
    };
    Text::new(
        format!(
            "{}: `{written}` counts ACKs with text too, and so means {}; `{strict}`, those without, means {}. Write `ack` \
             for those without text, `data` or PA for those with it",
            place.en, means.en, alone.en
        ),
        format!(
            "{}：`{written}` 把带数据的 ACK 也算在内，指的是{}；`{strict}` 只算不带数据的，指的是{}。\
             只要不带数据的，写 `ack`；只要带数据的，写 `data` 或 PA",
            place.zh, means.zh, alone.zh
        ),
    )
}

fn frames(numbers: &[usize]) -> Text {
    match numbers {
        [] => Text::new("none", "没有帧"),
        [one] => Text::new(format!("frame {one}"), format!("第 {one} 帧")),
        few if few.len() <= LISTED => {
            let list = |between: &str| few.iter().map(usize::to_string).collect::<Vec<_>>().join(between);
            Text::new(format!("frames {}", list(", ")), format!("第 {} 帧", list("、")))
        }
        many => Text::new(format!("{} frames", many.len()), format!("{} 个帧", many.len())),
    }
}
