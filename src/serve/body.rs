//! What comes in a request's body, within its bounds of size, time and kind.

use super::limits;
use super::refusal::Refusal;
use crate::lang::Text;
use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{StatusCode, header};
use serde::de::DeserializeOwned;

/// A JSON body.
pub struct Asked<T>(pub T);

/// A capture.
pub struct Capture(pub Bytes);

/// The whole body, if it is of that kind. How large it may be is the route's `DefaultBodyLimit`.
async fn whole<S: Send + Sync>(
    request: Request,
    state: &S,
    kind: &str,
    what: Text,
    most: usize,
) -> Result<Bytes, Refusal> {
    let given = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let given = given.map(|given| given.split(';').next().unwrap_or_default().trim());
    if !given.is_some_and(|given| given.eq_ignore_ascii_case(kind)) {
        return Err(Refusal::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            format!("the body must be {kind}"),
            format!("请求体应为 {kind}"),
        ));
    }
    let told = request.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    if told.and_then(|told| told.parse().ok()).is_some_and(|told: u64| told > most as u64) {
        return Err(Refusal::too_large(what, most));
    }
    match tokio::time::timeout(limits::BODY_TIME, Bytes::from_request(request, state)).await {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(rejection)) if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE => {
            Err(Refusal::too_large(what, most))
        }
        Ok(Err(_)) => Err(Refusal::unclear("the body did not come whole", "请求体没有收全")),
        Err(_) => Err(Refusal::new(
            StatusCode::REQUEST_TIMEOUT,
            "the body took too long to come",
            "请求体迟迟没有收全",
        )),
    }
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Asked<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refusal> {
        let what = Text::new("the request", "请求");
        let bytes = whole(request, state, "application/json", what, limits::JSON).await?;
        serde_json::from_slice(&bytes).map(Asked).map_err(|error| {
            Refusal::unclear(
                format!("the request is not understood: {error}"),
                format!("看不懂这个请求：{error}"),
            )
        })
    }
}

impl<S: Send + Sync> FromRequest<S> for Capture {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refusal> {
        let what = Text::new("the capture", "捕获文件");
        whole(request, state, "application/octet-stream", what, limits::CAPTURE).await.map(Capture)
    }
}
