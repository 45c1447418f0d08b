//! One file per view over a `Trace`. Knows neither `sim` nor `live`.
