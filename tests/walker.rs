//! The page in a real browser: how long a step takes, and whether the page reads a document as it was written.

#[path = "common/pages.rs"]
mod pages;

use pages::{branch, found, handshake, list, texts, walk};
use wirewalk::lang::Lang;
use wirewalk::page;

/// The longest a step may take, milliseconds: one picture of sixty in a second.
const STEP: f64 = 16.0;

/// Keeps back what the page would do before the next picture, so that the measurement below can do it at once.
const AT_ONCE: &str = r##"
const waiting = [];
window.requestAnimationFrame = (act) => waiting.push(act);
"##;

/// Walks all steps forward and back. Measured is the click with all that follows from it: scripts, styles, the layout
/// of the whole page. The clock runs on while other programs have the processor, so that a step that took too long is
/// taken again, up to twenty times, and its shortest time counts: what is slow by itself is slow each time.
const WALK: &str = r##"
const total = Number(document.getElementById('slider').max);
const button = { 1: document.getElementById('step-next'), '-1': document.getElementById('step-back') };
const step = (way) => {
  button[way].click();
  for (const act of waiting.splice(0)) act(0);
  void document.body.offsetHeight;
};
const timed = (way) => {
  const began = performance.now();
  step(way);
  return performance.now() - began;
};
const times = [];
for (const way of [1, -1]) {
  for (let at = 1; at < total; at += 1) {
    let best = timed(way);
    for (let again = 0; again < 20 && best > 16; again += 1) {
      step(-way);
      best = Math.min(best, timed(way));
    }
    times.push(best);
  }
}
times.sort((one, other) => one - other);
const share = (part) => times[Math.floor((times.length - 1) * part)];
document.body.setAttribute('data-found', [times.length, share(0.5), share(0.99), share(1), document.getElementById('position').textContent].join('|'));
"##;

#[test]
fn a_step_is_quick_on_a_long_trace() {
    // The shortest walk among the traces that are long enough: a machine with other work needs its time for each step.
    let walk = walk("syn-flood-cookies");
    assert!(walk.trace().records.len() >= 2_000);
    let file = page::standalone(&page::document(&walk), Lang::En).unwrap();
    let Some(found) = found(&file, "step=1", AT_ONCE, WALK, true) else { return };
    let [count, median, p99, most] = [0, 1, 2, 3].map(|at: usize| found[at].parse::<f64>().unwrap());
    eprintln!("{count} steps: median {median:.1} ms, p99 {p99:.1} ms, at most {most:.1} ms");
    assert!(count >= 400.0 && found[4].starts_with("1 / "), "{found:?}");
    assert!(p99 <= STEP, "p99 {p99} ms of {count} steps");
}

/// Asks the page's own script for every text of every step and every frame of the last branch.
const UNFOLDED: &str = r##"
const raw = JSON.parse(document.getElementById('document').textContent);
const doc = unfold(raw);
const lines = [];
const say = (place) => ['en', 'zh'].flatMap((lang) => [doc.texts.get(place, lang, false), doc.texts.get(place, lang, true)]).join('/');
const branch = doc.branches[doc.branches.length - 1];
for (const step of branch.steps) {
  const values = step.values.map((place) => [...doc.moments.get(place)].map(([name, value]) => `${name}=${value}`).sort().join());
  lines.push([step.at_ns, step.frame, ...step.story.map((told) => say(told[0])), ...values, JSON.stringify([step.states, step.queues, step.calls])].join(' '));
}
for (const frame of branch.frames) {
  const layers = frame.layers.map((layer) => say(layer.name) + layer.fields.map((field) => `${field[4]} ${say(field[5])}`).join());
  lines.push([frame.number, frame.step, frame.fate, frame.hex, say(frame.label), frame.pattern, ...layers].join(' '));
}
document.body.setAttribute('data-found', lines.join('|').replaceAll('\n', ' '));
"##;

#[test]
fn the_page_reads_the_document_as_it_was_written() {
    let walk = handshake();
    let json = serde_json::to_value(page::document(&walk)).unwrap();
    let file = page::standalone(&page::document(&walk), Lang::En).unwrap();
    // The page's modules are one script: what asks it for a document stands at its end.
    let file = file.replace("start(JSON.parse", &format!("{UNFOLDED}\nstart(JSON.parse"));
    let Some(read) = found(&file, "step=1", "", "", false) else { return };
    let say = |place: &serde_json::Value| {
        let [en, zh, absolute_en, absolute_zh] = texts(&json, place);
        [en, absolute_en, zh, absolute_zh].join("/")
    };
    let branch = branch(&json, 2);
    let mut wanted = Vec::new();
    for step in list(&branch["steps"]) {
        let mut words = vec![
            step["at_ns"].to_string(),
            step["frame"].as_u64().map(|n| n.to_string()).unwrap_or_default(),
        ];
        words.extend(list(&step["story"]).iter().map(|told| say(&told[0])));
        words.extend(list(&step["values"]).iter().map(|place| {
            let known = pages::values(&json, place).1.into_iter();
            let mut known: Vec<String> = known
                .map(
                    |(name, [one, other])| {
                        if one == other { format!("{name}={one}") } else { format!("{name}={one},{other}") }
                    },
                )
                .collect();
            known.sort();
            known.join(",")
        }));
        words.push(serde_json::json!([step["states"], step["queues"], step["calls"]]).to_string());
        wanted.push(words.join(" "));
    }
    for frame in list(&branch["frames"]) {
        let field = |field: &serde_json::Value| format!("{} {}", field[4].as_str().unwrap(), say(&field[5]));
        let layers = list(&frame["layers"]).iter().map(|layer| {
            say(&layer["name"]) + &list(&layer["fields"]).iter().map(field).collect::<Vec<_>>().join(",")
        });
        let known = &walk.branches()[2].trace.frames()[pages::number(&frame["number"]) - 1];
        let same = walk.branches()[2].trace.frames();
        let nth =
            same.iter().take(known.number).filter(|one| (one.from, one.to) == (known.from, known.to)).count();
        let name = |host: Option<wirewalk::link::HostId>| {
            walk.branches()[2].trace.host_name(host.unwrap()).to_owned()
        };
        let pattern = format!("{} > {} #{nth}", name(known.from), name(known.to));
        let text = |key: &str| frame[key].as_str().unwrap().to_owned();
        let mut words = vec![
            frame["number"].to_string(),
            frame["step"].to_string(),
            text("fate"),
            text("hex"),
            say(&frame["label"]),
            pattern,
        ];
        words.extend(layers);
        wanted.push(words.join(" "));
    }
    let wanted: Vec<String> = wanted.into_iter().map(|line| line.replace(['\n', '\u{a0}'], " ")).collect();
    let read: Vec<String> =
        read.into_iter().map(|line| line.replace("&nbsp;", " ").replace('\u{a0}', " ")).collect();
    assert_eq!(read, wanted);
}
