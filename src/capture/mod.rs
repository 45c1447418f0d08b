//! Captures: pcapng written, with a comment on every packet that says why it was sent; pcap and pcapng of others
//! read. Knows no network.

mod carriers;
mod classifier;
mod conversation;
mod export;
mod pcapng;
mod purpose;
mod read;

pub use classifier::Classifier;
pub use export::{EPOCH_NS, Export, export};
pub use pcapng::{Interface, Section, Writer};
pub use purpose::{Piggyback, Purpose};
pub use read::{Broken, Capture, Found, Mark, Network, Trouble, network};

#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_bounds;
