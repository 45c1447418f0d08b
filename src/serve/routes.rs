//! What is where.

use super::guard::{self, Guard};
use super::work::Lane;
use super::{Live, api, compare, export, files, inspect, lessons, limits};
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware;
use axum::routing::{get, post};
use std::time::Duration;

/// What the answers need: queues of work, and whether there is a live side.
#[derive(Clone)]
pub struct Shop {
    /// Simulations, checks.
    pub runs: Lane,
    /// Captures that are on their way here or being read.
    pub uploads: Lane,
    /// Captures that are read: one at a time.
    pub captures: Lane,
    /// Comparisons: one at a time, for they are about time.
    pub live: Lane,
    /// Whether they are possible here.
    pub kernel: Live,
}

/// Everything that can be asked.
pub fn router(guard: Guard, run_time: Duration, kernel: Live) -> Router {
    let shop = Shop {
        runs: Lane::new(limits::runs(), limits::WAITING, run_time),
        uploads: Lane::new(limits::UPLOADS, limits::WAITING, limits::READ_TIME),
        captures: Lane::new(1, limits::UPLOADS, limits::READ_TIME),
        live: Lane::new(1, limits::WAITING, limits::LIVE_TIME),
        kernel,
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
        .route("/api/compare", post(compare::compare))
        .route("/api/export", post(export::export))
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
        .with_state(shop)
}
