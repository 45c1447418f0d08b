//! What stands for a value in Chinese help: `<文件>` where the English has `<FILE>`. What is typed as it stands (`0|1`) has
//! no row.

/// The Chinese word for a placeholder; `key` is a command with its argument (`inspect connection`) where that argument has a
/// word of its own, else empty.
pub fn placeholder(key: &str, english: &str) -> Option<&'static str> {
    let found = PLACEHOLDERS.iter().find(|(known, name, _)| *known == key && *name == english);
    found.map(|(_, _, chinese)| *chinese)
}

const PLACEHOLDERS: &[(&str, &str, &str)] = &[
    ("inspect connection", "N", "编号"),
    ("", "ADDRESS", "地址"),
    ("", "ANSWERS", "答案表"),
    ("", "COLUMNS", "列数"),
    ("", "COMMAND", "命令"),
    ("", "COURSE", "课程"),
    ("", "FILE", "文件"),
    ("", "FILE|DIR", "文件|文件夹"),
    ("", "FILE|NAME", "文件|名字"),
    ("", "FORMAT", "格式"),
    ("", "FROM-TO", "起-止"),
    ("", "KEY=VALUE", "旋钮=值"),
    ("", "LANG", "语言"),
    ("", "MODE", "方式"),
    ("", "N", "数"),
    ("", "NAME", "名字"),
    ("", "NAME=VALUE", "词=值"),
    ("", "NAME|FILE", "名字|文件"),
    ("", "OCTETS", "字节数"),
    ("", "PART", "部分"),
    ("", "PATTERN", "模式"),
    ("", "PERCENT", "百分比"),
    ("", "PORT", "端口"),
    ("", "PROFILE", "参数集"),
    ("", "SCALE", "画法"),
    ("", "SECONDS", "秒数"),
    ("", "SET", "字符"),
    ("", "SHELL", "shell"),
    ("", "STEP", "步号"),
    ("", "TERM", "术语"),
    ("", "TIME", "时刻"),
    ("", "TOPIC", "主题"),
    ("", "USECS", "微秒数"),
    ("", "VERSION", "版本"),
    ("", "VIEW", "视图"),
    ("", "WHEN", "何时"),
];
