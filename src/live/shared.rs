//! What the threads of one run share.

use super::ground::Place;
use super::isn::Plants;
use super::local::LocalFiles;
use super::log::Log;
use super::status::{Bound, Statuses};
use super::stop::StopSign;
use super::tap::TapControl;
use super::{Options, cable::CableControl};
use crate::lang::Text;
use crate::link::HostId;
use crate::scenario::{HostPlan, LiveMode, Plan};
use crate::world::load::{Load, contains};
use bytes::Bytes;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What the threads of one run share.
pub(super) struct Shared {
    /// What is run.
    pub plan: Plan,
    /// What was asked.
    pub options: Options,
    /// How the hosts are joined.
    pub mode: LiveMode,
    /// Where each host stands.
    pub places: Vec<Arc<Place>>,
    /// What has happened.
    pub log: Log,
    /// The processes are to end.
    pub stop: StopSign,
    /// Capture and cable are to end: after the processes, so that their last frames are still seen.
    pub end: StopSign,
    /// What each process does.
    pub statuses: Statuses,
    /// The ports that are bound.
    pub bound: Bound,
    /// Where the paths of local sockets lie.
    pub files: Arc<LocalFiles>,
    /// Connections made only to plant a sequence number.
    pub plants: Plants,
    /// Addresses that floods forge: frames from and to them leave no records.
    pub load: Mutex<Load>,
    /// IP packets made by hand that the tap has not seen yet, and who made them (on loopback).
    pub by_hand: Mutex<Vec<(HostId, Bytes)>>,
    /// The tap, from outside (on loopback).
    pub tap: Option<TapControl>,
    /// The cable, from outside (on a wire).
    pub cable: Option<CableControl>,
    held_up_ns: AtomicU64,
    troubles: Mutex<Vec<Text>>,
    notes: Mutex<Vec<Text>>,
}

impl Shared {
    /// Everything still to begin.
    pub(super) fn new(
        plan: &Plan,
        options: &Options,
        mode: LiveMode,
        places: Vec<Arc<Place>>,
        tap: Option<TapControl>,
        cable: Option<CableControl>,
    ) -> std::io::Result<Shared> {
        Ok(Shared {
            plan: plan.clone(),
            options: options.clone(),
            mode,
            places,
            log: Log::new(),
            stop: StopSign::new()?,
            end: StopSign::new()?,
            statuses: Statuses::default(),
            bound: Bound::default(),
            files: Arc::new(LocalFiles::new()),
            plants: Plants::new(plan.hosts.len()),
            load: Mutex::default(),
            by_hand: Mutex::default(),
            tap,
            cable,
            held_up_ns: AtomicU64::new(0),
            troubles: Mutex::default(),
            notes: Mutex::default(),
        })
    }

    /// The host of that number.
    pub(super) fn host(&self, host: HostId) -> Option<&HostPlan> {
        self.plan.hosts.get(host.index())
    }

    /// Where the host stands.
    pub(super) fn place(&self, host: HostId) -> Option<&Arc<Place>> {
        self.places.get(host.index())
    }

    /// Whose address it is.
    pub(super) fn owner(&self, address: impl Into<IpAddr>) -> Option<HostId> {
        let address = address.into();
        let hosts = &self.plan.hosts;
        let exact = hosts.iter().position(|host| host.has_address(address));
        let place = exact.or_else(|| {
            let IpAddr::V4(address) = address else { return None };
            hosts.iter().position(|host| host.owns.iter().any(|block| contains(*block, address)))
        });
        place.map(|place| HostId(place as u16))
    }

    /// Whether either address is forged by a flood.
    pub(super) fn is_load(&self, from: Ipv4Addr, to: Ipv4Addr) -> bool {
        let load = lock(&self.load);
        load.forged(from) || load.forged(to)
    }

    /// A thread of the run did something so much later than it should have: the machine was busy with other things.
    pub(super) fn held_up(&self, by_ns: u64) {
        self.held_up_ns.fetch_max(by_ns, Ordering::SeqCst);
    }

    /// The longest of these delays, nanoseconds.
    pub(super) fn longest_delay_ns(&self) -> u64 {
        self.held_up_ns.load(Ordering::SeqCst)
    }

    /// The trace will prove nothing, because of this.
    pub(super) fn trouble(&self, what: Text) {
        let mut troubles = lock(&self.troubles);
        if !troubles.contains(&what) {
            troubles.push(what);
        }
    }

    /// Something was done otherwise than the plan says.
    pub(super) fn remark(&self, what: Text) {
        lock(&self.notes).push(what);
    }

    /// All troubles and remarks.
    pub(super) fn take_words(&self) -> (Vec<Text>, Vec<Text>) {
        (std::mem::take(&mut *lock(&self.troubles)), std::mem::take(&mut *lock(&self.notes)))
    }
}

/// A thread that panicked while it held the lock leaves the data as good as it was.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
