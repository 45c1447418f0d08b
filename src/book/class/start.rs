//! The page that the archive opens with, in both languages.

use super::{SHEETS, TEACHER, Wanted, lesson_path};
use crate::lang::Lang;
use crate::scenario::Catalog;
use crate::view::svg::escaped;
use std::fmt::Write;

const STYLE: &str = include_str!("../assets/start.css");

/// `index.html`.
pub(super) fn start(wanted: &Wanted, catalog: &Catalog) -> String {
    let mut made = head();
    for lang in [Lang::En, Lang::Zh] {
        half(&mut made, wanted, catalog, lang);
    }
    made.push_str(END);
    made
}

/// `teacher/index.html`: the keys.
pub(super) fn teacher(wanted: &Wanted, catalog: &Catalog) -> String {
    let mut made = head();
    for lang in [Lang::En, Lang::Zh] {
        let code = lang.pick("en", "zh-CN");
        let title = lang.pick("Keys of the papers", "练习卷的答案");
        let words = lang.pick(
            "Take this folder out before you give the rest to the class. Each answer comes from a run, with the record that proves it.",
            "发给学生之前请拿掉这个文件夹。每个答案都从运行中算出，并附有能证明它的记录。",
        );
        let back = lang.pick("To the start", "回到首页");
        let _ = write!(
            made,
            "<section id=\"{lang}\" lang=\"{code}\">\n<h1>{title}</h1>\n<p>{words} <a href=\"../index.html\">{back}</a></p>\n"
        );
        papers(&mut made, wanted, catalog, lang, TEACHER, "../");
        made.push_str("</section>\n");
    }
    made.push_str(END);
    made
}

/// Links to the papers of that folder, or to their keys; `up` leads to the archive's folder.
fn papers(made: &mut String, wanted: &Wanted, catalog: &Catalog, lang: Lang, folder: &str, up: &str) {
    made.push_str("<ul class=\"lessons\">\n");
    for topic in &catalog.topics {
        for paper in wanted.papers.iter().filter(|paper| paper.lang == lang && paper.topic == topic.name) {
            let title = escaped(topic.title.get(lang));
            let _ = writeln!(made, "<li><a href=\"{up}{}\">{title}</a></li>", paper.path(folder));
        }
    }
    made.push_str("</ul>\n");
}

const END: &str = "</main>\n</body>\n</html>\n";

/// How both pages begin.
fn head() -> String {
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<link rel=\"icon\" href=\"data:,\">\n\
         <title>wirewalk · TCP, UDP</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n\
         <header>\n<p class=\"name\">wirewalk</p>\n<nav aria-label=\"Language\"><a href=\"#en\">English</a> <a href=\"#zh\" lang=\"zh-CN\">中文</a></nav>\n</header>\n<main>\n"
    )
}

/// The page in one of the languages.
fn half(made: &mut String, wanted: &Wanted, catalog: &Catalog, lang: Lang) {
    let code = lang.pick("en", "zh-CN");
    let title = lang.pick("Walk through TCP and UDP", "走一遍 TCP 和 UDP");
    let _ = write!(made, "<section id=\"{lang}\" lang=\"{code}\">\n<h1>{title}</h1>\n");
    let program = &wanted.program;
    let words = lang.pick(
        format!(
            "<p>Everything here works without a network. New to it? Begin with <a href=\"book/en/first-hour.html\">a first hour</a>.</p>\n\
             <ul>\n<li><a href=\"book/en/introduction.html\">The book</a>: the lessons with their diagrams, the language of scenarios, how all of it is checked.</li>\n\
             <li>The lessons below are pages: step forward and back, lose a segment, answer questions.</li>\n\
             <li>The program, <code>{program}</code>, does the same in a terminal and shows beside it what the kernel of this machine does; <a href=\"README.txt\">README.txt</a> says how to start it.</li>\n\
             <li><a href=\"book/en/teachers.html\">For teachers</a>: lessons of 45 minutes, exercises, floods without harm.</li>\n"
        ),
        format!(
            "<p>这里的一切都不需要网络。第一次用？从<a href=\"book/zh/first-hour.html\">第一个小时</a>开始。</p>\n\
             <ul>\n<li><a href=\"book/zh/introduction.html\">书</a>：各课的课文与时序图、场景语言、这一切怎样检验。</li>\n\
             <li>下面每一课都是一个网页：可进可退，可以丢掉一个报文段，可以答题。</li>\n\
             <li>程序 <code>{program}</code> 在终端里做同样的事，并把这台机器的内核所做的放在旁边对照；怎样启动见 <a href=\"README.txt\">README.txt</a>。</li>\n\
             <li><a href=\"book/zh/teachers.html\">写给教师</a>：45 分钟一节的课、练习、怎样安全地演示洪泛。</li>\n"
        ),
    );
    made.push_str(&words);
    made.push_str("</ul>\n");
    if !wanted.papers.is_empty() {
        let _ = writeln!(made, "<h2>{}</h2>", lang.pick("Papers to print", "练习卷（可打印）"));
        papers(made, wanted, catalog, lang, SHEETS, "");
    }
    let _ = writeln!(made, "<h2>{}</h2>", lang.pick("The lessons", "课程"));
    for topic in &catalog.topics {
        let _ = write!(made, "<h3>{}</h3>\n<ul class=\"lessons\">\n", escaped(topic.title.get(lang)));
        for lesson in catalog.scenarios.iter().filter(|lesson| lesson.topic == topic.name) {
            let _ = writeln!(
                made,
                "<li><a href=\"{}#lang={lang}\">{}</a></li>",
                lesson_path(lesson.name),
                escaped(lesson.title.get(lang))
            );
        }
        made.push_str("</ul>\n");
    }
    made.push_str("</section>\n");
}
