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
    let text = described(description);
    let written = mistakes.source.get(span.clone()).unwrap_or_default();
    let help = if description == "string values must be quoted" && !written.is_empty() {
        Some(Text::new(format!("write \"{written}\""), format!("写作 \"{written}\"")))
    } else {
        (!expected.is_empty()).then(|| {
            Text::new(format!("expected here: {expected}"), expected_in_chinese(description, expected))
        })
    };
    mistakes.report(span, text, help);
}

/// What the parser would take, in Chinese; `` `,`, `]` `` it writes as they stand.
fn expected_in_chinese(description: &str, expected: &str) -> String {
    // Scenarios have no dates: what looks like one is a text without its quotes.
    if ["invalid date", "invalid time", "invalid offset", "invalid datetime"].contains(&description) {
        return "如果是文字，要加引号".to_owned();
    }
    if expected == "nothing" {
        return "把它去掉".to_owned();
    }
    let chinese = |part: &str| {
        let known = EXPECTED.iter().find(|(english, _)| *english == part);
        known.map_or_else(|| part.to_owned(), |(_, chinese)| (*chinese).to_owned())
    };
    let parts: Vec<String> = expected.split(", ").map(chinese).collect();
    format!("这里可以是：{}", parts.join("、"))
}

/// The parser's description in both languages.
fn described(description: &str) -> Text {
    if let Some((_, en, zh)) = WORDS.iter().find(|(known, _, _)| *known == description) {
        return Text::new(*en, *zh);
    }
    let rare = RARE.iter().find(|(known, _)| *known == description);
    let zh = rare.map_or(description, |(_, chinese)| chinese);
    Text::new(format!("not TOML: {description}"), format!("不合 TOML 语法：{zh}"))
}

/// Descriptions that the English leaves in the parser's own words.
const RARE: [(&str, &str); 31] = [
    ("cannot recurse further; max recursion depth met", "嵌套层数太多"),
    ("integers with a radix cannot be signed", "带进制前缀的整数不能有正负号"),
    ("invalid binary number", "不是二进制数"),
    ("invalid boolean", "不是 true 或 false"),
    ("invalid date", "日期不对"),
    ("invalid date-time", "不是日期或时间"),
    ("invalid datetime", "不是日期或时间"),
    ("invalid exponent", "指数部分不对"),
    ("invalid float", "不是小数"),
    ("invalid fraction", "小数部分不对"),
    ("invalid hexadecimal number", "不是十六进制数"),
    ("invalid integer number", "不是整数"),
    ("invalid key", "不是键"),
    ("invalid mantissa", "尾数部分不对"),
    ("invalid octal number", "不是八进制数"),
    ("invalid offset", "时区不对"),
    ("invalid string", "不是字符串"),
    ("invalid table", "不是表"),
    ("invalid time", "时间不对"),
    ("keys cannot be multi-line basic strings", "键不能是多行的字符串"),
    ("keys cannot be multi-line literal strings", "键不能是多行的字符串"),
    ("missing array opening", "列表缺少左方括号"),
    ("missing comment start", "注释缺少开头的 #"),
    ("missing inline table opening", "行内表缺少左花括号"),
    ("missing opening quote", "缺少左引号"),
    ("missing table open", "表头缺少左方括号"),
    ("radix must be lowercase", "进制前缀要用小写字母"),
    ("redundant integer number prefix", "进制前缀写了两次"),
    ("redundant numeric sign", "正负号写了两次"),
    ("unexpected content between comment and newline", "注释与换行之间有别的内容"),
    ("unexpected sign", "这里不该有正负号"),
];

/// What the parser may expect, other than signs that it writes as they stand.
const EXPECTED: [(&str, &str); 15] = [
    ("key", "键"),
    ("value", "值"),
    ("letters", "字母"),
    ("numbers", "数字"),
    ("digits", "数字"),
    ("characters", "字符"),
    ("newline", "换行"),
    ("basic string", "双引号的字符串"),
    ("literal string", "单引号的字符串"),
    ("multi-line basic string", "三个双引号的字符串"),
    ("multi-line literal string", "三个单引号的字符串"),
    ("unquoted string", "不带引号的字符串"),
    ("unicode hexadecimal value", "十六进制的 Unicode 编号"),
    ("printable characters", "可以显示的字符"),
    ("non-single-quote characters", "单引号以外的字符"),
];

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_the_parser_finds_is_told_in_chinese() {
        let deep = format!("x = {}", "[".repeat(200));
        let broken = "x = 0123|x = ++1|x = +0x1|x = 0b2|x = 0xg|x = 0o9|x = 0X1|x = 1__2|x = 1.|x = 1e|x = .5|x = tru|\
            x = 2000-13-01|x = 25:00:00|x =|x|= 1|x = [1 2]|x = [1,,2]|x = {a = 1|x = {a = 1 b = 2}|x = \"a|x = 'a|x = \"\\q\"|\
            x = \"\\u12\"|[x|[[x]|[]|x = 1 y = 2|x = ]|x = }|# \u{1}|x = \"\"\"a|\"\"\"x\"\"\" = 1|'''x''' = 1|x = 1 2|x == 1|\
            x.= 1|linux|x = linux|x = \u{2018}a\u{2019}";
        for text in broken.split('|').chain([deep.as_str()]) {
            let Err(error) = toml::from_str::<toml::Table>(text) else { panic!("{text} is TOML") };
            let message = error.message();
            let (description, expected) = message.split_once(", expected ").unwrap_or((message, ""));
            let chinese =
                format!("{}{}", described(description).zh, expected_in_chinese(description, expected));
            let names = ["TOML", "true", "false", "Unicode"];
            let words = chinese.split(|c: char| !c.is_ascii_alphabetic());
            let english: Vec<&str> = words.filter(|word| word.len() > 2 && !names.contains(word)).collect();
            assert!(english.is_empty(), "{text}: {message}: {english:?}");
        }
    }
}
