//! What is where.

use super::guard::{self, Guard};
use super::work::Lane;
use super::{Live, api, files, inspect, lessons, limits};
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware;
use axum::routing::{get, post};
use std::time::Duration;

/// The queues of work.
#[derive(Clone)]
pub struct Lanes {
    /// Simulations, checks.
    pub runs: Lane,
    /// Captures that are on their way here or being read.
    pub uploads: Lane,
    /// Captures that are read: one at a time.
    pub captures: Lane,
}

/// Everything that can be asked.
pub fn router(guard: Guard, run_time: Duration, _live: Live) -> Router {
    let lanes = Lanes {
        runs: Lane::new(limits::runs(), limits::WAITING, run_time),
        uploads: Lane::new(limits::UPLOADS, limits::WAITING, limits::READ_TIME),
        captures: Lane::new(1, limits::UPLOADS, limits::READ_TIME),
    };
    let pages = Router::new()
        .route("/", get(files::list))
        .route("/lesson/{scenario}", get(files::lesson))
        .route("/edit", get(files::edit))
        .route("/inspect", get(files::inspect))
        .route("/compare/{scenario}", get(files::compare))
        .route("/assets/site/{*path}", get(files::of_site))
        .route("/assets/page/{*path}", get(files::of_page));
    let answers = Router::new()
        .route("/api/lessons", get(lessons::list))
        .route("/api/lessons/{scenario}", get(lessons::source))
        .route("/api/template", get(lessons::template))
        .route("/api/walk", post(api::walk))
        .route("/api/check", post(api::check))
        .layer(DefaultBodyLimit::max(limits::JSON));
    let captures = Router::new()
        .route("/api/inspect", post(inspect::inspect))
        .layer(DefaultBodyLimit::max(limits::CAPTURE));
    pages
        .merge(answers)
        .merge(captures)
        .fallback(files::missing)
        .method_not_allowed_fallback(files::not_so)
        .layer(middleware::from_fn_with_state(guard, guard::guard))
        .with_state(lanes)
}
