//! Which live modes this machine allows, and what to change for those it does not.

use super::diag::Diag;
use super::enter::enter;
use super::netlink::{Routes, interface_index};
use super::rig::{Medium, Rig};
use super::tap::Tap;
use super::{kernel, sys};
use crate::lang::Text;
use crate::wire::MacAddr;
use nix::sched::{CloneFlags, unshare};
use socket2::{Domain, Socket, Type};
use std::fs::File;
use std::io;
use std::net::IpAddr;
use std::os::fd::AsFd;
use std::path::Path;

/// One thing the live side needs, or can use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What.
    pub name: Text,
    /// Whether it is there.
    pub ok: bool,
    /// Whether live runs need it; otherwise they only use it where it is there.
    pub needed: bool,
    /// What was found, or what to change.
    pub detail: Text,
}

/// Looks at this machine. To be called, like [`enter`], before the process has a second thread.
pub fn doctor() -> Vec<Finding> {
    let mut findings = vec![kernel_release()];
    let entered = enter();
    findings.push(Finding {
        name: Text::new("user namespace of our own", "自己的用户命名空间"),
        ok: entered.is_ok(),
        needed: true,
        detail: match &entered {
            Ok(()) => Text::new("allowed: live runs need no privilege", "允许：实时运行不需要特权"),
            Err(why) => Text::new(
                format!("{}; {}", why.what.en, why.remedy.en),
                format!("{}；{}", why.what.zh, why.remedy.zh),
            ),
        },
    });
    if entered.is_ok() {
        // On a thread of its own: it ends up in a network namespace that ends with it.
        let inside = std::thread::spawn(inside_a_namespace).join();
        findings.extend(inside.unwrap_or_default());
    }
    findings
}

fn kernel_release() -> Finding {
    let release = kernel::release();
    let old = half_open_limit_lacks_one(&release);
    Finding {
        name: Text::new("kernel", "内核"),
        ok: true,
        needed: true,
        detail: if old {
            Text::new(
                format!("{release}: before 6.14; its half-open limit is one lower than the linux profile's"),
                format!("{release}：早于 6.14，其半连接上限比 linux 配置少 1"),
            )
        } else {
            Text::new(release.clone(), release)
        },
    }
}

/// Whether a kernel of that release keeps one half-open entry fewer: the rule changed in January 2025 (6.14).
pub fn half_open_limit_lacks_one(release: &str) -> bool {
    let mut numbers =
        release.split(|letter: char| !letter.is_ascii_digit()).map(|number| number.parse().unwrap_or(0u32));
    let version = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    version < (6, 14)
}

/// What works in a network namespace of our own.
fn inside_a_namespace() -> Vec<Finding> {
    let unshared = unshare(CloneFlags::CLONE_NEWNET).map_err(io::Error::from);
    let mut findings = vec![finding(
        ("network namespace", "网络命名空间"),
        true,
        &unshared,
        ("each run has its own, which vanishes with it", "每次运行有自己的，结束即消失"),
        ("allow it: sysctl user.max_net_namespaces", "请放行：sysctl user.max_net_namespaces"),
    )];
    if unshared.is_err() {
        return findings;
    }
    let loopback = Routes::open().and_then(|mut routes| routes.set_up(interface_index("lo")?, None, true));
    findings.push(finding(
        ("loopback", "环回接口"),
        true,
        &loopback,
        ("mode loopback works", "loopback 模式可用"),
        ("needed for every live run", "每次实时运行都需要"),
    ));
    findings.push(finding(
        ("capture (AF_PACKET)", "抓包（AF_PACKET）"),
        true,
        &Tap::on("lo").map(|_| ()),
        ("works", "可用"),
        ("the kernel needs CONFIG_PACKET", "内核需要 CONFIG_PACKET"),
    ));
    findings.push(finding(
        ("raw sockets", "原始套接字"),
        true,
        &Socket::new(Domain::IPV4, Type::from(libc::SOCK_RAW), Some(libc::IPPROTO_RAW.into())).map(|_| ()),
        ("forged segments can be sent, inside the namespace only", "可发送伪造的报文段，仅限命名空间之内"),
        ("needed for floods and segments made by hand", "洪泛与手工构造的报文段需要它"),
    ));
    findings.push(finding(
        ("socket states (sock_diag)", "套接字状态（sock_diag）"),
        true,
        &Diag::open().and_then(|diag| diag.tcp(true)).map(|_| ()),
        ("works", "可用"),
        ("the kernel needs CONFIG_INET_DIAG", "内核需要 CONFIG_INET_DIAG"),
    ));
    findings.push(finding(
        ("chosen sequence numbers (TCP_REPAIR)", "选定序号（TCP_REPAIR）"),
        true,
        &repairs(),
        ("works", "可用"),
        ("the kernel needs CONFIG_CHECKPOINT_RESTORE", "内核需要 CONFIG_CHECKPOINT_RESTORE"),
    ));
    findings.push(finding(
        ("virtual cards (veth)", "虚拟网卡（veth）"),
        true,
        &veth(),
        ("mode wire works: faults, delay, ARP, a pulled plug", "wire 模式可用：差错、延迟、ARP、拔网线"),
        ("load the module: modprobe veth", "请加载模块：modprobe veth"),
    ));
    findings.push(finding(
        ("address translation (nf_tables)", "地址转换（nf_tables）"),
        false,
        &super::nft::translate("doctor0", &[]),
        ("works: NAT boxes have a live side", "可用：NAT 盒子可以实时运行"),
        (
            "NAT boxes are simulated only; the kernel needs nf_tables, nft_masq and nft_nat",
            "NAT 盒子只能模拟；内核需要 nf_tables、nft_masq 和 nft_nat",
        ),
    ));
    let medium = packetdrill();
    let over_tun = matches!(medium, Ok(Medium::Tun));
    findings.push(finding(
        ("packetdrill scripts (drill --live)", "packetdrill 脚本（drill --live）"),
        false,
        &medium.map(|_| ()),
        if over_tun {
            ("work, over TUN", "可用，经 TUN")
        } else {
            ("work, over veth", "可用，经 veth")
        },
        (
            "scripts run on the simulated stack only; the kernel needs TUN (modprobe tun) or veth",
            "脚本只能在模拟的协议栈上运行；内核需要 TUN（modprobe tun）或 veth",
        ),
    ));
    findings
}

fn finding(
    name: (&str, &str),
    needed: bool,
    result: &io::Result<()>,
    good: (&str, &str),
    bad: (&str, &str),
) -> Finding {
    let detail = match result {
        Ok(()) => Text::new(good.0, good.1),
        Err(error) => Text::new(format!("{error}; {}", bad.0), format!("{error}；{}", bad.1)),
    };
    Finding { name: Text::new(name.0, name.1), ok: result.is_ok(), needed, detail }
}

/// What scripts can be run over, in a namespace that ends with the thread that is made for it.
fn packetdrill() -> io::Result<Medium> {
    let (local, remote) = (IpAddr::from([192, 168, 0, 1]), IpAddr::from([192, 0, 2, 1]));
    let tried = std::thread::spawn(move || {
        Rig::around((local, remote), 1500, None, Path::new("/")).map(|rig| rig.medium())
    });
    tried.join().unwrap_or_else(|_| Err(io::Error::other("the attempt broke off")))
}

fn repairs() -> io::Result<()> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    sys::set_option(socket.as_fd(), libc::IPPROTO_TCP, libc::TCP_REPAIR, 1)
}

/// A pair with both ends here.
fn veth() -> io::Result<()> {
    let here = File::open("/proc/thread-self/ns/net")?;
    Routes::open()?.add_veth("doctor0", MacAddr::of_host(1), 1500, "doctor1", here.as_fd())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_half_open_limit_follows_the_release() {
        for release in ["5.15.0-91-generic", "6.13.12", "6.8.0-1-amd64", "4.4"] {
            assert!(half_open_limit_lacks_one(release), "{release}");
        }
        for release in ["6.14.0-rc2", "6.18.44-fc-v657", "7.0"] {
            assert!(!half_open_limit_lacks_one(release), "{release}");
        }
    }
}
