//! The answers in JSON. Nothing is kept between two requests: each carries all it needs.

use super::ask::{self, Ask};
use super::body::Asked;
use super::limits;
use super::refusal::{Mistake, Refusal};
use super::routes::Shop;
use crate::lang::Text;
use crate::page;
use crate::report::{self, Judged};
use crate::walk::Walk;
use crate::world::Halt;
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

/// The document of a walk, unless nobody waits for it any more.
pub fn document(walk: &Walk, halt: &Halt) -> Result<Vec<u8>, Refusal> {
    let document = page::document_until(walk, halt);
    ask::wanted(halt)?;
    answer(&document)
}

/// A walk with all its branches.
pub async fn walk(State(shop): State<Shop>, Asked(ask): Asked<Ask>) -> Result<Response, Refusal> {
    let octets = shop.runs.run(move |halt| document(&ask.walk(halt)?, halt)).await?;
    Ok(json(octets))
}

/// A scenario's text, to be checked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    source: String,
    /// Whether it is run as well, if it has no mistakes.
    #[serde(default = "yes")]
    run: bool,
}

fn yes() -> bool {
    true
}

/// What is to be said about a scenario's text.
#[derive(Serialize)]
struct Checked {
    errors: Vec<Mistake>,
    /// Of a scenario that was run.
    #[serde(skip_serializing_if = "Option::is_none")]
    verdicts: Option<Vec<Verdict>>,
}

/// What must hold, and whether it does.
#[derive(Serialize)]
struct Verdict {
    says: Text,
    cite: String,
    held: bool,
    found: Text,
}

/// Every mistake of a scenario's text, at its place; without any, what its expectations say about a run.
pub async fn check(State(shop): State<Shop>, Asked(asked): Asked<Source>) -> Result<Response, Refusal> {
    let octets = shop.runs.run(move |halt| {
        let mistakes = ask::mistakes(&asked.source)?;
        let errors: Vec<Mistake> = mistakes.iter().map(Mistake::from).collect();
        let runs = asked.run && errors.is_empty();
        let verdicts = if runs { Some(verdicts(asked.source, halt)?) } else { None };
        answer(&Checked { errors, verdicts })
    });
    Ok(json(octets.await?))
}

fn verdicts(source: String, halt: &Halt) -> Result<Vec<Verdict>, Refusal> {
    let ask = Ask { source: Some(source), ..Ask::default() };
    let (plan, trace) = ask.setup(halt)?.run().map_err(Refusal::mistakes)?;
    ask::wanted(halt)?;
    let verdict = |judged: Judged| Verdict {
        says: judged.says,
        cite: judged.cite,
        held: judged.held,
        found: judged.found,
    };
    Ok(report::grouped(&report::judge(&plan, &trace)).into_iter().map(verdict).collect())
}
