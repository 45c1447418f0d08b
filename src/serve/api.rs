//! The answers in JSON. Nothing is kept between two requests: each carries all it needs.

use super::ask::{self, Ask};
use super::body::Asked;
use super::limits;
use super::refusal::{Mistake, Refusal};
use super::routes::Lanes;
use crate::lang::Text;
use crate::page;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use std::io::{self, Write};

/// A JSON document of at most [`limits::ANSWER`] octets, on its way.
pub fn answer(document: &impl Serialize) -> Result<Vec<u8>, Refusal> {
    struct Bounded(Vec<u8>);
    impl Write for Bounded {
        fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
            if self.0.len() + octets.len() > limits::ANSWER {
                return Err(io::ErrorKind::OutOfMemory.into());
            }
            self.0.write(octets)
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let mut bounded = Bounded(Vec::new());
    serde_json::to_writer(&mut bounded, document)
        .map_err(|_| Refusal::too_large(Text::new("the answer", "应答"), limits::ANSWER))?;
    Ok(bounded.0)
}

/// These octets as JSON.
pub fn json(octets: Vec<u8>) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], octets).into_response()
}

/// A walk with all its branches.
pub async fn walk(State(lanes): State<Lanes>, Asked(ask): Asked<Ask>) -> Result<Response, Refusal> {
    let octets = lanes.runs.run(move |halt| answer(&page::document(&ask.walk(halt)?))).await?;
    Ok(json(octets))
}

/// A scenario's text, to be checked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    source: String,
}

/// Every mistake of a scenario's text, at its place.
pub async fn check(State(lanes): State<Lanes>, Asked(asked): Asked<Source>) -> Result<Response, Refusal> {
    #[derive(Serialize)]
    struct Answer {
        errors: Vec<Mistake>,
    }
    let octets = lanes.runs.run(move |_| {
        let mistakes = ask::mistakes(&asked.source)?;
        answer(&Answer { errors: mistakes.iter().map(Mistake::from).collect() })
    });
    Ok(json(octets.await?))
}
