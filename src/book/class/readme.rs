//! `README.txt` of the archive: both languages, 80 columns.

use super::Wanted;
use crate::lang::Lang;
use crate::scenario::Catalog;
use crate::view::Look;

/// The text.
pub(super) fn readme(wanted: &Wanted, catalog: &Catalog) -> String {
    let (count, program) = (catalog.scenarios.len(), &wanted.program);
    let start = if program.ends_with(".exe") { format!(".\\{program}") } else { format!("./{program}") };
    let mut made = String::new();
    for lang in [Lang::En, Lang::Zh] {
        let look = Look { lang, ..Look::default() };
        if !made.is_empty() {
            made.push_str("\n\n");
        }
        for paragraph in words(lang, count, &start, wanted.teacher) {
            match paragraph {
                Paragraph::Words(words) => {
                    for line in look.wrap(&words, look.width) {
                        made.push_str(&line);
                        made.push('\n');
                    }
                }
                Paragraph::Lines(lines) => made.push_str(&lines),
            }
            made.push('\n');
        }
        made.truncate(made.trim_end().len());
        made.push('\n');
    }
    made
}

enum Paragraph {
    /// To be wrapped.
    Words(String),
    /// As they stand, each with its end.
    Lines(String),
}

fn words(lang: Lang, count: usize, start: &str, teacher: bool) -> Vec<Paragraph> {
    let title = lang.pick("wirewalk, for a class without a network", "wirewalk：给没有网络的课堂");
    let open = lang.pick(
        format!("Open index.html in a browser. It leads to {count} lessons to walk through, to the book, and to papers with questions. Nothing is fetched from anywhere: a memory stick is enough."),
        format!("用浏览器打开 index.html，从那里可以走到 {count} 课、一本书和练习卷。任何内容都不从网上取，一个 U 盘就够。"),
    );
    let terminal = lang.pick(
        "The program does the same in a terminal. It needs no root and no installation:",
        "程序在终端里做同样的事，不要 root，也不用安装：",
    );
    let en = lang == Lang::En;
    let row = |command: &str, en_words: &str, zh_words: &str| {
        let language = if en { "" } else { "--lang zh " };
        let command = format!("{start} {language}{command}");
        format!("  {command:<48} {}\n", if en { en_words } else { zh_words })
    };
    let commands = [
        row("run three-way-handshake", "a connection opens", "连接怎样建立"),
        row("step lost-syn-ack", "step by step; ? for keys", "一步一步走，? 列按键"),
        row("compare three-way-handshake", "beside this machine's kernel", "与这台机器的内核对照"),
        row("doctor", "whether that is allowed here", "这台机器允许不允许"),
        row("list", "all lessons", "全部课程"),
    ];
    let compare = lang.pick(
        "Comparing with the kernel needs Linux; everything else works wherever this program runs. If the program does not start after copying, the memory stick has lost its right to run: chmod +x wirewalk.",
        "与内核对照需要 Linux；其余一切，程序能运行的地方都能用。拷贝之后程序启动不了，多半是 U 盘丢掉了执行权限：chmod +x wirewalk。",
    );
    let safe = lang.pick(
        "Floods and forged segments never leave the machine: they run in the simulator, and beside the kernel in a network namespace of their own that has no way out.",
        "洪泛与伪造的报文段绝不会离开这台机器：它们在模拟器里进行；与内核对照时，在一个没有出口的独立网络命名空间里进行。",
    );
    let folder = lang.pick(
        "The folder teacher/ has the keys of the papers. Take it out before you hand the rest to the class; wirewalk class --students makes an archive without it.",
        "teacher/ 文件夹里是练习卷的答案。发给学生之前请把它拿掉；wirewalk class --students 做出的归档里没有它。",
    );
    let mut made = vec![
        Paragraph::Words(title.to_owned()),
        Paragraph::Words(open),
        Paragraph::Words(terminal.to_owned()),
        Paragraph::Lines(commands.concat()),
        Paragraph::Words(compare.to_owned()),
        Paragraph::Words(safe.to_owned()),
    ];
    if teacher {
        made.push(Paragraph::Words(folder.to_owned()));
    }
    made
}
