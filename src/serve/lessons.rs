//! What there is to run: the list of lessons, their texts, a scenario to begin with.

use super::refusal::Refusal;
use crate::lang::Lang;
use crate::scenario;
use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

/// The list of lessons, as `list --json` prints it.
pub async fn list() -> Result<Response, Refusal> {
    scenario::catalog().map(|catalog| Json(catalog).into_response()).map_err(Refusal::mistakes)
}

/// The file of a built-in scenario.
pub async fn source(Path(name): Path<String>) -> Result<&'static str, Refusal> {
    scenario::find(&name).map(|builtin| builtin.text).map_err(|_| Refusal::missing())
}

/// In which language.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct In {
    #[serde(default)]
    lang: Spoken,
}

/// A language, as addresses and requests name it.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Spoken {
    /// English.
    #[default]
    En,
    /// Chinese.
    Zh,
}

impl From<Spoken> for Lang {
    fn from(spoken: Spoken) -> Lang {
        match spoken {
            Spoken::En => Lang::En,
            Spoken::Zh => Lang::Zh,
        }
    }
}

/// What `wirewalk new` writes.
pub async fn template(wanted: Result<Query<In>, QueryRejection>) -> Result<String, Refusal> {
    let Query(wanted) = wanted.map_err(|rejection| Refusal::address(&rejection))?;
    Ok(scenario::template(wanted.lang.into()))
}
