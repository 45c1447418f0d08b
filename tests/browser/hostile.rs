//! Another site, open in the same browser, tries what it can: it reads nothing of the program's pages, runs nothing of
//! them, shows none of them, and has nothing done.

use super::InBrowser;
use super::ground::Ground;
use super::tab::{Net, STRANGER, Tab};
use std::io::{Read, Write};
use std::net::TcpListener;

/// The tests of this file.
pub const TESTS: &[InBrowser] = &[
    ("hostile::another_site_can_neither_read_nor_run_nor_frame_anything", another_site),
    ("hostile::a_name_that_leads_here_is_no_way_in", a_name_that_leads_here),
];

/// A site of somebody else on this machine, which gives everybody one empty page; its address.
fn stranger() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("bound").port();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { continue };
            let mut request = [0; 4096];
            let _ = stream.read(&mut request);
            let page = "<!doctype html><link rel=icon href='data:,'><title>elsewhere</title>";
            let length = page.len();
            let _ = write!(
                stream,
                "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{page}"
            );
        }
    });
    format!("http://127.0.0.1:{port}/")
}

/// What becomes of an attempt, `done` or `refused`.
fn attempt(tab: &Tab, statements: &str) -> String {
    let ends = "const refused = () => done('refused'); const did = () => done('done');";
    tab.run(&format!("{ends} {statements}")).as_str().expect("a word").to_owned()
}

fn another_site(ground: &Ground) {
    let walk = ground.page("/api/walk");
    let (list, page) = (ground.page("/api/lessons"), ground.page("/"));
    ground.tab(Net::On, |tab| {
        tab.goto(&stranger());
        let body = "JSON.stringify({ scenario: 'three-way-handshake' })";
        for (what, tried) in [
            ("reading an answer", format!("fetch('{list}').then(did, refused);")),
            ("reading a page", format!("fetch('{page}').then(did, refused);")),
            ("reading with cookies", format!("fetch('{list}', {{ credentials: 'include' }}).then(did, refused);")),
            (
                "asking for a run as pages do",
                format!(
                    "fetch('{walk}', {{ method: 'POST', headers: {{ 'Content-Type': 'application/json' }}, body: {body} }}).then(did, refused);"
                ),
            ),
            (
                "asking for a run as forms do",
                format!("fetch('{walk}', {{ method: 'POST', body: {body} }}).then(did, refused);"),
            ),
            (
                "asking for a run without wanting the answer",
                format!("fetch('{walk}', {{ method: 'POST', mode: 'no-cors', body: {body} }}).then(did, refused);"),
            ),
            (
                "running a module",
                format!("import('{}').then(did, refused);", ground.page("/assets/page/page.js")),
            ),
            (
                "running a script",
                format!(
                    "const one = document.createElement('script'); one.onload = did; one.onerror = refused; one.src = '{}'; document.head.append(one);",
                    ground.page("/assets/page/words.js")
                ),
            ),
            (
                "showing a picture",
                format!(
                    "const one = new Image(); one.onload = did; one.onerror = refused; one.src = '{}';",
                    ground.page("/assets/site/icon.svg")
                ),
            ),
            (
                "framing a page",
                // A frame that is refused shows a page of the browser's own, at no origin that could be ours.
                format!(
                    "const one = document.createElement('iframe'); one.onload = () => {{ one.contentWindow.postMessage('x', '*');
                     try {{ one.contentWindow.location.href; did(); }} catch {{ refused(); }} }};
                     one.src = '{page}'; document.body.append(one);"
                ),
            ),
        ] {
            assert_eq!(attempt(tab, &tried), "refused", "{what}");
        }
        let log = tab.log();
        assert!(log.iter().any(|line| line.contains("frame-ancestors")), "{log:#?}");
    });
}

fn a_name_that_leads_here(ground: &Ground) {
    ground.tab(Net::On, |tab| {
        // Somebody's name server answers with this machine's address: pages of that name would be of that origin.
        let there = ground.page("/").replace("127.0.0.1", STRANGER);
        tab.goto(&there);
        assert_eq!(tab.value("document.querySelector('#lessons')"), serde_json::Value::Null);
        assert_eq!(tab.value("document.scripts.length"), 0);
        let log = tab.log();
        assert!(log.iter().any(|line| line.contains("421")), "{log:?}");
    });
}
