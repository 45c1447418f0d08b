//! Why something happened: chains of causes.

use super::{Record, RecordId, Trace};

impl Trace {
    /// The record, its cause, the cause of that, and so on back to something that nothing caused.
    pub fn why(&self, record: RecordId) -> Vec<&Record> {
        let mut chain = Vec::new();
        let mut next = self.records.get(record.0 as usize);
        while let Some(record) = next {
            chain.push(record);
            // A cause is always earlier; a damaged trace must not send us round in circles.
            next = record
                .cause
                .filter(|cause| *cause < record.id)
                .and_then(|cause| self.records.get(cause.0 as usize));
        }
        chain
    }

    /// The records that name this one as their cause, in order.
    pub fn consequences(&self, of: RecordId) -> impl Iterator<Item = &Record> + '_ {
        self.records.iter().skip(of.0 as usize + 1).filter(move |record| record.cause == Some(of))
    }
}
