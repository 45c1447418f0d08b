//! Fifty people at once: no error, bounded memory, nothing left when they have gone.
//! `docs/performance.md` has the long form, against a release build.

use crate::hostile::peak_kib;
use crate::site::{self, Answer, Site, until};
use serde_json::{Value, json};
use std::io::BufReader;
use std::net::TcpStream;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

const SESSIONS: usize = 50;

/// The memory that fifty sessions may take, KiB.
const BOUND: u64 = 512 * 1024;

/// Threads and descriptors of the server.
#[cfg(target_os = "linux")]
fn held(site: &Site) -> (usize, usize) {
    let count = |what: &str| std::fs::read_dir(format!("/proc/{}/{what}", site.child.id())).unwrap().count();
    (count("task"), count("fd"))
}

#[cfg(not(target_os = "linux"))]
fn held(_site: &Site) -> (usize, usize) {
    (0, 0)
}

/// One person's connection, kept open.
struct Session<'s> {
    site: &'s Site,
    stream: BufReader<TcpStream>,
}

impl Session<'_> {
    fn ask(&mut self, method: &str, path: &str, body: &Value) -> Answer {
        let mut headers = self.site.own();
        let mut octets = String::new();
        if method == "POST" {
            headers.push(("Content-Type".to_owned(), "application/json".to_owned()));
            octets = body.to_string();
        }
        site::send(self.stream.get_mut(), method, path, &headers, octets.as_bytes()).expect("sent");
        let answer = site::read(&mut self.stream).expect("answered");
        assert_eq!(answer.status, 200, "{method} {path} {body}: {}", answer.text());
        answer
    }

    /// Somebody opens a lesson, walks it, asks what if, takes a drawing along.
    fn lesson(&mut self, name: &str) -> u64 {
        self.ask("GET", "/", &Value::Null);
        self.ask("GET", &format!("/lesson/{name}"), &Value::Null);
        self.ask("GET", "/assets/page/page.js", &Value::Null);
        self.ask("POST", "/api/walk", &json!({ "scenario": name }));
        let branches =
            [json!({"drop": 1}), json!({"parent": 1, "set": {"profile": "rfc9293"}}), json!({"seed": 5})];
        let walked = self.ask("POST", "/api/walk", &json!({ "scenario": name, "branches": branches }));
        let document: Value = serde_json::from_slice(&walked.body).expect("JSON");
        assert_eq!(document["branches"].as_array().map(Vec::len), Some(4));
        self.ask("POST", "/api/export", &json!({ "scenario": name, "format": "svg" }));
        6
    }
}

#[test]
fn fifty_sessions_with_runs_and_branches_leave_nothing() {
    const LESSONS: [&str; 6] = [
        "three-way-handshake",
        "four-way-close",
        "udp-echo",
        "lost-syn-ack",
        "connection-refused",
        "half-close",
    ];
    let seconds = std::env::var("WIREWALK_LOAD_SECONDS").ok().and_then(|text| text.parse().ok()).unwrap_or(3);
    let site = Site::patient();
    assert_eq!(site.get("/").status, 200);
    let before = held(&site);
    let answers = AtomicU64::new(0);
    let end = Instant::now() + Duration::from_secs(seconds);
    std::thread::scope(|scope| {
        for number in 0..SESSIONS {
            let (site, answers) = (&site, &answers);
            scope.spawn(move || {
                let mut turn = number;
                loop {
                    let mut session = Session { site, stream: BufReader::new(site.connect()) };
                    answers.fetch_add(session.lesson(LESSONS[turn % LESSONS.len()]), Ordering::Relaxed);
                    turn += 1;
                    // One in seven goes away in the middle of a run.
                    if turn % 7 == 0 {
                        let mut headers = site.own();
                        headers.push(("Content-Type".to_owned(), "application/json".to_owned()));
                        let body = json!({"scenario": "cubic-curve"}).to_string();
                        site::send(session.stream.get_mut(), "POST", "/api/walk", &headers, body.as_bytes())
                            .expect("sent");
                    }
                    if Instant::now() >= end {
                        return;
                    }
                }
            });
        }
    });
    let answered = answers.load(Ordering::Relaxed);
    println!(
        "{SESSIONS} sessions for {seconds} s: {answered} answers, peak {} MiB resident",
        peak_kib(&site) / 1024
    );
    assert!(answered >= 6 * SESSIONS as u64);
    assert!(peak_kib(&site) < BOUND, "{} KiB", peak_kib(&site));
    until(&format!("threads and descriptors are as before, {before:?}"), || {
        let now = held(&site);
        now.0 <= before.0 && now.1 <= before.1
    });
}
