//! A server of one test, and a client that can also be rude.

use serde_json::Value;
use std::io::{self, BufRead, BufReader, Write};
use std::net::{Shutdown, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Longer than any answer takes, however busy the machine is.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// A running server, ended with the test.
pub struct Site {
    pub child: Child,
    pub port: u16,
}

/// An answer.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Drop for Site {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Site {
    /// A server at a free port, with these further arguments.
    pub fn start(arguments: &[&str]) -> Site {
        // A release build may be measured by tests that are not built so.
        let binary = std::env::var("WIREWALK_BINARY").unwrap_or(env!("CARGO_BIN_EXE_wirewalk").to_owned());
        let mut child = Command::new(binary)
            .args(["serve", "--port", "0", "--lang", "en", "--quiet"])
            .args(arguments)
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let mut line = String::new();
        let out = child.stdout.take().expect("its output");
        BufReader::new(out).read_line(&mut line).expect("a line");
        let port = line.trim().trim_end_matches('/').rsplit(':').next().and_then(|port| port.parse().ok());
        Site { port: port.unwrap_or_else(|| panic!("no address in {line:?}")), child }
    }

    /// With time enough for a debug build on a busy machine.
    pub fn patient() -> Site {
        Site::start(&["--limit", "100"])
    }

    pub fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(("127.0.0.1", self.port)).expect("it listens");
        stream.set_read_timeout(Some(PATIENCE)).expect("a time-out");
        stream
    }

    /// The headers of a request by our own page.
    pub fn own(&self) -> Vec<(String, String)> {
        let host = format!("127.0.0.1:{}", self.port);
        let origin = format!("http://{host}");
        [("Host", host), ("Origin", origin), ("Sec-Fetch-Site", "same-origin".to_owned())]
            .map(|(name, value)| (name.to_owned(), value))
            .to_vec()
    }

    /// Sends a request with these headers, and these alone, and reads the answer.
    pub fn ask(&self, method: &str, path: &str, headers: &[(String, String)], body: &[u8]) -> Answer {
        let mut stream = self.connect();
        // Whoever refuses may not read to the end.
        let _ = send(&mut stream, method, path, headers, body);
        read(&mut BufReader::new(stream)).unwrap_or_else(|error| panic!("{method} {path}: {error}"))
    }

    pub fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, &self.own(), b"")
    }

    pub fn post(&self, path: &str, body: &Value) -> Answer {
        self.post_octets(path, "application/json", body.to_string().as_bytes())
    }

    pub fn post_octets(&self, path: &str, kind: &str, body: &[u8]) -> Answer {
        let mut headers = self.own();
        headers.push(("Content-Type".to_owned(), kind.to_owned()));
        self.ask("POST", path, &headers, body)
    }
}

/// Writes a request; its length is told unless the headers tell otherwise.
pub fn send(
    stream: &mut impl Write,
    method: &str,
    path: &str,
    headers: &[(String, String)],
    body: &[u8],
) -> io::Result<()> {
    let mut head = format!("{method} {path} HTTP/1.1\r\n");
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    if method == "POST" && headers.iter().all(|(name, _)| name != "Transfer-Encoding") {
        head.push_str(&format!("Content-Length: {}\r\n", body.len()));
    }
    head.push_str("\r\n");
    stream.write_all(head.as_bytes())?;
    stream.write_all(body)
}

/// Reads an answer.
pub fn read(stream: &mut impl BufRead) -> io::Result<Answer> {
    let mut line = String::new();
    let mut next = |stream: &mut dyn BufRead| -> io::Result<String> {
        line.clear();
        if stream.read_line(&mut line)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(line.trim_end().to_owned())
    };
    let status = next(stream)?;
    let status = status.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
    let mut headers = Vec::new();
    loop {
        let line = next(stream)?;
        let Some((name, value)) = line.split_once(':') else { break };
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let length: usize = length.and_then(|(_, value)| value.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    stream.read_exact(&mut body)?;
    Ok(Answer { status, headers, body })
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The document of an answer with that status.
    pub fn json(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text());
        assert_eq!(self.header("content-type"), Some("application/json"), "{}", self.text());
        serde_json::from_slice(&self.body).expect("JSON")
    }

    /// The words of a refusal, which are there in both languages.
    pub fn refusal(&self, status: u16) -> String {
        let document = self.json(status);
        let words = |lang: &str| document["error"][lang].as_str().unwrap_or_default().to_owned();
        let [en, zh] = ["en", "zh"].map(words);
        assert!(!en.is_empty() && zh.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)), "{document}");
        en
    }
}

/// Waits until it holds, within the patience of a test.
pub fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let began = Instant::now();
    while !holds() {
        assert!(began.elapsed() < PATIENCE, "not so after {PATIENCE:?}: {what}");
        std::thread::yield_now();
    }
}

/// Closes a connection at once.
pub fn hang_up(stream: &TcpStream) {
    let _ = stream.shutdown(Shutdown::Both);
}
