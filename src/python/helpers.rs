//! Helpers that programs bring along, each in a file of its own under `parts/`, with their words in both languages.

use super::writer::Need;
use crate::lang::Lang;

/// Helpers, in the order in which they stand.
pub const PARTS: [(Need, &str); 10] = [
    (Need::Expect, include_str!("parts/expect.py")),
    (Need::NameOf, include_str!("parts/name_of.py")),
    (Need::WaitForSockets, include_str!("parts/wait_for_sockets.py")),
    (Need::WaitForName, include_str!("parts/wait_for_name.py")),
    (Need::Pieces, include_str!("parts/pieces.py")),
    (Need::AtMark, include_str!("parts/at_mark.py")),
    (Need::Urgent, include_str!("parts/urgent_comes.py")),
    (Need::Linger, include_str!("parts/linger_of.py")),
    (Need::Fresh, include_str!("parts/fresh.py")),
    (Need::Kept, ""),
];

/// The words of helpers, by the names that stand for them.
const WORDS: [(&str, &str, &str); 24] = [
    (
        "{expect}",
        "Says whether something came as the lesson expects it; the program goes on either way.",
        "说明结果是否与课文预期的一致；无论如何程序都继续。",
    ),
    ("{as_expected}", "as expected:", "与预期一致："),
    ("{not_so}", "NOT as expected:", "与预期不符："),
    ("{it_was}", "-- it was", "—— 实际是"),
    (
        "{name_of}",
        "The name of an error. A time limit that is over is EAGAIN, as the C library calls it.",
        "错误的名字。超过时限就是 EAGAIN，与 C 库的叫法一致。",
    ),
    (
        "{wait_for_sockets}",
        "Waits for sockets with these ports: Linux lists all of them in /proc/net.\n\n    On other systems you are asked; of another machine nothing can be seen, and nothing is waited for.",
        "等待使用这些端口的套接字出现：Linux 在 /proc/net 中列出全部套接字。\n\n    在其他系统上由你确认；别的机器看不到，因此不等。",
    ),
    (
        "{wait_for_name}",
        "Waits until a local socket has that name: Linux lists all of them in /proc/net/unix.\n\n    On other systems you are asked.",
        "等待有本地套接字使用这个名字：Linux 在 /proc/net/unix 中列出全部。在其他系统上由你确认。",
    ),
    ("{press_enter}", "Press Enter when the other program is ready:", "另一个程序准备好后按回车："),
    ("{nobody}", "The other program has not come within a minute:", "一分钟内另一个程序没有出现："),
    (
        "{pieces}",
        "As many pieces as there are names; the last one has all that is left, a missing one is empty.",
        "分成指定的份数：最后一份是剩下的全部，缺少的为空。",
    ),
    (
        "{at_mark}",
        "1 if everything before the urgent mark has been read; Python has no sockatmark().",
        "紧急标记之前的数据都已读完则为 1；Python 没有 sockatmark()。",
    ),
    (
        "{urgent_comes}",
        "Waits for urgent data: 1, or 0 when the socket's time limit is over.",
        "等待紧急数据：有则为 1，超过套接字的时限则为 0。",
    ),
    ("{linger_of}", "The seconds of SO_LINGER; None if it is off.", "SO_LINGER 的秒数；关闭时为 None。"),
    (
        "{fresh}",
        "The path, free again if an earlier run left its socket there.",
        "这个路径；如果上次运行留下了套接字，先删去。",
    ),
    (
        "{begin}",
        "Waits until all programs are there; from then on time is counted.",
        "等所有程序到齐，从这时开始计时。",
    ),
    (
        "{knock}",
        "A connection to another program's door, as soon as it is open.",
        "另一个程序的门一开，就与它建立连接。",
    ),
    ("{alone}", "The other programs have not come; start them all.", "其他程序没有来，请把它们都启动。"),
    ("{tell}", "A note for all the others.", "给其他所有程序的通知。"),
    ("{wait_for}", "Waits until that program has said so as many times.", "等待那个程序通知满指定的次数。"),
    ("{gone}", "It ended too early:", "它结束得太早："),
    ("{wait_until_over}", "Waits until these programs have ended.", "等待这些程序结束。"),
    ("{wait_until}", "Waits until so many seconds after the beginning.", "等到开始后的第几秒。"),
    ("{{", "{", "{"),
    ("}}", "}", "}"),
];

/// A helper with its words in that language.
pub fn fill(part: &str, lang: Lang) -> String {
    let mut text = part.to_owned();
    for (name, en, zh) in WORDS {
        text = text.replace(name, lang.pick(en, zh));
    }
    text
}
