//! Scenarios that mean no good: each is ended at a bound, and those who come after are served.

use crate::site::{self, Site, hang_up, until};
use serde_json::{Value, json};
use std::io::Read;
use std::net::TcpStream;
use std::time::{Duration, Instant};

/// Goes on for ever, in small steps, and leaves hardly a record.
pub const ENDLESS: &str = r#"
title = { en = "t", zh = "标题" }
lesson = { en = "l", zh = "课文" }
[host.client]
program = """
while true:
  sleep 1us
"""
[limits]
time = "30d"
"#;

/// A scenario with this program, and with whatever else follows.
fn with(program: &str, rest: &str) -> String {
    format!(
        "title = {{ en = 't', zh = '标题' }}\nlesson = {{ en = 'l', zh = '课文' }}\n[host.client]\nprogram = '''\n{program}\n'''\n{rest}\n"
    )
}

/// The most memory the server ever had resident, KiB.
#[cfg(target_os = "linux")]
pub fn peak_kib(site: &Site) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", site.child.id())).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[cfg(not(target_os = "linux"))]
pub fn peak_kib(_site: &Site) -> u64 {
    0
}

fn ask(site: &Site, source: &str) -> TcpStream {
    let mut stream = site.connect();
    let mut headers = site.own();
    headers.push(("Content-Type".to_owned(), "application/json".to_owned()));
    let body = json!({ "source": source }).to_string();
    site::send(&mut stream, "POST", "/api/walk", &headers, body.as_bytes()).unwrap();
    stream
}

#[test]
fn a_run_without_end_is_ended_and_the_page_told() {
    let site = Site::start(&["--limit", "1"]);
    let began = Instant::now();
    let told = site.post("/api/walk", &json!({ "source": ENDLESS })).refusal(422);
    assert!(told.contains("1 s"), "{told}");
    assert!(began.elapsed() >= Duration::from_secs(1));
    site.post("/api/walk", &json!({"scenario": "udp-echo", "branches": [{"drop": 1}]}));
    assert_eq!(site.get("/").status, 200);
}

#[test]
fn a_run_ends_when_its_page_goes() {
    // Nothing but the connection's end can end these runs within this test.
    let site = Site::start(&["--limit", "3600"]);
    let runs: Vec<TcpStream> = (0..8).map(|_| ask(&site, ENDLESS)).collect();
    // All places are taken: another one waits.
    let waiting = ask(&site, &with("sleep 1s", ""));
    waiting.set_read_timeout(Some(Duration::from_millis(500))).unwrap();
    let mut octet = [0];
    assert!((&waiting).read(&mut octet).is_err(), "somebody was served though every place is taken");
    runs.iter().for_each(hang_up);
    waiting.set_read_timeout(Some(Duration::from_secs(15))).unwrap();
    let answer = site::read(&mut std::io::BufReader::new(&waiting)).expect("the places are free again");
    assert_eq!(answer.status, 200);
}

#[test]
fn an_upload_that_breaks_off_leaves_its_place() {
    let site = Site::start(&[]);
    for _ in 0..20 {
        let mut stream = site.connect();
        let mut headers = site.own();
        headers.push(("Content-Type".to_owned(), "application/octet-stream".to_owned()));
        headers.push(("Transfer-Encoding".to_owned(), "chunked".to_owned()));
        site::send(&mut stream, "POST", "/api/inspect", &headers, b"5\r\nhallo\r\n").unwrap();
        hang_up(&stream);
    }
    until("an upload is read", || {
        let answer = site.post_octets("/api/inspect", "application/octet-stream", b"no capture");
        answer.status == 422
    });
}

#[test]
fn greedy_scenarios_are_bounded_in_time_and_memory() {
    let big = "\"x\" * 16000000";
    let udp = "[host.server]\nprogram = '''\ns = socket(udp)\nbind(s, *:9)\nsleep 1s\n'''";
    let tcp = "[host.server]\nprogram = '''\ns = socket(tcp)\nbind(s, *:80)\nlisten(s, 5)\nc = accept(s)\nwhile true:\n  recv(c, 100000)\n'''";
    let deaf = "[host.server]\nprogram = '''\ns = socket(tcp)\nbind(s, *:80)\nlisten(s, 5)\nc = accept(s)\nsleep 100s\n'''";
    let flooded = "[host.server]\nsysctl = { tcp_max_syn_backlog = 1000000, somaxconn = 65535, tcp_syncookies = 0 }\nprogram = '''\ns = socket(tcp)\nbind(s, *:80)\nlisten(s, 1000000)\nsleep 100s\n'''";
    let line = "x".repeat(60_000);
    let connected = "when server LISTEN\ns = socket(tcp)\nconnect(s, server:80)\n";
    let greedy: [(&str, String); 9] = [
        ("endless", ENDLESS.to_owned()),
        ("busy at one moment", with("while true:\n  s = socket(udp)\n  close(s)", "")),
        ("huge sends", with(&format!("{connected}repeat 1000000:\n  sendall(s, {big})"), tcp)),
        (
            "many sends that are never read",
            with(
                &format!(
                    "repeat 1000:\n  s = socket(tcp)\n  connect(s, server:80)\n  setblocking(s, false)\n  n = send(s, {big})"
                ),
                &deaf.replace("c = accept(s)\n", ""),
            ),
        ),
        (
            "huge values",
            with(
                &format!(
                    "s = socket(udp)\nbind(s, *:1)\nsendto(s, \"a\", client:1)\nd = recv(s, 9)\nwhile d != d + {big}:\n  while d == \"b\":\n    recv(s, 9)"
                ),
                "",
            ),
        ),
        ("many sockets", with("repeat 1000000:\n  s = socket(tcp)", "")),
        (
            "long words",
            with(&format!("s = socket(udp)\nrepeat 1000000:\n  sendto(s, \"{line}\", server:9)"), udp),
        ),
        ("datagrams", with("s = socket(udp)\nrepeat 1000000:\n  sendto(s, \"x\" * 1400, server:9)", udp)),
        (
            "a flood",
            with("when server LISTEN\nflood(server:80, rate = 1M, for = 20s, from = 198.18.0.0/15)", flooded)
                .replace("[host.client]\n", "[host.client]\nowns = ['198.18.0.0/15']\n"),
        ),
    ];
    let site = Site::start(&["--limit", "3"]);
    for (name, source) in greedy {
        let began = Instant::now();
        let answer = site.post("/api/walk", &json!({ "source": source }));
        let document: Value = serde_json::from_slice(&answer.body).unwrap();
        let wrong = document["mistakes"].as_array().is_some_and(|mistakes| !mistakes.is_empty());
        assert!(!wrong, "{name} is no scenario: {document}");
        assert!([200, 413, 422].contains(&answer.status), "{name}: {}", answer.text());
        let took = began.elapsed();
        assert!(took < Duration::from_secs(30), "{name} took {took:?}");
        println!(
            "{name}: {} in {took:?}, {} octets, peak {} MiB",
            answer.status,
            answer.body.len(),
            peak_kib(&site) / 1024
        );
    }
    assert!(peak_kib(&site) < 1536 * 1024, "{} KiB", peak_kib(&site));
    until("the next one is served", || {
        site.post("/api/check", &json!({"source": "", "run": false})).status == 200
    });
}
