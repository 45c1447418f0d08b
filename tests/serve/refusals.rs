//! What it refuses: whoever is not a page of its own, and what makes no sense.

use crate::site::{self, Site, until};
use serde_json::json;
use std::io::{BufReader, Read, Write};
use std::time::{Duration, Instant};

const QUESTIONS: [&str; 5] = ["/api/walk", "/api/check", "/api/compare", "/api/export", "/api/inspect"];

fn pairs(headers: &[(&str, &str)]) -> Vec<(String, String)> {
    headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[test]
fn a_foreign_name_is_answered_to_by_no_route() {
    let site = Site::start(&[]);
    let port = site.port;
    for host in [
        "evil.example",
        &format!("evil.example:{port}"),
        "127.0.0.1",
        "127.0.0.1:1",
        &format!("[::1]:{port}"),
    ] {
        for path in ["/", "/lesson/udp-echo", "/api/lessons", "/assets/page/page.js", "/nowhere"] {
            site.ask("GET", path, &pairs(&[("Host", host)]), b"").refusal(421);
        }
        for path in QUESTIONS {
            let headers = pairs(&[("Host", host), ("Content-Type", "application/json")]);
            site.ask("POST", path, &headers, b"{}").refusal(421);
        }
    }
    let own = format!("localhost:{port}");
    assert_eq!(site.ask("GET", "/", &pairs(&[("Host", &own)]), b"").status, 200);
    let foreign = format!("http://evil.example:{port}/");
    site.ask("GET", &foreign, &pairs(&[("Host", &own)]), b"").refusal(421);
    assert!(site.ask("GET", "/", &[], b"").status >= 400);
    assert!(site.ask("GET", "/", &pairs(&[("Host", &own), ("Host", "evil.example")]), b"").status >= 400);
}

#[test]
fn a_page_of_another_site_can_ask_nothing() {
    let site = Site::start(&[]);
    let host = format!("127.0.0.1:{}", site.port);
    let other = format!("http://127.0.0.1:{}", site.port ^ 1);
    let foreign = [
        ("Origin", "http://evil.example"),
        ("Origin", "null"),
        ("Origin", other.as_str()),
        ("Origin", ""),
        ("Sec-Fetch-Site", "cross-site"),
        ("Sec-Fetch-Site", "same-site"),
        ("Sec-Fetch-Site", "none"),
    ];
    for header in foreign {
        for path in QUESTIONS {
            // What a form can send, and what a script can.
            for kind in ["text/plain", "application/x-www-form-urlencoded", "application/json"] {
                let headers = pairs(&[("Host", &host), ("Content-Type", kind), header]);
                site.ask("POST", path, &headers, b"{}").refusal(403);
            }
        }
    }
    let embedded = pairs(&[("Host", &host), ("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Mode", "no-cors")]);
    site.ask("GET", "/api/lessons", &embedded, b"").refusal(403);
    let linked = pairs(&[("Host", &host), ("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Mode", "navigate")]);
    assert_eq!(site.ask("GET", "/lesson/udp-echo", &linked, b"").status, 200);
    let preflight = pairs(&[
        ("Host", &host),
        ("Origin", "http://evil.example"),
        ("Access-Control-Request-Method", "POST"),
    ]);
    let answer = site.ask("OPTIONS", "/api/walk", &preflight, b"");
    assert!(answer.status == 405 && answer.header("access-control-allow-origin").is_none());
}

#[test]
fn questions_are_asked_by_post_alone_and_pages_read_by_get() {
    let site = Site::start(&[]);
    for path in QUESTIONS {
        site.get(path).refusal(405);
        for method in ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"] {
            site.ask(method, path, &site.own(), b"").refusal(405);
        }
    }
    for path in ["/", "/edit", "/api/lessons", "/assets/page/page.js"] {
        site.post(path, &json!({})).refusal(405);
    }
}

#[test]
fn a_body_of_the_wrong_kind_or_without_sense_is_refused() {
    let site = Site::start(&[]);
    for path in QUESTIONS {
        for kind in
            ["text/plain", "multipart/form-data", "application/x-www-form-urlencoded", "image/png", ""]
        {
            site.post_octets(path, kind, b"{}").refusal(415);
        }
    }
    site.post_octets("/api/walk", "application/octet-stream", b"{}").refusal(415);
    site.post_octets("/api/inspect", "application/json", b"{}").refusal(415);
    for body in [
        "",
        "{",
        "[]",
        "7",
        "\"x\"",
        "{\"scenario\":7}",
        "{\"scenario\":\"udp-echo\",\"what\":1}",
        "\u{0}",
        "{\"seed\":-1}",
    ] {
        site.post_octets("/api/walk", "application/json", body.as_bytes()).refusal(400);
    }
    site.post_octets("/api/walk", "application/json", &[0xff, 0xfe]).refusal(400);
    let deep = "[".repeat(100_000);
    site.post_octets("/api/walk", "application/json", deep.as_bytes()).refusal(400);
    for asked in [
        json!({}),
        json!({"scenario": "udp-echo", "source": "x"}),
        json!({"scenario": "udp-echo", "branches": [{}]}),
        json!({"scenario": "udp-echo", "branches": [{"parent": 7, "drop": 1}]}),
    ] {
        site.post("/api/walk", &asked).refusal(400);
    }
}

#[test]
fn what_cannot_be_done_says_why_and_where() {
    let site = Site::start(&["--limit", "100"]);
    let walk = |asked: serde_json::Value| site.post("/api/walk", &asked);
    assert!(walk(json!({"scenario": "udp-eko"})).refusal(422).contains("udp-echo"));
    for name in ["../udp/udp-echo", "/etc/passwd", "scenarios/udp/udp-echo.toml", ""] {
        walk(json!({"scenario": name})).refusal(422);
    }
    let knob = walk(json!({"scenario": "udp-echo", "set": {"no-such-knob": 1}})).json(422);
    assert!(knob["mistakes"][0]["text"]["zh"].is_string(), "{knob}");
    let pattern =
        walk(json!({"scenario": "udp-echo", "branches": [{"drop": "client > nobody #1"}]})).json(422);
    assert!(pattern["mistakes"][0]["column"].as_u64().unwrap() > 1, "{pattern}");
    walk(json!({"scenario": "udp-echo", "drop": ["nonsense"]})).refusal(422);
    walk(json!({"scenario": "udp-echo", "branches": [{"drop": 9999}]})).refusal(422);
    walk(json!({"scenario": "udp-echo", "branches": vec![json!({"drop": 1}); 16]})).refusal(422);
    let broken = walk(json!({"source": "title = 3"})).json(422);
    assert_eq!(broken["mistakes"].as_array().unwrap().len(), 3, "{broken}");
    walk(json!({"source": "#".repeat(300_000)})).refusal(422);
    site.post("/api/check", &json!({"source": "#".repeat(300_000)})).refusal(422);
    site.post("/api/compare", &json!({"scenario": "udp-eko"}));
}

#[test]
fn what_is_too_large_is_refused_before_it_is_read_to_its_end() {
    let site = Site::start(&[]);
    let mut headers = site.own();
    headers.push(("Content-Type".to_owned(), "application/json".to_owned()));
    headers.push(("Content-Length".to_owned(), "100000000000".to_owned()));
    for path in ["/api/walk", "/api/check", "/api/compare", "/api/export"] {
        let mut stream = site.connect();
        site::send(&mut stream, "GET", path, &[], b"").ok();
        let answer = site.post_octets(path, "application/json", &vec![b' '; 600 * 1024]);
        answer.refusal(413);
    }
    let mut told = site.connect();
    let head: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    told.write_all(format!("POST /api/walk HTTP/1.1\r\n{head}\r\n").as_bytes()).unwrap();
    site::read(&mut BufReader::new(&told)).unwrap().refusal(413);
    // In pieces, without a length told beforehand.
    let mut chunked = site.own();
    chunked.push(("Content-Type".to_owned(), "application/octet-stream".to_owned()));
    chunked.push(("Transfer-Encoding".to_owned(), "chunked".to_owned()));
    let mut stream = site.connect();
    site::send(&mut stream, "POST", "/api/inspect", &chunked, b"").unwrap();
    let piece = vec![0; 1024 * 1024];
    for _ in 0..80 {
        let sent = stream
            .write_all(b"100000\r\n")
            .and_then(|()| stream.write_all(&piece))
            .and_then(|()| stream.write_all(b"\r\n"));
        if sent.is_err() {
            break;
        }
    }
    if let Ok(answer) = site::read(&mut BufReader::new(&stream)) {
        answer.refusal(413);
    }
    assert_eq!(site.get("/").status, 200);
}

#[test]
fn headers_have_their_bounds() {
    let site = Site::start(&[]);
    let mut many = site.own();
    many.extend((0..200).map(|number| (format!("X-{number}"), "x".to_owned())));
    assert_eq!(site.ask("GET", "/", &many, b"").status, 431);
    let mut long = site.own();
    long.push(("X".to_owned(), "x".repeat(64 * 1024)));
    assert_eq!(site.ask("GET", "/", &long, b"").status, 431);
    assert!(site.ask("GET", &format!("/{}", "x".repeat(64 * 1024)), &site.own(), b"").status >= 400);
    let mut garbage = site.connect();
    garbage.write_all(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\r\n\r\n").unwrap();
    let mut answer = Vec::new();
    let _ = garbage.read_to_end(&mut answer);
    assert!(answer.starts_with(b"HTTP/1.1 400"), "{:?}", String::from_utf8_lossy(&answer));
}

#[test]
fn whoever_dawdles_is_sent_away_while_others_are_served() {
    let site = Site::start(&[]);
    let began = Instant::now();
    let mut slow = site.connect();
    slow.write_all(b"GET / HTTP/1.1\r\nHost: ").unwrap();
    let mut idle = site.connect();
    let headers = site.own();
    site::send(&mut idle, "GET", "/", &headers, b"").unwrap();
    let mut idle = BufReader::new(idle);
    assert_eq!(site::read(&mut idle).unwrap().status, 200);
    assert_eq!(site.get("/").status, 200);
    // The one with half a request, and the one that stays on the line and asks nothing more.
    for stream in [&mut slow as &mut dyn Read, &mut idle] {
        let mut rest = Vec::new();
        let _ = stream.read_to_end(&mut rest);
        assert!(began.elapsed() < Duration::from_secs(60), "it was not sent away");
    }
    assert!(began.elapsed() > Duration::from_secs(5), "it had no time at all");
    until("it still answers", || site.get("/").status == 200);
}
