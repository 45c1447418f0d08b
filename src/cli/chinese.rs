//! The Chinese words of the command line, by command and argument, and how they replace the English ones.

use super::placeholders::placeholder;
use crate::lang::Lang;
use crate::view::Look;
use clap::{Arg, Command, CommandFactory};
use std::collections::BTreeMap;

/// Cells of a line of help.
const COLUMNS: usize = 80;

/// The whole command line in the language.
pub fn command(lang: Lang) -> Command {
    made(lang, true)
}

/// The same for the manual, whose lines are broken by those who show it.
pub fn for_the_manual(lang: Lang) -> Command {
    made(lang, false)
}

fn made(lang: Lang, broken: bool) -> Command {
    let command = eighty(super::args::Cli::command());
    match lang {
        Lang::En => command,
        Lang::Zh => translate(command, "", broken),
    }
}

/// Help is wrapped at 80 columns, in commands as at the top.
fn eighty(command: Command) -> Command {
    let mut command = command.term_width(COLUMNS);
    let names: Vec<String> = command.get_subcommands().map(|sub| sub.get_name().to_owned()).collect();
    for name in names {
        command = command.mut_subcommand(&name, eighty);
    }
    command
}

const TEMPLATE: &str = "{before-help}{about-with-newline}\n用法：{usage}\n\n{all-args}{after-help}";

/// The command with Chinese words; they are broken into lines for a help page, and left whole for the manual.
fn translate(command: Command, path: &str, broken: bool) -> Command {
    let mut command = command
        .help_template(TEMPLATE)
        .subcommand_help_heading("命令")
        .subcommand_value_name("命令")
        .mut_args(|arg| translate_argument(arg, path));
    if broken {
        command = broken_into_lines(command);
    }
    if let Some(about) = words(if path.is_empty() { "wirewalk" } else { path }) {
        command = command.about(about);
    }
    let names: Vec<String> = command.get_subcommands().map(|sub| sub.get_name().to_owned()).collect();
    for name in names {
        command = command.mut_subcommand(&name, |sub| translate(sub, &name, broken));
    }
    command
}

fn translate_argument(arg: Arg, path: &str) -> Arg {
    let heading = match arg.get_help_heading() {
        Some("packetdrill") => "packetdrill 的设置",
        Some(_) => "随处可用",
        None if arg.is_positional() => "参数",
        None => "选项",
    };
    let key = format!("{path} {}", arg.get_id());
    let help = words(&key).or_else(|| words(&format!("* {}", arg.get_id()))).unwrap_or_default();
    let mut help = help.to_owned();
    let takes_values = arg.get_action().takes_values();
    let values = arg.get_possible_values();
    if takes_values && !values.is_empty() {
        let names: Vec<_> = values.iter().map(|value| value.get_name().to_owned()).collect();
        help.push_str(&format!(" ［可选：{}］", names.join("、")));
    }
    if let Some(default) = arg.get_default_values().first().and_then(|value| value.to_str())
        && takes_values
    {
        help.push_str(&format!(" ［默认：{default}］"));
    }
    let placeholder = arg
        .get_value_names()
        .and_then(|names| names.first())
        .and_then(|name| placeholder(&key, name).or_else(|| placeholder("", name)));
    let arg = match placeholder {
        Some(chinese) => arg.value_name(chinese),
        None => arg,
    };
    arg.help(help).help_heading(heading).hide_default_value(takes_values).hide_possible_values(takes_values)
}

/// The parser breaks lines at spaces only, and Chinese has none: the words are broken here, into the cells that are left
/// beside the longest argument under the same heading.
fn broken_into_lines(command: Command) -> Command {
    let look = Look::default();
    // How an argument is written, the parser knows only when all is put together.
    let mut whole = command.clone();
    whole.build();
    let mut beside: BTreeMap<String, usize> = BTreeMap::new();
    for arg in whole.get_arguments().filter(|arg| !arg.is_hide_set()) {
        // Before a long option stands room for a short one.
        let short = if arg.get_long().is_some() { "-x, " } else { "" };
        let cells = look.text_width(&format!("  {short}{arg}  "));
        let longest = beside.entry(arg.get_help_heading().unwrap_or_default().to_owned()).or_default();
        *longest = cells.max(*longest);
    }
    command.mut_args(|arg| {
        let beside = beside.get(arg.get_help_heading().unwrap_or_default()).copied().unwrap_or_default();
        let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
        let help = look.wrap(&help, COLUMNS.saturating_sub(beside)).join("\n");
        arg.help(help)
    })
}

/// A page of help as the parser made it, with what the parser can say in English only: `[OPTIONS]`, and the colon behind a
/// heading.
pub fn page(lang: Lang, help: &str) -> String {
    if lang == Lang::En {
        return help.to_owned();
    }
    let line = |line: &str| match line.strip_suffix(':') {
        Some(heading) if !line.starts_with(' ') => format!("{heading}：\n"),
        _ if line.starts_with("用法：") => format!("{}\n", line.replace("[OPTIONS]", "[选项]")),
        _ => format!("{line}\n"),
    };
    help.lines().map(line).collect()
}

/// The Chinese words for a command (`run`), one argument of it (`run view`), or an argument wherever it stands (`* seed`).
fn words(key: &str) -> Option<&'static str> {
    let passed = || {
        let name = key.strip_prefix("drill ")?;
        let named = crate::drill::NAMES.iter().find(|named| named.name == name)?;
        Some(named.says.map_or("读取，但在这里没有意义", |[_, zh]| zh))
    };
    WORDS.iter().find(|(known, _)| *known == key).map(|(_, chinese)| *chinese).or_else(passed)
}

const WORDS: &[(&str, &str)] = &[
    ("wirewalk", "一步一步走过 TCP 与 UDP，逐层展开：模拟器里一遍，旁边是真实内核的一遍。"),
    ("* lang", "用哪种语言（默认看系统的语言设置）"),
    ("* color", "是否用颜色（遵守 NO_COLOR）"),
    ("* glyphs", "制图字符；wide 用于把它们显示成两格宽的终端（默认看系统的语言设置）"),
    ("* width", "按多少列排版，72 到 200"),
    ("* quiet", "标准错误上不显示进度与提示，只报错误"),
    ("* help", "显示帮助"),
    ("* version", "显示版本"),
    ("list", "按主题列出内置场景"),
    ("list topic", "只列这个主题"),
    ("list claims", "学习者常听到的说法，是否正确，由哪些课程验证"),
    ("* json", "输出一份 JSON 文档"),
    ("show", "一个场景的课文：讲解、主机、程序、问题"),
    ("* scenario", "内置场景的名字，或场景文件"),
    ("run", "模拟一个场景并画出来"),
    ("run view", "画什么"),
    ("run json", "输出一份 JSON 文档：每条记录、每个判定"),
    ("run until", "模拟到这个时刻为止，如 2s、500ms"),
    ("* absolute", "序号按线路上的原值显示，不用相对值"),
    ("* scale", "时序图的时间轴：每件事一行（steps），或按时间比例（linear）"),
    ("* profile", "协议栈按 RFC 还是按 Linux（默认看场景，一般是 linux）"),
    ("* seed", "一切随机的种子"),
    ("* set", "调场景的旋钮（show 会列出）"),
    ("* drop", "丢掉符合这个模式的帧，如 'server > client SA #1'"),
    ("step", "一步一步走过一个场景，可进可退"),
    ("step plain", "逐行模式；没有终端时总是如此"),
    ("step at", "从这一步开始"),
    ("quiz", "课程中的题目：当场提问并评分，印成试卷，或批改全班的答案"),
    ("quiz scenarios", "内置场景的名字，或场景文件（默认：从全部题目中抽十题）"),
    ("quiz topic", "从这个主题中抽十题"),
    ("quiz seed", "决定抽哪些题、按什么次序、给哪些选项"),
    ("quiz count", "共几题"),
    ("quiz sheet", "不提问，写出试卷"),
    ("quiz format", "试卷的格式（默认看 -o 的后缀，否则 md）"),
    ("quiz key", "试卷的答案：md、html，或者 csv，即全对的学生所交的表"),
    ("quiz grade", "批改这张表（CSV）里全班的答案；- 为标准输入"),
    ("quiz output", "试卷或成绩表写到哪个文件，写就写全，否则不写（默认：标准输出）"),
    ("quiz json", "输出一份 JSON 文档：题目、答案和证据"),
    ("step live", "真实内核做了什么；旁边第二条分支是模拟"),
    ("compare", "模拟与真实内核并排对照，给出结论"),
    ("compare scenarios", "内置场景的名字，或场景文件"),
    ("compare all", "全部内置场景"),
    ("* mode", "真实一侧的主机怎样相连（默认按场景所需）"),
    ("compare repeat", "对照这么多遍；各遍结论须一致"),
    ("* slow", "连真实时间要一分钟的也等"),
    ("compare jobs", "同时跑几个场景"),
    ("drill", "运行 packetdrill 脚本：在模拟的协议栈上，或在真实内核上"),
    ("drill scripts", "脚本；文件夹则为其中所有 *.pkt"),
    ("drill live", "在本机内核上实时运行，用 TUN 放在私有命名空间里"),
    ("drill view", "把每次运行也画出来"),
    ("drill define", "脚本里的一个词代表什么"),
    ("drill jobs", "同时跑几个脚本（默认：每个处理器一个；--live 为 4）"),
    ("drill profile", "模拟的协议栈按 RFC 还是按 Linux（默认 linux）"),
    ("drill until", "按脚本自己的时钟到这时还没结束就停下（默认 24h；--live 为 5min）"),
    ("inspect", "读捕获文件：列出连接、两端的状态，画任一视图"),
    ("inspect file", "捕获文件，pcap 或 pcapng"),
    ("inspect connection", "只看列表中这个编号的连接"),
    ("inspect frames", "只看这些编号的帧：7、7-20、7- 或 -20"),
    ("inspect view", "画什么（不写则列出各连接）"),
    ("inspect step", "一步一步走过它"),
    ("inspect plain", "即使在终端上也逐行走"),
    ("inspect json", "输出一份 JSON 文档：连接列表，或所选内容的每条记录"),
    ("check", "在模拟器里检查场景的各项预期"),
    ("check scenarios", "场景文件，或内置场景的名字（默认：全部内置场景）"),
    ("check self_test", "再为每项预期找一个能使它落空的改动"),
    ("export", "把一次运行写给别的工具用：分组、图、表"),
    ("export format", "格式"),
    (
        "export of",
        "画哪一部分：svg 画 sequence、states、plot、queues 或 sequence-time；mermaid 画 sequence 或 states；dot 画 topology、states 或 wait-for（默认为第一种）",
    ),
    ("export output", "要写的文件，python 则为文件夹；写就写全，否则不写；写到标准输出则用 -"),
    ("export live", "写真实内核发出的，而不是模拟的"),
    ("export with_drop", "网页、曲线图、表格里另加一次运行：丢掉符合这个模式的帧"),
    ("export with_set", "网页、曲线图、表格里另加一次运行：把这个旋钮调成这个值"),
    ("course", "课程的学习路线，以及你学到了哪里"),
    ("course course", "列出这门课程（不写则列出全部课程与你正在学的一门）"),
    ("next", "打开下一课：在终端上先显示课文，再一步一步走；否则只显示课文"),
    ("next course", "学这门课程，以后也接着学它（不写则为正在学的一门）"),
    ("done", "把这些课记为学完"),
    ("done lessons", "内置场景的名字"),
    ("reset", "清除学习进度：这几课的，或全部"),
    ("reset lessons", "内置场景的名字（不写则全部清除）"),
    ("class", "写出没有网络的课堂所需的一切：程序、网页、练习卷、书"),
    ("class output", "名字以 .tar.gz 结尾的是归档，否则是一个还不存在的文件夹；写就写全，否则不写"),
    ("class students", "不含教师的文件夹（里面是答案）"),
    ("class seed", "练习卷出哪些题：换一个数，换一批题"),
    ("explain", "一个术语、错误号、标志或状态是什么意思，哪些课程演示它"),
    (
        "explain term",
        "中文或英文的术语，错误号的名字或数字，标志、状态、调用、选项、内核参数，RFC 9293，或说法的编号如 CL-19（不写则列出全部词条）",
    ),
    ("explain topic", "列出这个主题的词条"),
    ("states", "TCP 的状态图"),
    ("states format", "text 给人看，svg 是图，dot 给 Graphviz，mermaid 给代码托管网站与维基"),
    ("new", "写一个带注释的场景文件作起点"),
    ("new file", "要写的文件；已有的文件不会动"),
    ("serve", "在浏览器里看课程，只供本机访问"),
    ("serve limit", "为网页做一次模拟最多用几秒"),
    ("serve port", "127.0.0.1 上的端口；0 为任取一个空闲的"),
    ("doctor", "这台机器能做哪几种真实对照；不能的，要改什么"),
    ("schema", "输出场景文件的 JSON Schema"),
    ("completions", "输出某种 shell 的补全脚本"),
    ("completions shell", "哪种 shell"),
    ("man", "输出手册页"),
    ("help", "某个命令的帮助"),
    ("help command", "哪个命令"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_and_argument_has_chinese_words() {
        fn visit(command: &Command, path: &str) {
            let has_chinese = |text: String| text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
            assert!(has_chinese(command.get_about().map(ToString::to_string).unwrap_or_default()), "{path}");
            for arg in command.get_arguments() {
                let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
                assert!(has_chinese(help), "{path} {}", arg.get_id());
                for name in arg.get_value_names().unwrap_or_default() {
                    let literal = ["0|1", "shell"].contains(&name.as_str());
                    // Only what takes a value shows what it stands for.
                    let shown = arg.get_action().takes_values() && !arg.is_hide_set();
                    assert!(
                        !shown || literal || has_chinese(name.to_string()),
                        "{path} {}: {name}",
                        arg.get_id()
                    );
                }
            }
            for sub in command.get_subcommands() {
                visit(sub, sub.get_name());
            }
        }
        visit(&command(Lang::Zh), "");
    }

    #[test]
    fn what_the_parser_says_in_english_only_is_chinese_on_a_page() {
        let help = "用法：wirewalk x [OPTIONS] <名字>\n\n选项:\n  --y  [OPTIONS] 之后:\n";
        assert_eq!(page(Lang::En, help), help);
        let chinese = "用法：wirewalk x [选项] <名字>\n\n选项：\n  --y  [OPTIONS] 之后:\n";
        assert_eq!(page(Lang::Zh, help), chinese);
    }

    #[test]
    fn both_command_lines_are_consistent() {
        command(Lang::En).debug_assert();
        command(Lang::Zh).debug_assert();
    }
}
