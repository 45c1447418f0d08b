//! What the commands of a run cannot reach by mistake: settings of the machine that are not the private network's.

use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, unshare};
use std::io;

/// Gives the calling thread mounts of its own, in which `/proc/sys` can only be read but for `/proc/sys/net`, and `/sys` shows
/// the devices of its network namespace. Root's mapping in a user namespace would otherwise let `sysctl` write settings of the
/// whole machine. Files are as they were: a command can do with them what its user can.
///
/// # Errors
/// What the kernel says; the thread is then as before, or its mounts are its own and `/proc/sys` can be written.
pub(super) fn put_up() -> io::Result<()> {
    const NOTHING: Option<&str> = None;
    unshare(CloneFlags::CLONE_NEWNS)?;
    mount(NOTHING, "/", NOTHING, MsFlags::MS_REC | MsFlags::MS_SLAVE, NOTHING)?;
    let (all, net) = ("/proc/sys", "/proc/sys/net");
    let again = MsFlags::MS_REMOUNT | MsFlags::MS_BIND;
    mount(Some(all), all, NOTHING, MsFlags::MS_BIND | MsFlags::MS_REC, NOTHING)?;
    mount(NOTHING, all, NOTHING, again | MsFlags::MS_RDONLY, NOTHING)?;
    mount(Some(net), net, NOTHING, MsFlags::MS_BIND, NOTHING)?;
    mount(NOTHING, net, NOTHING, again, NOTHING)?;
    // Without it `/sys/class/net` shows the machine's devices, which commands seldom look at.
    let _ = mount(Some("sysfs"), "/sys", Some("sysfs"), MsFlags::empty(), NOTHING);
    Ok(())
}
