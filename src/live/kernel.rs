//! What the kernel tells in files: its release, settings, counters.

use crate::ip::ReversePath;
use crate::mib::Counter;
use crate::scenario::Plan;
use crate::tcp::Profile;
use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

/// What `uname -r` prints.
pub fn release() -> String {
    nix::sys::utsname::uname().map(|name| name.release().to_string_lossy().into_owned()).unwrap_or_default()
}

/// CLOCK_REALTIME in nanoseconds: the clock of the capture's time stamps.
pub(super) fn now_ns() -> u64 {
    std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .map_or(0, |since| since.as_nanos() as u64)
}

/// Settings that every live run has, beside those of the `linux` profile: what the machine's own would otherwise bring into
/// the comparison.
const PINNED: [(&str, &str); 10] = [
    ("ipv4/tcp_congestion_control", "reno"),
    ("ipv4/tcp_early_retrans", "0"),
    // A call that happens to hold the socket while segments come would have them all answered by one ACK.
    ("ipv4/tcp_backlog_ack_defer", "0"),
    ("ipv4/tcp_tso_win_divisor", "255"),
    ("ipv4/tcp_no_metrics_save", "1"),
    ("ipv4/tcp_max_tw_buckets", "65536"),
    ("ipv4/tcp_rmem", "4096 131072 6291456"),
    ("ipv4/tcp_wmem", "4096 16384 4194304"),
    ("ipv4/conf/all/rp_filter", "0"),
    ("ipv4/conf/default/rp_filter", "0"),
];

/// What silences IPv6 where nobody speaks it.
const NO_IPV6: [(&str, &str); 1] = [("ipv6/conf/all/disable_ipv6", "1")];

/// Where IPv6 is spoken: addresses are good at once (no duplicate address detection, which takes a second and is not what such
/// a run compares), and nobody asks for routers.
const IPV6: [(&str, &str); 10] = [
    ("ipv6/conf/all/accept_dad", "0"),
    ("ipv6/conf/default/accept_dad", "0"),
    ("ipv6/conf/default/dad_transmits", "0"),
    ("ipv6/conf/default/autoconf", "0"),
    ("ipv6/conf/default/accept_ra", "0"),
    ("ipv6/conf/default/router_solicitations", "0"),
    // What tells routers of a card's groups (MLD) is sent when the link comes up, not up to a second into the run.
    ("ipv6/conf/default/mldv1_unsolicited_report_interval", "1"),
    ("ipv6/conf/default/mldv2_unsolicited_report_interval", "1"),
    // The flow label of a connection is drawn; without this it is 0.
    ("ipv6/auto_flowlabels", "0"),
    ("ipv6/bindv6only", "0"),
];

/// Settings of ours that no kernel has, or only the whole machine, with the only value that says what it does anyhow.
const OURS: [(&str, i64); 11] = [
    ("tcp_evict_oldest", 0),
    ("tcp_window_probes", 1),
    ("tcp_silly_windows", 0),
    ("tcp_blind_checks", 1),
    ("tcp_uto", 0),
    ("tcp_initial_cwnd", 10),
    ("gso_max_segs", 1),
    ("gso_max_size", 65_536),
    ("card_full", 0),
    ("quickack", 0),
    ("rmem_max", 4_194_304),
];

/// Writes the pinned settings into the calling thread's namespace. What this kernel does not have stays out.
pub(super) fn pin_settings(ipv6: bool) -> io::Result<()> {
    let tolerant = |key: &str, result: io::Result<()>| match result {
        Err(error) if !matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::InvalidInput) => {
            Err(io::Error::new(error.kind(), format!("net.{}: {error}", key.replace('/', "."))))
        }
        _ => Ok(()),
    };
    let families: &[(&str, &str)] = if ipv6 { &IPV6 } else { &NO_IPV6 };
    for (key, value) in PINNED.iter().chain(families) {
        tolerant(key, std::fs::write(format!("/proc/sys/net/{key}"), value))?;
    }
    let profile = Profile::linux();
    for setting in Profile::SETTINGS {
        if let Some(value) = profile.settings.get(setting.name) {
            tolerant(setting.name, set(setting.name, value))?;
        }
    }
    Ok(())
}

/// Has the calling thread's namespace look at sources so closely.
pub(super) fn set_reverse_path(how: ReversePath) -> io::Result<()> {
    let number = match how {
        ReversePath::Off => return Ok(()),
        ReversePath::Strict => "1",
        ReversePath::Loose => "2",
    };
    std::fs::write("/proc/sys/net/ipv4/conf/all/rp_filter", number)
}

/// A setting of the plan that no kernel can follow: host and setting.
pub(super) fn unknown_to_kernels(plan: &Plan) -> Option<(&str, &str)> {
    plan.hosts.iter().find_map(|host| {
        let (name, _) = host
            .sysctl
            .iter()
            .find(|(name, value)| OURS.iter().any(|(ours, neutral)| ours == name && neutral != *value))?;
        Some((host.name.as_str(), name.as_str()))
    })
}

/// Settings of a scenario that are one number of a kernel setting with several: its file and the number's place.
const PARTS: [(&str, &str, usize); 6] = [
    ("ip_local_port_range_low", "ip_local_port_range", 0),
    ("ip_local_port_range_high", "ip_local_port_range", 1),
    ("tcp_rmem_default", "tcp_rmem", 1),
    ("tcp_rmem_max", "tcp_rmem", 2),
    ("tcp_wmem_default", "tcp_wmem", 1),
    ("tcp_wmem_max", "tcp_wmem", 2),
];

/// Writes one setting of the scenario, named without `net.ipv4.` or `net.core.`, into the calling thread's namespace.
pub(super) fn set(name: &str, value: i64) -> io::Result<()> {
    if !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
        return Err(io::Error::other("no such setting"));
    }
    if OURS.iter().any(|(ours, neutral)| *ours == name && *neutral == value) {
        return Ok(());
    }
    if let Some((_, whole, place)) = PARTS.iter().find(|(part, ..)| *part == name) {
        let path = format!("/proc/sys/net/ipv4/{whole}");
        let text = std::fs::read_to_string(&path)?;
        let mut numbers: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
        if let Some(number) = numbers.get_mut(*place) {
            *number = value.to_string();
        }
        return std::fs::write(path, numbers.join(" "));
    }
    for family in ["ipv4", "core", "ipv6"] {
        match std::fs::write(format!("/proc/sys/net/{family}/{name}"), value.to_string()) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            other => return other,
        }
    }
    Err(io::Error::new(io::ErrorKind::NotFound, "this kernel has no such setting"))
}

/// The counters of the namespace of the thread that opened it.
pub(super) struct CounterFiles {
    snmp: File,
    netstat: File,
    /// Those of IPv6, where the kernel has it.
    snmp6: Option<File>,
}

impl CounterFiles {
    /// Opens them in the calling thread's namespace; they stay with it.
    pub(super) fn open() -> io::Result<CounterFiles> {
        Ok(CounterFiles {
            snmp: File::open("/proc/thread-self/net/snmp")?,
            netstat: File::open("/proc/thread-self/net/netstat")?,
            snmp6: File::open("/proc/thread-self/net/snmp6").ok(),
        })
    }

    /// Their present values.
    pub(super) fn read(&self) -> io::Result<BTreeMap<Counter, u64>> {
        let mut values = BTreeMap::new();
        for file in [&self.snmp, &self.netstat] {
            let text = whole(file)?;
            let lines: Vec<&str> = text.lines().collect();
            for pair in lines.chunks_exact(2) {
                let (Some((group, names)), Some((_, numbers))) =
                    (pair[0].split_once(':'), pair[1].split_once(':'))
                else {
                    continue;
                };
                for (name, number) in names.split_whitespace().zip(numbers.split_whitespace()) {
                    let known = Counter::ALL
                        .iter()
                        .find(|counter| counter.group() == group && counter.kernel_name() == name);
                    if let (Some(counter), Ok(number)) = (known, number.parse()) {
                        values.insert(*counter, number);
                    }
                }
            }
        }
        if let Some(file) = &self.snmp6 {
            // One to a line: `Ip6InReceives    12`.
            for line in whole(file)?.lines() {
                let Some((name, number)) = line.split_once(char::is_whitespace) else { continue };
                let known = Counter::ALL.iter().find(|counter| {
                    matches!(counter.group(), "Ip6" | "Icmp6" | "Udp6") && counter.kernel_name() == name
                });
                if let (Some(counter), Ok(number)) = (known, number.trim().parse()) {
                    values.insert(*counter, number);
                }
            }
        }
        Ok(values)
    }
}

fn whole(file: &File) -> io::Result<String> {
    let mut bytes = vec![0; 16384];
    let mut len = 0;
    loop {
        match file.read_at(&mut bytes[len..], len as u64)? {
            0 => break,
            n => len += n,
        }
        if len == bytes.len() {
            bytes.resize(len * 2, 0);
        }
    }
    bytes.truncate(len);
    String::from_utf8(bytes).map_err(io::Error::other)
}
