//! What it answers.

use crate::site::Site;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::io::Read;
use wirewalk::export::{self, Format, Part};
use wirewalk::lang::Lang;
use wirewalk::scenario::{self, Plan, Scenario};
use wirewalk::view::Look;
use wirewalk::walk::{Change, Setup, Walk};
use wirewalk::{page, python, sim};

const LESSON: &str = "three-way-handshake";

fn scenario(name: &str) -> Scenario {
    scenario::find(name).expect("built in").scenario().expect("without mistakes")
}

/// Whether a document brings a script or a style of its own, which the policy forbids.
fn inline(html: &str) -> bool {
    let lower = html.to_ascii_lowercase();
    let bare = lower
        .split("<script")
        .skip(1)
        .any(|rest| !rest.split('>').next().is_some_and(|tag| tag.contains("src=")));
    let handler =
        lower.split(['<', '>']).skip(1).step_by(2).any(|tag| {
            tag.split_whitespace().skip(1).any(|word| word.starts_with("on") && word.contains('='))
        });
    bare || handler || lower.contains("<style") || lower.contains(" style=")
}

#[test]
fn every_page_is_there_with_its_headers_and_nothing_inline() {
    let site = Site::patient();
    for path in [
        "/",
        "/lesson/three-way-handshake",
        "/lesson/udp-echo?branch=x",
        "/edit",
        "/inspect",
        "/compare/udp-echo",
    ] {
        let answer = site.get(path);
        assert_eq!(answer.status, 200, "{path}");
        assert_eq!(answer.header("content-type"), Some("text/html; charset=utf-8"), "{path}");
        let policy = answer.header("content-security-policy").expect("a policy");
        assert!(policy.contains("script-src 'self';") && policy.contains("style-src 'self';"), "{policy}");
        assert!(
            policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"),
            "{policy}"
        );
        assert!(!policy.contains("unsafe"), "{policy}");
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "same-origin"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
        ] {
            assert_eq!(answer.header(name), Some(value), "{path}");
        }
        assert!(!inline(&answer.text()), "{path} has a script or a style inline");
        assert!(!answer.text().contains("page:body"), "{path} lacks the walker");
    }
    assert!(
        inline("<p onclick='x()'>")
            && inline("<script>x()</script>")
            && !inline("<script src='x.js'></script>")
    );
    assert!(site.get("/lesson/three-way-handshake").text().contains("id=\"step-next\""));
    assert_eq!(site.get("/lesson/no-such-lesson").status, 404);
    assert_eq!(site.get("/nowhere").status, 404);
    site.get("/api/nowhere").refusal(404);
}

#[test]
fn every_file_a_page_asks_for_is_there_and_no_other() {
    let site = Site::patient();
    for asset in page::assets() {
        let answer = site.get(&format!("/assets/page/{}", asset.path));
        assert_eq!((answer.status, answer.header("content-type")), (200, Some(asset.mime)), "{}", asset.path);
        assert!(answer.body == asset.bytes, "{}", asset.path);
    }
    let mut wanted = BTreeSet::new();
    for path in ["/", "/lesson/udp-echo", "/edit", "/inspect", "/compare/udp-echo", "/nowhere"] {
        let html = site.get(path).text();
        wanted.extend(html.split('"').filter(|word| word.starts_with("/assets/")).map(str::to_owned));
    }
    assert!(wanted.len() > 5, "{wanted:?}");
    for path in wanted {
        let answer = site.get(&path);
        assert_eq!(answer.status, 200, "{path}");
        let kind = if path.ends_with(".js") {
            "text/javascript; charset=utf-8"
        } else if path.ends_with(".css") {
            "text/css; charset=utf-8"
        } else {
            "image/svg+xml"
        };
        assert_eq!(answer.header("content-type"), Some(kind), "{path}");
    }
    for path in [
        "/assets/site/../mod.rs",
        "/assets/site/..%2fmod.rs",
        "/assets/site/%2e%2e/mod.rs",
        "/assets/site//etc/passwd",
        "/assets/site/%2fetc%2fpasswd",
        "/assets/site/words",
        "/assets/page/../../../Cargo.toml",
        "/assets/",
    ] {
        assert_eq!(site.get(path).status, 404, "{path}");
    }
}

#[test]
fn lessons_their_texts_and_a_template_are_there() {
    let site = Site::patient();
    let list = site.get("/api/lessons").json(200);
    assert_eq!(list, serde_json::to_value(scenario::catalog().unwrap()).unwrap());
    let answer = site.get("/api/lessons/udp-echo");
    assert_eq!(answer.text(), scenario("udp-echo").text());
    assert_eq!(answer.header("content-type"), Some("text/plain; charset=utf-8"));
    site.get("/api/lessons/no-such-lesson").refusal(404);
    let [en, zh] = ["en", "zh"].map(|lang| site.get(&format!("/api/template?lang={lang}")).text());
    assert!(en != zh && Scenario::parse("new.toml", &zh).is_ok());
    assert_eq!(site.get("/api/template").text(), en);
    site.get("/api/template?lang=tlh").refusal(400);
}

#[test]
fn a_walk_is_the_document_that_the_engine_gives() {
    let site = Site::patient();
    let asked = json!({
        "scenario": LESSON,
        "branches": [{"drop": 1}, {"parent": 1, "drop": "client > server S #2", "name": "twice"}, {"set": {"profile": "rfc9293"}, "seed": 7}],
    });
    let answered = site.post("/api/walk", &asked).json(200);
    let mut walk = Walk::simulated(Setup::new(scenario(LESSON))).unwrap();
    let first = walk.trace().frames()[0].record.id;
    let lost = walk.pattern(first).unwrap();
    walk.grow(Change::Drop(lost)).unwrap();
    let twice = walk.plan().unwrap().pattern("client > server S #2").unwrap();
    walk.grow(Change::Drop(twice)).unwrap();
    walk.rename(2, "twice");
    walk.switch(0);
    let both = vec![Change::Set("profile".to_owned(), "rfc9293".to_owned()), Change::Seed(7)];
    walk.grow(Change::Several(both)).unwrap();
    assert!(answered == serde_json::to_value(page::document(&walk)).unwrap());
    assert_eq!(answered["branches"].as_array().unwrap().len(), 4);
}

#[test]
fn a_walk_may_be_through_a_text_with_knobs_losses_profile_and_seed() {
    let site = Site::patient();
    let plain = site.post("/api/walk", &json!({"scenario": "syn-flood"})).json(200);
    let knob = &plain["knobs"][0];
    let (name, value) = (knob["name"].as_str().unwrap(), knob["value"].as_str().unwrap());
    let text = scenario("syn-flood").text().to_owned();
    let set = json!({name: value});
    let asked = json!({"source": text, "set": set, "seed": 3, "profile": "rfc9293", "drop": ["client > server S #1"]});
    let answered = site.post("/api/walk", &asked).json(200);
    assert_eq!((answered["seed"].as_u64(), answered["profile"].as_str()), (Some(3), Some("rfc9293")));
    let number = json!({"scenario": "syn-flood", "set": {name: value.parse::<i64>().unwrap_or(1)}});
    site.post("/api/walk", &number).json(200);
}

#[test]
fn a_check_tells_each_mistake_at_its_place_in_both_languages() {
    let site = Site::patient();
    let text = scenario("udp-echo").text().replacen("socket(", "sokket(", 1);
    let place = text.lines().position(|line| line.contains("sokket(")).unwrap();
    let line = text.lines().nth(place).unwrap();
    let errors = site.post("/api/check", &json!({"source": text})).json(200)["errors"].clone();
    let first = &errors[0];
    assert_eq!(first["line"], place + 1, "{errors}");
    let column = first["column"].as_u64().unwrap() as usize;
    let length = first["length"].as_u64().unwrap() as usize;
    let about: String = line.chars().skip(column - 1).take(length).collect();
    assert!(about.contains("sokket"), "{about:?} of {line:?}");
    let expected = Scenario::parse("scenario.toml", &text).unwrap_err();
    assert_eq!(errors.as_array().unwrap().len(), expected.len());
    for (error, expected) in errors.as_array().unwrap().iter().zip(&expected) {
        assert_eq!(error["text"]["en"], expected.message.en.as_str());
        assert_eq!(error["text"]["zh"], expected.message.zh.as_str());
    }
    let right = site.post("/api/check", &json!({"source": scenario("udp-echo").text()})).json(200);
    assert_eq!(right["errors"], json!([]));
    assert!(right["verdicts"].as_array().unwrap().iter().all(|verdict| verdict["held"] == true));
    let unrun =
        site.post("/api/check", &json!({"source": scenario("udp-echo").text(), "run": false})).json(200);
    assert_eq!(unrun, json!({"errors": []}));
}

#[test]
fn every_format_is_what_the_engine_writes() {
    let site = Site::patient();
    let plan = scenario(LESSON).default_plan().clone();
    let trace = sim::run(&plan, &sim::Options::default());
    let formats = [
        ("pcapng", Format::Pcapng),
        ("svg", Format::Svg),
        ("json", Format::Json),
        ("csv", Format::Csv),
        ("mermaid", Format::Mermaid),
        ("dot", Format::Dot),
    ];
    for (name, format) in formats {
        let parts: Vec<Option<Part>> =
            std::iter::once(None).chain(format.parts().iter().copied().map(Some)).collect();
        for part in parts {
            let mut asked = json!({"scenario": LESSON, "format": name});
            if let Some(part) = part {
                asked["of"] = part.name().into();
            }
            let answer = site.post("/api/export", &asked);
            assert_eq!(answer.status, 200, "{asked}: {}", answer.text());
            let look = Look { absolute: plan.chooses_numbers(), ..Look::default() };
            let written = export::write(format, part, &plan, ("as it is", &trace), &[], &look).unwrap();
            assert!(answer.body == written, "{asked}");
            assert_eq!(answer.header("content-type"), Some(format.mime()), "{asked}");
            let named = answer.header("content-disposition").unwrap();
            assert!(named.starts_with("attachment; filename=\"three-way-handshake"), "{named}");
            assert!(named.ends_with(&format!(".{}\"", format.ending())), "{named}");
        }
    }
    let page = site.post(
        "/api/export",
        &json!({"scenario": LESSON, "format": "html", "lang": "zh", "branches": [{"drop": 1}]}),
    );
    assert!(page.text().starts_with("<!doctype html>\n<html lang=\"zh-CN\">"));
    let drawing = |theme| {
        site.post("/api/export", &json!({"scenario": LESSON, "format": "svg", "theme": theme})).text()
    };
    assert!(drawing("dark") != drawing("light"));
    let branch = |number| {
        site.post(
            "/api/export",
            &json!({"scenario": LESSON, "format": "csv", "branch": number, "branches": [{"drop": 1}]}),
        )
    };
    assert_ne!(branch(1).text(), branch(0).text());
    branch(2).refusal(400);
    site.post("/api/export", &json!({"scenario": LESSON, "format": "csv", "of": "states"})).refusal(400);
}

#[test]
fn programs_come_as_one_archive_of_what_the_engine_writes_or_with_the_reason_why_not() {
    let site = Site::patient();
    let name = "deadlock-of-buffers";
    let lesson = scenario(name);
    for (lang, code) in [(Lang::En, "en"), (Lang::Zh, "zh")] {
        let asked = json!({"scenario": name, "format": "python", "lang": code});
        let answer = site.post("/api/export", &asked);
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert_eq!(answer.header("content-type"), Some("application/gzip"));
        let named = answer.header("content-disposition").unwrap();
        assert_eq!(named, format!("attachment; filename=\"{name}-python.tar.gz\""));
        assert_eq!(unpacked(&answer.body), programs(name, lesson.default_plan(), lang));
        assert_eq!(site.post("/api/export", &asked).body, answer.body, "the same again to the last octet");
    }
    // A branch's knobs are in its programs; what is lost on the wire is not.
    let branches = json!([{"set": {"size": "3000"}}, {"drop": 1}]);
    let of = |branch: usize| {
        let asked = json!({"scenario": name, "format": "python", "branch": branch, "branches": branches});
        unpacked(&site.post("/api/export", &asked).body)
            .into_iter()
            .map(|(path, text)| (path.rsplit_once('/').unwrap().1.to_owned(), text))
            .collect::<Vec<_>>()
    };
    let turned = lesson.plan(&[("size".to_owned(), "3000".to_owned())]).unwrap();
    let wanted = programs(name, &turned, Lang::En);
    assert!(of(1).iter().map(|(_, text)| text).eq(wanted.iter().map(|(_, text)| text)));
    assert!(of(0) != of(1) && of(0) == of(2));
    for wrong in [json!({"branch": 2}), json!({"of": "states"})] {
        let mut asked = json!({"scenario": name, "format": "python"});
        asked.as_object_mut().unwrap().extend(wrong.as_object().unwrap().clone());
        site.post("/api/export", &asked).refusal(400);
    }
    // Frames made by hand are no program: the place and the reason come along.
    let refused = site.post("/api/export", &json!({"scenario": "blind-reset", "format": "python"}));
    assert!(refused.refusal(422).starts_with("cannot be written as a Python program"));
    let mistake = &refused.json(422)["mistakes"][0];
    assert!(mistake["line"].as_u64() > Some(1) && !mistake["help"]["zh"].as_str().unwrap().is_empty());
}

/// The plan's programs as they lie in an archive.
fn programs(name: &str, plan: &Plan, lang: Lang) -> Vec<(String, String)> {
    let look = Look { lang, ..Look::default() };
    let programs = python::programs(plan, scenario(name).text(), &look).unwrap();
    programs.files.into_iter().map(|file| (format!("{name}/{}", file.name), file.text)).collect()
}

/// Names and texts of the files in an archive.
fn unpacked(octets: &[u8]) -> Vec<(String, String)> {
    let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(octets));
    let entries = archive.entries().unwrap().map(|entry| {
        let mut entry = entry.unwrap();
        let name = entry.path().unwrap().display().to_string();
        let mut text = String::new();
        entry.read_to_string(&mut text).unwrap();
        (name, text)
    });
    entries.collect()
}

#[test]
fn a_capture_gives_its_connections_and_a_walk_through_one() {
    let site = Site::patient();
    let plan = scenario("one-port-two-clients").default_plan().clone();
    let trace = sim::run(&plan, &sim::Options::default());
    let capture = export::write(Format::Pcapng, None, &plan, ("", &trace), &[], &Look::default()).unwrap();
    let ask = |query: &str, octets: &[u8]| {
        site.post_octets(&format!("/api/inspect{query}"), "application/octet-stream", octets)
    };
    let list = ask("", &capture).json(200);
    let connections = list["connections"].as_array().unwrap();
    assert!(connections.len() >= 2 && list["broken"] == Value::Null, "{list}");
    let walked = ask("?connection=1", &capture).json(200);
    assert_eq!(walked["document"]["source"], "captured");
    assert_eq!((&walked["beyond"], &walked["broken"]), (&json!(0), &Value::Null));
    let all = ask("?connection=all", &capture).json(200);
    assert!(all["document"]["branches"][0]["steps"].as_array().unwrap().len() > 10);
    let cut = ask("", &capture[..capture.len() - 7]).json(200);
    assert!(cut["broken"]["zh"].as_str().is_some_and(|why| !why.is_empty()), "{cut}");
    ask("?connection=99", &capture).refusal(422);
    ask("?connection=first", &capture).refusal(400);
    ask("", b"no capture at all").refusal(422);
    ask("", b"").refusal(422);
}

#[test]
fn a_comparison_shows_both_sides_or_says_what_is_missing() {
    let site = Site::patient();
    let answer = site.post("/api/compare", &json!({"scenario": "udp-echo"}));
    if answer.status == 501 {
        assert!(!cfg!(target_os = "linux") || !answer.refusal(501).is_empty());
        eprintln!("this machine has no live side: {}", answer.refusal(501));
        return;
    }
    let document = answer.json(200);
    let result = &document["results"][0];
    assert!(
        ["same", "explained", "inconclusive"].contains(&result["verdict"].as_str().unwrap()),
        "{document}"
    );
    let rows = result["rows"].as_array().unwrap();
    assert!(rows.iter().any(|row| row["simulated"]["text"].is_string() && row["live"]["text"].is_string()));
    assert!(!document["kernel"].as_str().unwrap().is_empty());
    let never = site.post("/api/compare", &json!({"scenario": "keepalive-two-hours"})).json(200);
    assert_eq!(never["results"][0]["verdict"], "not comparable");
}
