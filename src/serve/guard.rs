//! Who may ask, and what a browser may do with an answer: a web site that is open in the same browser can do nothing here.

use super::refusal::Refusal;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::sync::Arc;

/// The names under which the server answers: `127.0.0.1:9293`, `localhost:9293`. A name of somebody else that leads here
/// (DNS rebinding) is not among them.
#[derive(Clone, Debug)]
pub struct Guard {
    hosts: Arc<[String]>,
    origins: Arc<[String]>,
}

/// Nothing from elsewhere, no script or style but from our own files.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; \
                      font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// What every answer carries.
const HEADERS: [(HeaderName, &str); 8] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "same-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-embedder-policy"), "require-corp"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(), microphone=(), geolocation=(), usb=(), payment=()",
    ),
];

impl Guard {
    /// Of the server at that port of 127.0.0.1.
    pub fn new(port: u16) -> Guard {
        let names = ["127.0.0.1", "localhost"];
        let mut hosts: Vec<String> = names.iter().map(|name| format!("{name}:{port}")).collect();
        // Browsers leave out the port that http has anyhow.
        if port == 80 {
            hosts.extend(names.map(str::to_owned));
        }
        let origins = hosts.iter().map(|host| format!("http://{host}")).collect();
        Guard { hosts: hosts.into(), origins }
    }

    /// Why the request is refused, if it is.
    fn check(&self, method: &Method, uri: &Uri, headers: &HeaderMap) -> Result<(), Refusal> {
        let host = only(headers, &header::HOST).filter(|host| self.knows_host(host));
        let authority = uri.authority().is_none_or(|authority| self.knows_host(authority.as_str()));
        if host.is_none() || !authority {
            return Err(Refusal::new(
                StatusCode::MISDIRECTED_REQUEST,
                format!("this server answers only as {}", self.hosts.join(", ")),
                format!("本服务器只以 {} 之名应答", self.hosts.join("、")),
            ));
        }
        let reads = method == Method::GET || method == Method::HEAD;
        if !reads && method != Method::POST {
            return Err(Refusal::new(
                StatusCode::METHOD_NOT_ALLOWED,
                "only GET, HEAD and POST are understood here",
                "这里只接受 GET、HEAD 与 POST",
            ));
        }
        self.check_origin(reads, headers)
    }

    /// A page of another site may lead here by a link, but neither read nor ask anything.
    fn check_origin(&self, reads: bool, headers: &HeaderMap) -> Result<(), Refusal> {
        let foreign = Refusal::new(
            StatusCode::FORBIDDEN,
            "pages of other sites may ask nothing here",
            "别的网站的网页不能在这里要求任何东西",
        );
        let own = !headers.contains_key(header::ORIGIN)
            || only(headers, &header::ORIGIN)
                .is_some_and(|origin| self.origins.iter().any(|known| known == origin));
        let text = |name: &'static str| headers.get(name).map(HeaderValue::as_bytes);
        let leads_here = reads && text("sec-fetch-mode") == Some(b"navigate");
        let site = match text("sec-fetch-site") {
            None | Some(b"same-origin") => true,
            // Typed into the address line, or from a bookmark.
            Some(b"none") => reads,
            Some(_) => leads_here,
        };
        if own && site { Ok(()) } else { Err(foreign) }
    }

    fn knows_host(&self, host: &str) -> bool {
        self.hosts.iter().any(|known| known.eq_ignore_ascii_case(host))
    }
}

/// The header's value, if it stands there once.
fn only<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?.to_str().ok()?;
    values.next().is_none().then_some(value)
}

/// Refuses what may not ask; gives every answer its headers.
pub async fn guard(State(guard): State<Guard>, request: Request, next: Next) -> Response {
    let mut response = match guard.check(request.method(), request.uri(), request.headers()) {
        Ok(()) => next.run(request).await,
        Err(refusal) => refusal.into_response(),
    };
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    // Nothing is kept: the next version of the program has other files at the same addresses.
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(method: &str, headers: &[(&str, &str)]) -> bool {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(HeaderName::try_from(*name).unwrap(), value.parse().unwrap());
        }
        let uri = Uri::from_static("/api/walk");
        Guard::new(9293).check(&method.parse().unwrap(), &uri, &map).is_ok()
    }

    #[test]
    fn only_our_own_names_are_answered_to() {
        for host in ["127.0.0.1:9293", "localhost:9293", "LocalHost:9293"] {
            assert!(allowed("GET", &[("host", host)]), "{host}");
        }
        for host in
            ["evil.example", "evil.example:9293", "localhost", "localhost:80", "127.0.0.1.nip.io:9293", ""]
        {
            assert!(!allowed("GET", &[("host", host)]), "{host}");
        }
        assert!(!allowed("GET", &[]));
        assert!(!allowed("GET", &[("host", "localhost:9293"), ("host", "evil.example")]));
    }

    #[test]
    fn a_post_needs_our_own_origin_or_none() {
        let host = ("host", "localhost:9293");
        let post = |more: &[(&str, &str)]| allowed("POST", &[&[host], more].concat());
        assert!(post(&[]));
        assert!(post(&[("origin", "http://localhost:9293"), ("sec-fetch-site", "same-origin")]));
        for origin in [
            "null",
            "http://evil.example",
            "https://localhost:9293",
            "http://localhost",
            "http://localhost:9294",
        ] {
            assert!(!post(&[("origin", origin)]), "{origin}");
        }
        for site in ["cross-site", "same-site", "none", "anything"] {
            assert!(!post(&[("sec-fetch-site", site)]), "{site}");
            assert!(!post(&[("sec-fetch-site", site), ("sec-fetch-mode", "navigate")]), "{site}");
        }
    }

    #[test]
    fn a_link_may_lead_here_but_no_page_may_embed_or_fetch() {
        let get = |site, mode| {
            let headers = [("host", "localhost:9293"), ("sec-fetch-site", site), ("sec-fetch-mode", mode)];
            allowed("GET", &headers)
        };
        assert!(get("cross-site", "navigate") && get("none", "navigate") && get("same-origin", "cors"));
        assert!(!get("cross-site", "no-cors") && !get("cross-site", "cors") && !get("same-site", "no-cors"));
        assert!(!allowed("DELETE", &[("host", "localhost:9293")]));
        assert!(!allowed("OPTIONS", &[("host", "localhost:9293"), ("origin", "http://evil.example")]));
    }
}
