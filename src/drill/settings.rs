//! What `--name=value` settles, in a script or on the command line.

use crate::clock::Span;
use crate::lang::Text;
use crate::packetdrill::{Script, Setting};
use crate::scenario::Diagnostic;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Which IP the sockets and the packets of a script speak.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum IpVersion {
    /// `ipv4`.
    #[default]
    V4,
    /// `ipv6`.
    V6,
    /// `ipv4-mapped-ipv6`: IPv6 sockets, IPv4 packets.
    Mapped,
}

/// How a script is run. What is not set in the script or on the command line has packetdrill's value.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// `--ip_version`.
    pub ip_version: IpVersion,
    /// `--local_ip`: the examined stack's address; 192.168.0.1, fd3d:fa7b:d17d::1.
    pub local: IpAddr,
    /// `--remote_ip`: the script's address; 192.0.2.1, fd3d:fa7b:d17d::2.
    pub remote: IpAddr,
    /// `--bind_port`: where `...` as an address binds; 8080.
    pub bind_port: u16,
    /// `--connect_port`: where `...` as an address connects to; 8080.
    pub connect_port: u16,
    /// `--mtu`, octets; 1500.
    pub mtu: u16,
    /// `--mss`: larger segments that come in were put together from several of this size.
    pub mss: Option<u16>,
    /// `--tolerance_usecs`: how much earlier or later than said something may happen; 4 ms.
    pub tolerance: Span,
    /// `--tolerance_percent`, in tenths of a per cent of the time since the event before; 125.
    pub tolerance_permille: u64,
    /// `--tcp_ts_tick_usecs`: one tick of TSval; without it the values themselves are not looked at.
    pub ts_tick: Option<Span>,
    /// `--tcp_ts_ecr_scaled`: an echoed value never seen is taken to lie on the line through the first.
    pub ts_ecr_scaled: bool,
    /// `--strict_segments`: smaller segments do not add up to a larger one that is expected.
    pub strict_segments: bool,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            ip_version: IpVersion::V4,
            local: IpAddr::V4(Ipv4Addr::new(192, 168, 0, 1)),
            remote: IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)),
            bind_port: 8080,
            connect_port: 8080,
            mtu: 1500,
            mss: None,
            tolerance: Span::millis(4),
            tolerance_permille: 125,
            ts_tick: None,
            ts_ecr_scaled: false,
            strict_segments: false,
        }
    }
}

/// Settings that say how packetdrill itself is built, started or printed, and nothing of what is examined.
const WITHOUT_MEANING: [&str; 22] = [
    "verbose",
    "debug",
    "quiet",
    "speed",
    "dry_run",
    "persistent_tun_dev",
    "init_scripts",
    "gateway_ip",
    "netmask_ip",
    "non_fatal",
    "code_command",
    "code_format",
    "code_sockopt",
    "send_omit_free",
    "so_filename",
    "so_flags",
    "wire_client",
    "wire_server",
    "is_anyip",
    "use_expect",
    "live_gateway_ip",
    "udp_encaps",
];

/// Addresses, where they were written and where they were not.
#[derive(Default)]
struct Given {
    local: Option<IpAddr>,
    remote: Option<IpAddr>,
}

impl Settings {
    /// The settings of a script, on top of those from the command line (`name`, `value`). What the script says of addresses
    /// and the IP version stands against the command line; everything else of the command line stands against the script.
    ///
    /// # Errors
    /// Unknown names and unreadable values, at their places; `Err` with an empty place for those of the command line.
    pub fn of(
        script: &Script,
        command_line: &[(String, Option<String>)],
    ) -> Result<Settings, Vec<Diagnostic>> {
        let mut settings = Settings::default();
        let mut given = Given::default();
        let mut mistakes = Vec::new();
        for (name, value) in command_line {
            if let Err((message, help)) = settings.set(name, value.as_deref(), &mut given) {
                let source =
                    std::sync::Arc::from(format!("--{name}={}", value.as_deref().unwrap_or_default()));
                mistakes.push(Diagnostic::new("command line", &source, 0..source.len(), message, help));
            }
        }
        for Setting { name, value, span } in &script.settings {
            let decided = command_line.iter().any(|(other, _)| other == name);
            let of_addresses = name.ends_with("_ip") || name == "ip_version";
            if decided && !of_addresses {
                continue;
            }
            if let Err((message, help)) = settings.set(name, value.as_deref(), &mut given) {
                mistakes.push(Diagnostic::new(&script.name, &script.source, span.clone(), message, help));
            }
        }
        settings.choose_addresses(&given);
        if mistakes.is_empty() { Ok(settings) } else { Err(mistakes) }
    }

    /// The addresses of the version, where none or the other version's were given.
    fn choose_addresses(&mut self, given: &Given) {
        let six = |last| IpAddr::V6(Ipv6Addr::new(0xfd3d, 0xfa7b, 0xd17d, 0, 0, 0, 0, last));
        let usual = match self.ip_version {
            IpVersion::V4 | IpVersion::Mapped => {
                let usual = Settings::default();
                (usual.local, usual.remote)
            }
            IpVersion::V6 => (six(1), six(2)),
        };
        let fits = |address: Option<IpAddr>, usual: IpAddr| {
            address.filter(|address| address.is_ipv6() == usual.is_ipv6()).unwrap_or(usual)
        };
        self.local = fits(given.local, usual.0);
        self.remote = fits(given.remote, usual.1);
    }

    fn set(
        &mut self,
        name: &str,
        value: Option<&str>,
        given: &mut Given,
    ) -> Result<(), (Text, Option<Text>)> {
        let wrong = |en: &str, zh: &str| {
            let shown = value.unwrap_or_default();
            (
                Text::new(format!("--{name} cannot be `{shown}`"), format!("--{name} 不能是 `{shown}`")),
                Some(Text::new(en, zh)),
            )
        };
        let number = |most: u64| -> Result<u64, (Text, Option<Text>)> {
            let number = value.and_then(|value| value.parse::<u64>().ok()).filter(|number| *number <= most);
            number.ok_or_else(|| {
                wrong(&format!("a whole number up to {most}"), &format!("应当是不超过 {most} 的整数"))
            })
        };
        let address = || -> Result<IpAddr, (Text, Option<Text>)> {
            let address = value.and_then(|value| value.split('/').next()).and_then(|text| text.parse().ok());
            address.ok_or_else(|| wrong("an address such as 192.0.2.1", "应当是地址，例如 192.0.2.1"))
        };
        match name {
            "ip_version" => {
                self.ip_version = match value {
                    Some("ipv4") => IpVersion::V4,
                    Some("ipv6") => IpVersion::V6,
                    Some("ipv4-mapped-ipv6" | "ipv4_mapped_ipv6") => IpVersion::Mapped,
                    _ => {
                        let choices = "ipv4, ipv6, ipv4-mapped-ipv6";
                        return Err(wrong(choices, choices));
                    }
                }
            }
            "local_ip" => given.local = Some(address()?),
            "remote_ip" => given.remote = Some(address()?),
            "bind_port" => self.bind_port = number(0xffff)? as u16,
            "connect_port" => self.connect_port = number(0xffff)? as u16,
            "mtu" => self.mtu = number(0xffff)? as u16,
            "mss" => self.mss = Some(number(0xffff)? as u16),
            "tolerance_usecs" => self.tolerance = Span::micros(number(3_600_000_000)?),
            "tolerance_percent" => {
                let percent =
                    value.and_then(|value| value.parse::<f64>().ok()).filter(|p| (0.0..=1000.0).contains(p));
                let percent = percent.ok_or_else(|| wrong("a number such as 12.5", "应当是数，例如 12.5"))?;
                self.tolerance_permille = (percent * 10.0) as u64;
            }
            "tcp_ts_tick_usecs" => {
                let tick = number(3_600_000_000)?;
                self.ts_tick = (tick > 0).then_some(Span::micros(tick));
            }
            "tcp_ts_ecr_scaled" => self.ts_ecr_scaled = value != Some("0"),
            "strict_segments" => self.strict_segments = value != Some("0"),
            "define" => {}
            name if WITHOUT_MEANING.contains(&name) => {}
            _ => {
                return Err((
                    Text::new(format!("--{name} is no setting"), format!("没有 --{name} 这个设置")),
                    Some(Text::new(
                        "such as --ip_version, --local_ip, --remote_ip, --mtu, --tolerance_usecs",
                        "例如 --ip_version、--local_ip、--remote_ip、--mtu、--tolerance_usecs",
                    )),
                ));
            }
        }
        Ok(())
    }

    /// How far something may be from the time said, when that lies `after` the event before it.
    pub fn tolerance_after(&self, after: Span) -> Span {
        let share = Span::nanos(after.as_nanos() / 1000 * self.tolerance_permille);
        self.tolerance.max(share)
    }
}
