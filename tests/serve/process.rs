//! How it begins and ends.

use crate::site::{self, Site};
use serde_json::json;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

fn serve(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_wirewalk")).arg("serve").args(arguments).output().expect("it ran")
}

#[test]
fn a_port_in_use_is_told_in_both_languages_with_exit_3() {
    let site = Site::start(&[]);
    let port = site.port.to_string();
    for (lang, words) in [("en", "in use"), ("zh", "占用")] {
        let output = serve(&["--port", &port, "--lang", lang]);
        assert_eq!(output.status.code(), Some(3));
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(told.contains(words) && told.contains(&port) && told.contains("--port 0"), "{told}");
        assert!(output.stdout.is_empty());
    }
    assert_eq!(serve(&["--port", "65536"]).status.code(), Some(2));
    assert_eq!(serve(&["--limit", "0"]).status.code(), Some(2));
}

#[cfg(target_os = "linux")]
#[test]
fn nobody_on_another_address_is_listened_to() {
    let site = Site::start(&[]);
    let table = std::fs::read_to_string(format!("/proc/{}/net/tcp", site.child.id())).unwrap();
    let port = format!(":{:04X}", site.port);
    let listens: Vec<&str> = table
        .lines()
        .filter_map(|line| line.split_whitespace().nth(1))
        .filter(|local| local.ends_with(&port))
        .collect();
    assert!(!listens.is_empty() && listens.iter().all(|local| local.starts_with("0100007F:")), "{listens:?}");
}

#[cfg(target_os = "linux")]
#[test]
fn both_signals_end_it_at_once_even_while_it_works() {
    use nix::sys::signal::{Signal, kill};
    use nix::unistd::Pid;
    for signal in [Signal::SIGINT, Signal::SIGTERM] {
        // A busy machine may be late; the best of some tries is what it can do.
        let best = (0..5).map(|_| {
            let mut site = Site::start(&["--limit", "600"]);
            let mut stream = site.connect();
            let mut headers = site.own();
            headers.push(("Content-Type".to_owned(), "application/json".to_owned()));
            let body = json!({"source": crate::hostile::ENDLESS}).to_string();
            site::send(&mut stream, "POST", "/api/walk", &headers, body.as_bytes()).unwrap();
            assert_eq!(site.get("/").status, 200);
            let began = Instant::now();
            kill(Pid::from_raw(site.child.id() as i32), signal).unwrap();
            let status = site.child.wait().unwrap();
            assert_eq!(status.code(), Some(0), "{signal}");
            began.elapsed()
        });
        let best = best.min().unwrap();
        assert!(best < Duration::from_millis(250), "{signal}: {best:?}");
    }
}
