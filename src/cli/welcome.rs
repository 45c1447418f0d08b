//! What the bare program says.

use super::out::{self, Exit, Failure};
use super::settings::Settings;
use crate::view::{Ink, Line, join};

/// A short welcome: what this is, three commands to try.
pub fn welcome(settings: &Settings) -> Result<Exit, Failure> {
    let look = &settings.look;
    let lang = look.lang;
    let mut lines = Vec::new();
    let about = lang.pick(
        "wirewalk lets you walk through TCP and UDP, frame by frame: simulated, and beside it the same scenario on the \
         real kernel, every difference explained.",
        "wirewalk 带你一帧一帧走过 TCP 与 UDP：模拟器里一遍，旁边是真实内核上的同一场景，每处不同都有解释。",
    );
    lines.extend(look.wrap(about, look.width).iter().map(|text| Line::of(look, Ink::Plain, text)));
    lines.push(Line::new());
    lines.push(Line::of(look, Ink::Heading, lang.pick("Try", "试试")));
    let tries = [
        ("wirewalk run three-way-handshake", lang.pick("see a connection open", "看一个连接怎样建立")),
        (
            "wirewalk step lost-syn-ack",
            lang.pick("step through a loss, and its cure", "一步一步走过一次丢失与补救"),
        ),
        ("wirewalk compare three-way-handshake", lang.pick("beside the real kernel", "与真实内核并排")),
    ];
    for (command, means) in tries {
        let mut line = Line::new();
        line.to(2).push(look, Ink::Call, command).to(41).push_until(look, Ink::Plain, means, look.width);
        lines.push(line);
    }
    lines.push(Line::new());
    let more = lang.pick(
        "`wirewalk course` leads from lesson to lesson and knows how far you have come, `wirewalk quiz` asks what you have \
         understood. `wirewalk list` shows all scenarios, `wirewalk explain` what words mean, `wirewalk help` all commands; \
         --lang zh speaks Chinese.",
        "wirewalk course 一课一课带你学，并记得你学到哪里；wirewalk quiz 考考你。wirewalk list 列出全部场景，wirewalk explain 解释术语，\
         wirewalk help 列出全部命令；--lang en 换成英文。",
    );
    lines.extend(look.wrap(more, look.width).iter().map(|text| Line::of(look, Ink::Plain, text)));
    out::print(lang, &join(&lines, look))?;
    Ok(Exit::Fine)
}
