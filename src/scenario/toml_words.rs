//! The TOML parser's messages in both languages.

use super::source::Mistakes;
use crate::lang::Text;
use std::ops::Range;

/// The parser's descriptions, and what they are called here: English, Chinese.
const WORDS: [(&str, &str, &str); 35] = [
    ("unclosed table", "this table's header is not closed with ]", "表头缺少右方括号 ]"),
    ("unclosed array table", "this header is not closed with ]]", "表头缺少 ]]"),
    ("unclosed array", "this list is not closed with ]", "列表缺少右方括号 ]"),
    ("unclosed inline table", "this table is not closed with }", "行内表缺少右花括号 }"),
    (
        "missing assignment between key-value pairs",
        "`=` is missing between key and value",
        "键与值之间缺少 `=`",
    ),
    ("key with no value", "this key has no value", "这个键没有值"),
    ("missing value for key", "this key has no value", "这个键没有值"),
    ("missing value", "a value is missing here", "这里缺少值"),
    ("missing key for inline table element", "a key is missing before `=`", "`=` 前面缺少键"),
    (
        "invalid key-value pair",
        "this is neither a key with a value nor a table's header",
        "这既不是键值对，也不是表头",
    ),
    ("invalid inline table element", "this is no key with a value", "这不是键值对"),
    ("string values must be quoted", "a string must stand in quotes", "字符串要加引号"),
    ("invalid value", "this is no value", "这不是合法的值"),
    (
        "invalid basic string",
        "this string is not closed, or has an unknown escape",
        "字符串没有结束，或含有不认识的转义",
    ),
    (
        "invalid multi-line basic string",
        "this string is not closed with \"\"\", or has an unknown escape",
        "字符串缺少结尾的 \"\"\"，或含有不认识的转义",
    ),
    ("invalid literal string", "this string is not closed with '", "字符串缺少结尾的 '"),
    ("invalid multi-line literal string", "this string is not closed with '''", "字符串缺少结尾的 '''"),
    ("missing escaped value", "a backslash must be followed by an escape", "反斜杠后面要有转义字符"),
    ("too few unicode value digits", "this escape has too few digits", "这个转义的位数不够"),
    (
        "invalid unquoted key",
        "a key is made of letters, digits, `_` and `-`",
        "键由字母、数字、`_` 和 `-` 组成",
    ),
    ("unquoted keys cannot be empty", "a key is missing here", "这里缺少键"),
    ("missing comma between array elements", "a comma is missing in this list", "列表元素之间缺少逗号"),
    ("missing comma between key-value pairs", "a comma is missing in this table", "键值对之间缺少逗号"),
    ("extra comma in array", "this comma is too much", "多了一个逗号"),
    ("extra comma in inline table", "this comma is too much", "多了一个逗号"),
    ("extra `=`", "this `=` is too much", "多了一个 `=`"),
    ("extra assignment between key-value pairs", "this `=` is too much", "多了一个 `=`"),
    ("unexpected `=` in array", "`=` has no place in a list", "列表里不能有 `=`"),
    ("unexpected content", "this has no place here", "这里不该有这些内容"),
    ("unexpected key or value", "each key starts a new line", "每个键要另起一行"),
    ("unexpected leading zero", "a number does not begin with 0", "数字不能以 0 开头"),
    ("`_` may only go between digits", "`_` stands between digits only", "`_` 只能夹在数字中间"),
    ("invalid comment character", "this sign is not allowed in a comment", "注释里不能有这个字符"),
    ("carriage return must be followed by newline", "a lone carriage return", "回车符后面必须是换行符"),
    ("recursion limit", "too many nested levels", "嵌套层数太多"),
];

/// Reports one mistake of the TOML parser.
pub(super) fn report(error: &toml::de::Error, mistakes: &mut Mistakes) {
    let span = error.span().unwrap_or(0..0);
    let message = error.message();
    let (description, expected) = message.split_once(", expected ").unwrap_or((message, ""));
    if description == "duplicate key" {
        return duplicate(span, mistakes);
    }
    let known = WORDS.iter().find(|(known, _, _)| *known == description);
    let text = match known {
        Some((_, en, zh)) => Text::new(*en, *zh),
        None => Text::new(format!("not TOML: {description}"), format!("不合 TOML 语法：{description}")),
    };
    let written = mistakes.source.get(span.clone()).unwrap_or_default();
    let help = if description == "string values must be quoted" && !written.is_empty() {
        Some(Text::new(format!("write \"{written}\""), format!("写作 \"{written}\"")))
    } else {
        (!expected.is_empty())
            .then(|| Text::new(format!("expected here: {expected}"), format!("这里可以是：{expected}")))
    };
    mistakes.report(span, text, help);
}

fn duplicate(span: Range<usize>, mistakes: &mut Mistakes) {
    let source = mistakes.source.clone();
    let name = source.get(span.clone()).unwrap_or_default();
    let line = source
        .get(..span.start)
        .and_then(|before| before.rsplit('\n').next())
        .unwrap_or_default()
        .trim_start();
    let (text, help) = if line.starts_with("[host.") && !line.contains(".process") {
        (
            Text::new(format!("there are two hosts `{name}`"), format!("主机 `{name}` 出现了两次")),
            Text::new("give the second one another name", "给第二台主机换一个名字"),
        )
    } else {
        (
            Text::new(format!("`{name}` is given twice"), format!("`{name}` 出现了两次")),
            Text::new(
                "keep one of them; lists of tables have double brackets: [[expect]]",
                "只保留一个；表的列表用双方括号：[[expect]]",
            ),
        )
    };
    mistakes.report(span, text, Some(help));
}
