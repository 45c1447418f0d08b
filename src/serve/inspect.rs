//! A capture that somebody gives: its connections, or one of them to walk through. It is read and forgotten.

use super::api::{answer, json};
use super::body::Capture;
use super::limits;
use super::refusal::Refusal;
use super::routes::Shop;
use crate::inspect::{BrokenAt, Choice, NotRebuilt, Rebuilt, rebuild, survey};
use crate::lang::{Lang, Text};
use crate::page::{self, Document};
use crate::walk::Walk;
use crate::world::Halt;
use axum::extract::rejection::QueryRejection;
use axum::extract::{FromRequest, Query, Request, State};
use axum::response::Response;
use serde::{Deserialize, Serialize};
use std::io::{self, Read};

/// What of the capture.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wanted {
    /// The connection to walk through; without it the list of connections.
    connection: Option<Which>,
    /// Instead: the frames of these numbers, from 1, both included.
    from: Option<u64>,
    to: Option<u64>,
}

/// A connection, or all of them.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "String")]
enum Which {
    One(u64),
    All,
}

impl TryFrom<String> for Which {
    type Error = String;

    fn try_from(text: String) -> Result<Which, String> {
        match text.as_str() {
            "all" => Ok(Which::All),
            number => number
                .parse()
                .map(Which::One)
                .map_err(|_| format!("“{number}” is neither a number nor “all”")),
        }
    }
}

/// A walk, and what is not in it.
#[derive(Serialize)]
struct Walked {
    document: Document,
    /// Frames that were chosen, but are too many.
    beyond: u64,
    /// Frames between no two IP addresses.
    without_address: u64,
    broken: Option<BrokenAt>,
}

/// The capture's octets, until nobody wants them any more.
struct Wished<'h, R> {
    octets: R,
    halt: &'h Halt,
}

impl<R: Read> Read for Wished<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.halt.raised() {
            Err(io::ErrorKind::ConnectionAborted.into())
        } else {
            self.octets.read(buffer)
        }
    }
}

/// The list of connections, or a walk through one.
pub async fn inspect(
    State(shop): State<Shop>,
    wanted: Result<Query<Wanted>, QueryRejection>,
    request: Request,
) -> Result<Response, Refusal> {
    let Query(wanted) = wanted.map_err(|rejection| Refusal::address(&rejection))?;
    let choice = choice(wanted)?;
    // Before a single octet is read: what waits must not fill the memory.
    let _place = shop.uploads.place().await?;
    let Capture(octets) = Capture::from_request(request, &()).await?;
    let read = move |halt: &Halt| {
        let input = Wished { octets: &octets[..], halt };
        match choice {
            None => list(input),
            Some(choice) => walk(input, choice, halt),
        }
    };
    Ok(json(shop.captures.run(read).await?))
}

fn list(input: impl Read) -> Result<Vec<u8>, Refusal> {
    let survey = survey(input).map_err(|broken| no_capture(&broken))?;
    answer(&survey.json(limits::LISTED))
}

/// What of the capture is wanted; nothing is the list of its connections.
fn choice(wanted: Wanted) -> Result<Option<Choice>, Refusal> {
    Ok(match (wanted.connection, wanted.from, wanted.to) {
        (None, None, None) => None,
        (Some(Which::One(number)), None, None) => Some(Choice::Connection(number)),
        (Some(Which::All), None, None) => Some(Choice::All),
        (None, from, to) if from.unwrap_or(1).max(1) <= to.unwrap_or(u64::MAX) => {
            Some(Choice::Frames { from: from.unwrap_or(1).max(1), to: to.unwrap_or(u64::MAX) })
        }
        _ => {
            return Err(Refusal::unclear(
                "either a connection is wanted, or frames from a number to another that is not less",
                "要么选一个连接，要么选一段帧，起号不大于止号",
            ));
        }
    })
}

fn walk(input: impl Read, choice: Choice, halt: &Halt) -> Result<Vec<u8>, Refusal> {
    let rebuilt = rebuild(input, "capture", choice).map_err(|why| match why {
        NotRebuilt::Broken(broken) => no_capture(&broken),
        NotRebuilt::NoSuchConnection(count) => Refusal::cannot(Text::new(
            format!("there is no such connection; the capture has {count}"),
            format!("没有这个连接；这份捕获共有 {count} 个"),
        )),
    })?;
    let Rebuilt { trace, beyond, without_address, broken, .. } = rebuilt;
    let document = page::document_until(&Walk::over(None, trace), halt);
    answer(&Walked { document, beyond, without_address, broken: broken.as_ref().map(BrokenAt::of) })
}

fn no_capture(broken: &crate::capture::Broken) -> Refusal {
    Refusal::cannot(Text::new(broken.sentence(Lang::En), broken.sentence(Lang::Zh)))
}
