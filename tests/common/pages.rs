//! Pages and their documents, for the tests that read or open them.
#![allow(dead_code, reason = "each test that includes this uses its part of it")]

use serde_json::{Value, json};
use std::process::Command;
use wirewalk::scenario;
use wirewalk::walk::{Change, Setup, Walk};

/// The built-in scenario as it is.
pub fn walk(name: &str) -> Walk {
    let scenario = scenario::find(name).expect("built in").scenario().expect("without mistakes");
    Walk::simulated(Setup::new(scenario)).expect("default knobs")
}

/// The same with branches in which these frames are lost.
pub fn walk_with(name: &str, lost: &[&str]) -> Walk {
    let mut walk = walk(name);
    for pattern in lost {
        walk.switch(0);
        let pattern = walk.plan().unwrap().pattern(pattern).unwrap();
        walk.grow(Change::Drop(pattern)).unwrap();
    }
    walk
}

/// The handshake with its SYN lost, and with its SYN-ACK lost.
pub fn handshake() -> Walk {
    walk_with("three-way-handshake", &["client > server #1", "server > client SA #1"])
}

pub fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

pub fn number(value: &Value) -> usize {
    usize::try_from(value.as_u64().unwrap_or_else(|| panic!("no number: {value}"))).unwrap()
}

/// A text in English and in Chinese with relative numbers, then in both with absolute ones: written here apart from the
/// page's own script, so that each holds the other to the form.
pub fn texts(document: &Value, place: &Value) -> [String; 4] {
    let entry = &document["texts"]["all"][number(place)];
    let pattern = |at: &Value| -> [String; 2] {
        match &document["texts"]["patterns"][number(at)] {
            Value::String(both) => [both.clone(), both.clone()],
            each => [0, 1].map(|lang| each[lang].as_str().unwrap().to_owned()),
        }
    };
    let filled = |pattern: &str, numbers: &str| {
        let mut numbers = numbers.split(' ');
        let parts: Vec<&str> = pattern.split('\u{7f}').collect();
        let mut text = parts[0].to_owned();
        for part in &parts[1..] {
            text.push_str(numbers.next().expect("a number for each hole"));
            text.push_str(part);
        }
        assert_eq!(numbers.next(), None, "a hole for each number of “{pattern}”");
        text
    };
    let [relative, absolute] = match list(entry) {
        [] => [pattern(entry), pattern(entry)],
        [one, other] if other.is_u64() => [pattern(one), pattern(other)],
        [at, numbers @ ..] => {
            let numbers: Vec<&str> = numbers.iter().map(|numbers| numbers.as_str().unwrap()).collect();
            [numbers[0], numbers.last().unwrap()]
                .map(|numbers| pattern(at).map(|text| filled(&text, numbers)))
        }
    };
    let [[en, zh], [absolute_en, absolute_zh]] = [relative, absolute];
    [en, zh, absolute_en, absolute_zh]
}

/// The variables that a place in the table tells, by name: relative and absolute.
pub fn values(document: &Value, place: &Value) -> (usize, Vec<(String, [String; 2])>) {
    let told = &document["values"][number(place)];
    let mut known = match &told[1] {
        Value::Null => Vec::new(),
        from => values(document, from).1,
    };
    for change in list(&told[2]) {
        let name = document["names"][number(&change[0])].as_str().unwrap();
        known.retain(|(other, _)| other != name);
        match &change[1] {
            Value::Null => {}
            Value::String(value) => known.push((name.to_owned(), [value.clone(), value.clone()])),
            both => known.push((name.to_owned(), [0, 1].map(|at| both[at].as_str().unwrap().to_owned()))),
        }
    }
    (number(&told[0]), known)
}

/// A branch's steps and frames, those that it shares with its parent before its own, with names.
pub fn branch(document: &Value, which: usize) -> Value {
    let branch = &document["branches"][which];
    let mut whole = branch.clone();
    let parent = branch["parent"].as_u64().map(|parent| self::branch(document, parent as usize));
    for (at, what) in ["steps", "frames"].into_iter().enumerate() {
        let shared = number(&branch["shared"][at]);
        let mut all: Vec<Value> =
            parent.iter().flat_map(|parent| list(&parent[what])[..shared].to_vec()).collect();
        all.extend(
            list(&branch[what])
                .iter()
                .map(|one| if at == 0 { step(document, one) } else { frame(document, one) }),
        );
        whole[what] = Value::Array(all);
    }
    for (at, frame) in whole["frames"].as_array_mut().unwrap().iter_mut().enumerate() {
        frame["number"] = json!(at + 1);
    }
    whole
}

fn step(document: &Value, step: &Value) -> Value {
    let story = list(&step[4]).iter().map(|place| document["sentences"][number(place)].clone());
    json!({
        "at_ns": step[0], "host": step[1], "record": step[2], "frame": step[3],
        "story": story.collect::<Vec<_>>(), "lead": step[5],
        "states": document["states"][number(&step[6])], "values": step[7],
        "queues": document["queues"][number(&step[8])], "calls": document["calls"][number(&step[9])],
    })
}

fn frame(document: &Value, frame: &Value) -> Value {
    let mut head = document["heads"][number(&frame[6][0])].as_str().unwrap().to_owned();
    for run in frame[6][1].as_str().unwrap().split(' ').skip(1) {
        let at = 2 * usize::from_str_radix(&run[..2], 16).unwrap();
        head.replace_range(at..at + run.len() - 2, &run[2..]);
    }
    let tail = document["octets"][number(&frame[7])].as_str().unwrap();
    let layer = |like: &Value| {
        let (place, but) = if like.is_u64() { (like, &[][..]) } else { (&like[0], list(&like[1])) };
        let mut layer = document["layers"][number(place)].clone();
        for change in but {
            let field = &mut layer["fields"][number(&change[0])];
            field[4] = change[1].clone();
            field[5] = change[2].clone();
        }
        layer
    };
    json!({
        "step": frame[0], "from": frame[1], "to": frame[2], "label": frame[3],
        "fate": (["arrives", "lost", "dropped", "under way"][number(&frame[4])]), "length": frame[5],
        "hex": format!("{head}{tail}"),
        "layers": list(&frame[8]).iter().map(layer).collect::<Vec<_>>(),
    })
}

/// What chromium makes of a file opened from disk, without virtual time where `real_time`; `None` where there is no chromium.
pub fn browse(file: &str, link: &str, real_time: bool) -> Option<String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("page.html");
    std::fs::write(&path, file).unwrap();
    let time = if real_time { "--timeout=600000" } else { "--virtual-time-budget=10000" };
    let output = Command::new("chromium")
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr", "--dump-dom"])
        .args([time, "--window-size=1280,1000"])
        .arg(format!("--user-data-dir={}", folder.path().join("profile").display()))
        .arg(format!("file://{}#{link}", path.display()))
        .output();
    let Ok(output) = output else {
        eprintln!("SKIPPED: chromium is not installed, so no page was opened");
        return None;
    };
    let log = String::from_utf8_lossy(&output.stderr);
    let errors: Vec<&str> = log.lines().filter(|line| line.contains(":CONSOLE")).collect();
    assert!(errors.is_empty(), "{errors:?}");
    Some(String::from_utf8(output.stdout).unwrap())
}

/// What a script that runs after the page's own wrote into the attribute `data-found` of the body, line by line.
pub fn found(file: &str, link: &str, before: &str, script: &str, real_time: bool) -> Option<Vec<String>> {
    let file = file
        .replacen(
            "<script type=\"module\">",
            &format!("<script>{before}</script><script type=\"module\">"),
            1,
        )
        .replace("</body>", &format!("<script type=\"module\">{script}</script></body>"));
    let dom = browse(&file, link, real_time)?;
    let found = dom.split("data-found=\"").nth(1).and_then(|rest| rest.split('"').next());
    let found = found.unwrap_or_else(|| panic!("the script ended early"));
    let plain = found.replace("&gt;", ">").replace("&lt;", "<").replace("&quot;", "\"").replace("&amp;", "&");
    Some(plain.split('|').map(str::to_owned).collect())
}
