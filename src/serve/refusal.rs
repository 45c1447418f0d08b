//! Why a request is not answered as it wished, in both languages.

use super::limits;
use crate::lang::Text;
use crate::scenario::Diagnostic;
use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

/// Why.
#[derive(Clone, Debug)]
pub struct Refusal {
    status: StatusCode,
    words: Text,
    mistakes: Vec<Diagnostic>,
}

/// A mistake in a scenario or in a knob, at its place.
#[derive(Serialize)]
pub struct Mistake {
    /// What it stands in: the scenario's name, `--set`, `--drop`.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// Characters it is about.
    pub length: usize,
    /// What is wrong.
    pub text: Text,
    /// What would be right, where that is known.
    pub help: Option<Text>,
}

impl From<&Diagnostic> for Mistake {
    fn from(diagnostic: &Diagnostic) -> Mistake {
        let about = diagnostic.source.get(diagnostic.span.clone()).unwrap_or_default();
        Mistake {
            file: diagnostic.file.clone(),
            line: diagnostic.line,
            column: diagnostic.column,
            length: about.chars().count(),
            text: diagnostic.message.clone(),
            help: diagnostic.help.clone(),
        }
    }
}

impl Refusal {
    /// With that status and these words.
    pub fn new(status: StatusCode, en: impl Into<String>, zh: impl Into<String>) -> Refusal {
        Refusal { status, words: Text::new(en, zh), mistakes: Vec::new() }
    }

    /// What was asked makes no sense.
    pub fn unclear(en: impl Into<String>, zh: impl Into<String>) -> Refusal {
        Refusal::new(StatusCode::BAD_REQUEST, en, zh)
    }

    /// What stands after the question mark makes no sense.
    pub fn address(rejection: &QueryRejection) -> Refusal {
        let why = rejection.body_text();
        Refusal::unclear(format!("the address is not understood: {why}"), format!("看不懂这个地址：{why}"))
    }

    /// What was asked cannot be done, though one understands it.
    pub fn cannot(words: Text) -> Refusal {
        Refusal { status: StatusCode::UNPROCESSABLE_ENTITY, words, mistakes: Vec::new() }
    }

    /// This machine cannot do it.
    pub fn not_here(words: Text) -> Refusal {
        Refusal { status: StatusCode::NOT_IMPLEMENTED, words, mistakes: Vec::new() }
    }

    /// The scenario, a knob or a pattern has mistakes.
    pub fn mistakes(mistakes: Vec<Diagnostic>) -> Refusal {
        let words = mistakes.first().map_or_else(Text::default, |first| first.message.clone());
        Refusal { status: StatusCode::UNPROCESSABLE_ENTITY, words, mistakes }
    }

    /// The mistakes it tells of.
    ///
    /// # Errors
    /// It tells of something else.
    pub fn into_mistakes(self) -> Result<Vec<Diagnostic>, Refusal> {
        if self.mistakes.is_empty() { Err(self) } else { Ok(self.mistakes) }
    }

    /// There is no such thing.
    pub fn missing() -> Refusal {
        Refusal::new(StatusCode::NOT_FOUND, "there is nothing at this address", "这个地址下什么也没有")
    }

    /// Too many want something at once.
    pub fn busy() -> Refusal {
        Refusal::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "too many runs wait for their turn; try again in a moment",
            "排队等候的运行太多，请稍后再试",
        )
    }

    /// It took longer than it may.
    pub fn too_long(seconds: u64) -> Refusal {
        Refusal::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            format!("this took longer than the {seconds} s that a page may take, and was ended"),
            format!("这次运行超过了网页所限的 {seconds} 秒，已被中止"),
        )
    }

    /// It was ended because nobody waits for it; so nobody reads this.
    pub fn unwanted() -> Refusal {
        Refusal::cannot(Text::new("this was ended", "这已被中止"))
    }

    /// More came, or would go, than the limit.
    pub fn too_large(what: Text, most: usize) -> Refusal {
        let kibibytes = most / 1024;
        Refusal::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            format!("{} is larger than the {kibibytes} KiB that a page may have", what.en),
            format!("{}超过了网页所限的 {kibibytes} KiB", what.zh),
        )
    }

    /// We have a fault of our own.
    pub fn broken() -> Refusal {
        Refusal::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "wirewalk has a fault here; the terminal it runs in says more",
            "wirewalk 自身在这里出了错，运行它的终端里有更多说明",
        )
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        #[derive(Serialize)]
        struct Answer {
            error: Text,
            #[serde(skip_serializing_if = "Vec::is_empty")]
            mistakes: Vec<Mistake>,
        }
        let answer =
            Answer { error: self.words, mistakes: self.mistakes.iter().map(Mistake::from).collect() };
        let mut response = (self.status, Json(answer)).into_response();
        if self.status == StatusCode::SERVICE_UNAVAILABLE {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(limits::COME_AGAIN));
        }
        response
    }
}
