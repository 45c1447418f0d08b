//! The process's own user namespace: what lets an ordinary user make network namespaces.

use crate::lang::Text;
use nix::errno::Errno;
use nix::sched::{CloneFlags, unshare};
use nix::sys::resource::{Resource, setrlimit};
use std::fs;
use std::sync::Mutex;

/// What this machine forbids, and what to change.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", .what.en)]
pub struct Unavailable {
    /// What is forbidden.
    pub what: Text,
    /// What to change.
    pub remedy: Text,
}

/// The answer of the first call.
static ENTERED: Mutex<Option<Result<(), Unavailable>>> = Mutex::new(None);

/// Moves this process into a user namespace of its own. To be called before the process has a second thread; a second
/// call gives the first one's answer. Needed once before [`super::run`].
///
/// # Errors
/// Where namespaces are forbidden, or the process has other threads already.
pub fn enter() -> Result<(), Unavailable> {
    let mut entered = ENTERED.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    entered.get_or_insert_with(enter_once).clone()
}

fn enter_once() -> Result<(), Unavailable> {
    let (uid, gid) = (nix::unistd::geteuid(), nix::unistd::getegid());
    // Read beforehand: inside, the same files show the new namespace's own limits.
    let remedy = remedy();
    // What needs the whole machine's privilege, and is used only where it was had: threads that go before others.
    let _ = setrlimit(Resource::RLIMIT_RTPRIO, 1, 1);
    match unshare(CloneFlags::CLONE_NEWUSER) {
        Ok(()) => {}
        // Other threads run already: with the right privilege no user namespace is needed.
        Err(Errno::EINVAL) if may_make_namespaces() => return Ok(()),
        Err(errno) => return Err(Unavailable { what: forbidden(errno), remedy }),
    }
    let map = |file: &str, text: String| {
        fs::write(format!("/proc/self/{file}"), text).map_err(|error| Unavailable {
            what: Text::new(
                format!("the new user namespace's {file} cannot be written: {error}"),
                format!("无法写入新用户命名空间的 {file}：{error}"),
            ),
            remedy: remedy.clone(),
        })
    };
    map("setgroups", "deny".to_owned())?;
    map("uid_map", format!("0 {uid} 1"))?;
    map("gid_map", format!("0 {gid} 1"))?;
    if may_make_namespaces() {
        return Ok(());
    }
    Err(Unavailable {
        what: Text::new(
            "user namespaces are allowed here, but network namespaces inside them are not",
            "本机允许用户命名空间，但不允许在其中建立网络命名空间",
        ),
        remedy,
    })
}

/// Whether a thread of this process can have a network namespace of its own.
fn may_make_namespaces() -> bool {
    std::thread::spawn(|| unshare(CloneFlags::CLONE_NEWNET).is_ok()).join().unwrap_or(false)
}

fn forbidden(errno: Errno) -> Text {
    match errno {
        Errno::EINVAL => Text::new(
            "a user namespace must be entered before the process has a second thread",
            "必须在进程有第二个线程之前进入用户命名空间",
        ),
        Errno::ENOSPC => Text::new(
            "the number of user namespaces is limited to what is in use already",
            "用户命名空间的数目已到上限",
        ),
        Errno::EPERM | Errno::EACCES => {
            Text::new("this machine does not let you make user namespaces", "本机不允许你建立用户命名空间")
        }
        other => Text::new(
            format!("making a user namespace failed: {}", other.desc()),
            format!("建立用户命名空间失败：{}", other.desc()),
        ),
    }
}

/// A switch of the kernel that is set against user namespaces, as far as it can be read.
fn remedy() -> Text {
    let read = |path: &str| fs::read_to_string(path).ok().map(|text| text.trim().to_owned());
    let set = |key: &str, value: &str| {
        Text::new(
            format!("as root: sysctl -w {key}={value}"),
            format!("以 root 身份执行：sysctl -w {key}={value}"),
        )
    };
    if read("/proc/sys/kernel/unprivileged_userns_clone").as_deref() == Some("0") {
        return set("kernel.unprivileged_userns_clone", "1");
    }
    if read("/proc/sys/user/max_user_namespaces").as_deref() == Some("0") {
        return set("user.max_user_namespaces", "10000");
    }
    if read("/proc/sys/user/max_net_namespaces").as_deref() == Some("0") {
        return set("user.max_net_namespaces", "10000");
    }
    if read("/proc/sys/kernel/apparmor_restrict_unprivileged_userns").as_deref() == Some("1") {
        return set("kernel.apparmor_restrict_unprivileged_userns", "0");
    }
    Text::new(
        "in a container, allow it the unshare system call (Docker: --security-opt seccomp=unconfined); elsewhere run \
         as root, or ask who runs the machine",
        "若在容器中，请允许 unshare 系统调用（Docker：--security-opt seccomp=unconfined）；否则请以 root 运行，或询问机器的管理员",
    )
}
