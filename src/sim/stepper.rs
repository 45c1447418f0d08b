//! Walking through a trace, forward and back. The trace is the whole run, so going back is an index.

use crate::trace::{Event, Flow, Frame, RecordId, Trace};

/// One stop of the walk: something a learner should see happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The record at which it happens. What it brings about comes after it, up to the next stop.
    pub record: RecordId,
    /// The flow it belongs to, if it is about a frame of one.
    pub flow: Option<Flow>,
}

/// A place in a trace.
#[derive(Clone, Debug)]
pub struct Stepper<'t> {
    trace: &'t Trace,
    frames: Vec<Frame<'t>>,
    stops: Vec<Place>,
    at: usize,
}

impl<'t> Stepper<'t> {
    /// At the first stop of the trace.
    pub fn new(trace: &'t Trace) -> Stepper<'t> {
        let frames = trace.frames();
        let flow_of = |sent: RecordId| {
            let place = frames.binary_search_by_key(&sent, |frame| frame.record.id).ok()?;
            frames[place].flow()
        };
        let stops = trace
            .records
            .iter()
            .filter_map(|record| {
                let flow = match &record.event {
                    Event::FrameArrived { sent, .. } | Event::FrameLost { sent, .. } => flow_of(*sent),
                    Event::FrameSent { .. } => flow_of(record.id),
                    Event::CallStarted { .. } | Event::CallReturned { .. } => None,
                    Event::TimerFired { .. } | Event::LinkChanged { .. } | Event::Stopped(_) => None,
                    Event::FrameDropped { .. }
                    | Event::StateChanged { .. }
                    | Event::StatesObserved { .. }
                    | Event::CallBlocked { .. }
                    | Event::Checked { .. }
                    | Event::ProcessEnded { .. }
                    | Event::Noted { .. }
                    | Event::Variables { .. }
                    | Event::Queue { .. }
                    | Event::Counted { .. } => return None,
                };
                Some(Place { record: record.id, flow })
            })
            .collect();
        Stepper { trace, frames, stops, at: 0 }
    }

    /// The trace.
    pub fn trace(&self) -> &'t Trace {
        self.trace
    }
    /// Its frames.
    pub fn frames(&self) -> &[Frame<'t>] {
        &self.frames
    }
    /// How many stops there are.
    pub fn len(&self) -> usize {
        self.stops.len()
    }
    /// Whether nothing happened at all.
    pub fn is_empty(&self) -> bool {
        self.stops.is_empty()
    }
    /// The present stop's number, from 1; 0 in an empty trace.
    pub fn number(&self) -> usize {
        if self.stops.is_empty() { 0 } else { self.at + 1 }
    }
    /// The present stop.
    pub fn stop(&self) -> Option<Place> {
        self.stops.get(self.at).copied()
    }
    /// The records of the present stop: its own, and all up to the next.
    pub fn records(&self) -> std::ops::Range<RecordId> {
        let start = self.stop().map_or(RecordId(0), |stop| stop.record);
        let end = self.stops.get(self.at + 1).map_or(self.trace.records.len() as u32, |stop| stop.record.0);
        start..RecordId(end)
    }
    /// One stop forward; whether there was one.
    pub fn forward(&mut self) -> bool {
        self.go_to(self.number() + 1)
    }
    /// One stop back; whether there was one.
    pub fn back(&mut self) -> bool {
        self.number() > 1 && self.go_to(self.number() - 1)
    }
    /// To the stop of that number, from 1; whether there is one.
    pub fn go_to(&mut self, number: usize) -> bool {
        let there = (1..=self.stops.len()).contains(&number);
        if there {
            self.at = number - 1;
        }
        there
    }
    /// To the next stop of the present one's flow; whether there is one.
    pub fn forward_in_flow(&mut self) -> bool {
        let Some(flow) = self.stop().and_then(|stop| stop.flow) else { return self.forward() };
        let next = self.stops.iter().skip(self.at + 1).position(|stop| stop.flow == Some(flow));
        next.is_some_and(|steps| self.go_to(self.number() + 1 + steps))
    }
    /// To the first stop at or after the record; whether there is one.
    pub fn go_to_record(&mut self, record: RecordId) -> bool {
        let number = self.stops.partition_point(|stop| stop.record < record) + 1;
        self.go_to(number)
    }
    /// The frame that the present stop is about.
    pub fn frame(&self) -> Option<&Frame<'t>> {
        let stop = self.stop()?;
        let sent = match &self.trace.record(stop.record).event {
            Event::FrameArrived { sent, .. } | Event::FrameLost { sent, .. } => *sent,
            Event::FrameSent { .. } => stop.record,
            _ => return None,
        };
        let place = self.frames.binary_search_by_key(&sent, |frame| frame.record.id).ok()?;
        self.frames.get(place)
    }
}
