//! A capture that somebody gives: its connections, or one of them to walk through. It is read and forgotten.

use super::api::{answer, json};
use super::body::Capture;
use super::limits;
use super::refusal::Refusal;
use super::routes::Lanes;
use crate::inspect::{Choice, NotRebuilt, rebuild, survey};
use crate::lang::{Lang, Text};
use crate::page;
use crate::walk::Walk;
use crate::world::Halt;
use axum::extract::rejection::QueryRejection;
use axum::extract::{FromRequest, Query, Request, State};
use axum::response::Response;
use serde::Deserialize;
use std::io::{self, Read};

/// What of the capture.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wanted {
    /// The connection of this number, from 1; without it the list of connections.
    connection: Option<u64>,
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
    State(lanes): State<Lanes>,
    wanted: Result<Query<Wanted>, QueryRejection>,
    request: Request,
) -> Result<Response, Refusal> {
    // Before a single octet is read: what waits must not fill the memory.
    let _place = lanes.uploads.place().await?;
    let Capture(octets) = Capture::from_request(request, &()).await?;
    let Query(wanted) = wanted.map_err(|rejection| Refusal::address(&rejection))?;
    let read = move |halt: &Halt| {
        let input = Wished { octets: &octets[..], halt };
        match wanted.connection {
            None => list(input),
            Some(number) => connection(input, number),
        }
    };
    Ok(json(lanes.captures.run(read).await?))
}

fn list(input: impl Read) -> Result<Vec<u8>, Refusal> {
    let survey = survey(input).map_err(|broken| no_capture(&broken))?;
    answer(&survey.json(limits::LISTED))
}

fn connection(input: impl Read, number: u64) -> Result<Vec<u8>, Refusal> {
    let rebuilt = rebuild(input, "capture", Choice::Connection(number)).map_err(|why| match why {
        NotRebuilt::Broken(broken) => no_capture(&broken),
        NotRebuilt::NoSuchConnection(count) => Refusal::cannot(Text::new(
            format!("there is no connection {number}; the capture has {count}"),
            format!("没有第 {number} 个连接；这份捕获共有 {count} 个"),
        )),
    })?;
    answer(&page::document(&Walk::over(None, rebuilt.trace)))
}

fn no_capture(broken: &crate::capture::Broken) -> Refusal {
    Refusal::cannot(Text::new(broken.sentence(Lang::En), broken.sentence(Lang::Zh)))
}
