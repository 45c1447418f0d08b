//! Objects written key by key.

use crate::host::Reason;
use crate::lang::{Lang, Text};
use crate::link::HostId;
use crate::socket::ProcessId;
use crate::trace::{Endpoint, EndpointId, Protocol, RecordId, Trace};
use std::fmt::{Display, Write as _};

/// An object being written.
pub(super) struct Object<'o> {
    out: &'o mut String,
    empty: bool,
}

impl<'o> Object<'o> {
    pub(super) fn open(out: &'o mut String) -> Object<'o> {
        out.push('{');
        Object { out, empty: true }
    }
    pub(super) fn close(self) {
        self.out.push('}');
    }
    pub(super) fn key(&mut self, key: &str) {
        if !std::mem::take(&mut self.empty) {
            self.out.push(',');
        }
        quote(self.out, key);
        self.out.push(':');
    }
    /// A number or a truth value: what displays as JSON.
    pub(super) fn plain(&mut self, key: &str, value: impl Display) {
        self.key(key);
        // Writing to a String cannot fail.
        let _ = write!(self.out, "{value}");
    }
    pub(super) fn optional(&mut self, key: &str, value: Option<u64>) {
        match value {
            Some(value) => self.plain(key, value),
            None => self.plain(key, "null"),
        }
    }
    pub(super) fn text(&mut self, key: &str, value: &str) {
        self.key(key);
        quote(self.out, value);
    }
    pub(super) fn display(&mut self, key: &str, value: impl Display) {
        self.text(key, &value.to_string());
    }
    pub(super) fn hex(&mut self, key: &str, octets: &[u8]) {
        self.key(key);
        self.out.push('"');
        for octet in octets {
            let _ = write!(self.out, "{octet:02x}");
        }
        self.out.push('"');
    }
    pub(super) fn object(&mut self, key: &str, fill: impl FnOnce(&mut Object)) {
        self.key(key);
        let mut inner = Object::open(self.out);
        fill(&mut inner);
        inner.close();
    }
    /// A list of objects, each on a line of its own if the list stands in the document itself.
    pub(super) fn list<T>(&mut self, key: &str, items: &[T], mut fill: impl FnMut(&mut Object, &T)) {
        self.key(key);
        let lines = key == "records" || key == "expectations";
        self.out.push('[');
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                self.out.push(',');
            }
            if lines {
                self.out.push('\n');
            }
            let mut inner = Object::open(self.out);
            fill(&mut inner, item);
            inner.close();
        }
        self.out.push(']');
    }
    pub(super) fn both(&mut self, key: &str, text: &Text) {
        self.object(key, |object| {
            object.text("en", &text.en);
            object.text("zh", &text.zh);
        });
    }
    pub(super) fn reason(&mut self, why: &Reason) {
        self.object("why", |object| {
            object.text("en", &why.sentence(Lang::En));
            object.text("zh", &why.sentence(Lang::Zh));
            object.text("cite", why.section());
        });
    }
    pub(super) fn host(&mut self, key: &str, trace: &Trace, host: Option<HostId>) {
        match host {
            Some(host) => self.text(key, trace.host_name(host)),
            None => self.plain(key, "null"),
        }
    }
    pub(super) fn record(&mut self, key: &str, record: Option<RecordId>) {
        self.optional(key, record.map(|record| u64::from(record.0)));
    }
    pub(super) fn process(&mut self, trace: &Trace, process: ProcessId) {
        self.plain("process", process.0);
        let name = trace.meta.processes.get(process.index()).map_or("", |process| &process.name);
        self.text("process_name", name);
    }
    pub(super) fn endpoint(&mut self, key: &str, trace: &Trace, endpoint: Option<EndpointId>) {
        let Some(endpoint) = endpoint else { return self.plain(key, "null") };
        let Endpoint { host, protocol, local, remote } = trace.endpoint(endpoint);
        self.object(key, |object| {
            object.text("host", trace.host_name(*host));
            object.text(
                "protocol",
                match protocol {
                    Protocol::Tcp => "tcp",
                    Protocol::Udp => "udp",
                },
            );
            object.display("local", local);
            match remote {
                Some(remote) => object.display("remote", remote),
                None => object.plain("remote", "null"),
            }
        });
    }
}

/// Writes a JSON string (RFC 8259 section 7).
fn quote(out: &mut String, text: &str) {
    out.push('"');
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            letter if u32::from(letter) < 0x20 => {
                let _ = write!(out, "\\u{:04x}", u32::from(letter));
            }
            letter => out.push(letter),
        }
    }
    out.push('"');
}
