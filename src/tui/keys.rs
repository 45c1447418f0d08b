//! The keys, as the help lists them and as the last line reminds of them.

use crate::lang::Lang;
use crate::view::{Glyphs, Ink, Line, Look};

/// Key, English, Chinese.
const KEYS: &[[&str; 3]] = &[
    ["→ ←", "one step on, one step back", "前进一步、后退一步"],
    ["Home End", "the first step, the last step", "第一步、最后一步"],
    ["g", "go to a step by its number", "按编号跳到某一步"],
    ["space", "play, stop playing", "自动播放、停止"],
    ["+ -", "play faster, slower", "播放加快、放慢"],
    ["↑ ↓", "scroll the pane; choose a field of the frame", "滚动窗格；选择帧中的字段"],
    ["PgUp PgDn", "scroll the pane by its height", "窗格上翻、下翻一页"],
    [
        "1 … 9",
        "diagram, states, frame, calls, queues, story, branches, plots, hops",
        "示意图、状态、帧、调用、队列、讲解、分支、曲线、逐跳",
    ],
    ["w", "why: from cause to cause, Enter goes there", "为什么：逐级追溯原因，回车跳到那里"],
    ["d", "what if this frame were lost?", "要是这一帧丢了呢？"],
    ["b", "a branch from here with another value of a knob", "改一个旋钮的值，从这里分出一支"],
    ["B", "the branches: go to one, compare, name, forget", "各分支：转到、并排对照、命名、删除"],
    ["Tab", "the next branch (Shift-Tab: the one before)", "下一条分支（Shift-Tab：上一条）"],
    ["/", "search in the story; n and N: next, previous hit", "在讲解中查找；n、N：下一处、上一处"],
    ["t", "time by steps, or running evenly", "时间轴：每件事一行，或按比例"],
    ["a", "sequence numbers as on the wire, or relative", "序号：原值，或相对值"],
    ["l", "English or Chinese", "英文或中文"],
    ["mouse", "wheel: steps; click: a row, a tab", "鼠标：滚轮走步；点击行或标签"],
    ["? Esc", "this list, away with it", "显示、收起本表"],
    ["q", "quit (Ctrl-C too)", "退出（Ctrl-C 亦可）"],
];

/// Each key, and what it does in English and in Chinese, for documents.
pub fn table() -> impl Iterator<Item = [&'static str; 3]> {
    KEYS.iter().map(|[key, en, zh]| [*key, *en, zh.trim_start_matches("鼠标：")])
}

/// The list of keys.
pub fn help(look: &Look, width: usize) -> Vec<Line> {
    let mut lines = Vec::new();
    for [key, en, zh] in KEYS {
        let key = if look.lang == Lang::Zh && *key == "space" { "空格" } else { key };
        let key = if look.lang == Lang::Zh && key == "mouse" { "鼠标" } else { key };
        let words = look.lang.pick(*en, zh.trim_start_matches("鼠标："));
        for (at, text) in look.wrap(words, width.saturating_sub(14)).iter().enumerate() {
            let mut line = Line::new();
            if at == 0 {
                line.to(1).push_until(look, Ink::Call, key, 13);
            }
            line.to(13).push_until(look, Ink::Plain, text, width);
            lines.push(line);
        }
    }
    lines
}

/// The most needed keys, shortest first left out where there is no room.
pub fn reminder(look: &Look, width: usize) -> Line {
    let words: &[[&str; 3]] = &[
        ["?", "help", "帮助"],
        ["← →", "step", "走步"],
        ["q", "quit", "退出"],
        ["1-9", "panes", "窗格"],
        ["w", "why", "为何"],
        ["d", "drop", "丢帧"],
        ["b", "branch", "分支"],
        ["/", "search", "查找"],
        ["l", "中文", "English"],
        ["space", "play", "播放"],
    ];
    let mut line = Line::new();
    for [key, en, zh] in words {
        let key = if look.lang == Lang::Zh && *key == "space" { "空格" } else { *key };
        // Where only ASCII can be shown, the other language is not named in its own script.
        let words = match (key, look.glyphs) {
            ("l", Glyphs::Ascii) if look.lang == Lang::En => "language",
            _ => look.lang.pick(*en, *zh),
        };
        let needed = look.text_width(&look.clean(key)) + look.text_width(words) + 3;
        if line.width() + needed > width {
            break;
        }
        line.push(look, Ink::Plain, " ").push(look, Ink::Call, key).push(
            look,
            Ink::Dim,
            &format!(" {words} "),
        );
    }
    line
}
