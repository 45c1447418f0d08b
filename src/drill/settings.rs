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

/// A name that `--name=value` lines and the command line may begin with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Named {
    /// The name, without dashes.
    pub name: &'static str,
    /// What its value stands for, as help writes it; `None` if it is on without one.
    pub value: Option<&'static str>,
    /// What it settles, in English and in Chinese; `None` if it is read and means nothing here.
    pub says: Option<[&'static str; 2]>,
}

const fn means(name: &'static str, value: Option<&'static str>, en: &'static str, zh: &'static str) -> Named {
    Named { name, value, says: Some([en, zh]) }
}

/// How packetdrill itself is built, started or printed: nothing of what is examined.
const fn without_meaning(name: &'static str, value: Option<&'static str>) -> Named {
    Named { name, value, says: None }
}

/// Every setting; `define` aside, which the reader of scripts takes.
pub const NAMES: [Named; 33] = [
    means(
        "ip_version",
        Some("VERSION"),
        "Sockets and packets: ipv4, ipv6 or ipv4-mapped-ipv6",
        "套接字与报文的版本：ipv4、ipv6 或 ipv4-mapped-ipv6",
    ),
    means("local_ip", Some("ADDRESS"), "Address of the examined stack", "被测协议栈的地址"),
    means("remote_ip", Some("ADDRESS"), "Address of the script", "脚本一方的地址"),
    means("bind_port", Some("PORT"), "Where `...` binds (8080)", "`...` 绑定的端口（8080）"),
    means("connect_port", Some("PORT"), "Where `...` connects to (8080)", "`...` 连接的端口（8080）"),
    means("mtu", Some("OCTETS"), "Largest packet of the interface (1500)", "接口的最大分组（1500）"),
    means(
        "mss",
        Some("OCTETS"),
        "Larger segments that come in count as put together from these",
        "更大的入向报文段视为由这么大的拼成",
    ),
    means(
        "tolerance_usecs",
        Some("USECS"),
        "How much earlier or later than said something may happen (4000)",
        "实际时间与脚本所写最多相差多少（4000）",
    ),
    means(
        "tolerance_percent",
        Some("PERCENT"),
        "The same, of the time since the event before; the larger counts (12.5)",
        "同上，按距上一事件的时间计；取较大者（12.5）",
    ),
    means(
        "tcp_ts_tick_usecs",
        Some("USECS"),
        "One tick of TSval; without it values of TSval are not looked at",
        "TSval 的一个刻度；不写则不看 TSval 的值",
    ),
    means(
        "tcp_ts_ecr_scaled",
        None,
        "An echoed TSval never seen lies on the line through the first",
        "从未出现过的回显 TSval 按第一个推算",
    ),
    means(
        "strict_segments",
        None,
        "Smaller segments do not add up to a larger one",
        "几个小报文段不能合起来算一个大的",
    ),
    without_meaning("verbose", None),
    without_meaning("debug", None),
    without_meaning("speed", Some("SPEED")),
    without_meaning("dry_run", None),
    without_meaning("persistent_tun_dev", None),
    without_meaning("init_scripts", Some("FILES")),
    without_meaning("gateway_ip", Some("ADDRESS")),
    without_meaning("netmask_ip", Some("MASK")),
    without_meaning("non_fatal", Some("KINDS")),
    without_meaning("code_command", Some("COMMAND")),
    without_meaning("code_format", Some("FORMAT")),
    without_meaning("code_sockopt", Some("OPTION")),
    without_meaning("send_omit_free", None),
    without_meaning("so_filename", Some("FILE")),
    without_meaning("so_flags", Some("FLAGS")),
    without_meaning("wire_client", None),
    without_meaning("wire_server", None),
    without_meaning("is_anyip", None),
    without_meaning("use_expect", None),
    without_meaning("live_gateway_ip", Some("ADDRESS")),
    without_meaning("udp_encaps", Some("KIND")),
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
        if let Err(found) = settings.take(command_line, &mut given) {
            mistakes.extend(found);
        }
        for Setting { name, value, span } in &script.settings {
            let decided = command_line.iter().any(|(other, _)| other == name);
            let of_addresses = name.ends_with("_ip") || name == "ip_version";
            if decided && !of_addresses {
                continue;
            }
            if mistakes.len() < crate::scenario::limits::MISTAKES
                && let Err((message, help)) = settings.set(name, value.as_deref(), &mut given)
            {
                mistakes.push(Diagnostic::new(&script.name, &script.source, span.clone(), message, help));
            }
        }
        settings.choose_addresses(&given);
        if mistakes.is_empty() { Ok(settings) } else { Err(mistakes) }
    }

    /// Whether what the command line says can be read; the same for every script.
    ///
    /// # Errors
    /// Unknown names and unreadable values.
    pub fn check(command_line: &[(String, Option<String>)]) -> Result<(), Vec<Diagnostic>> {
        let (mut settings, mut given) = (Settings::default(), Given::default());
        settings.take(command_line, &mut given)
    }

    fn take(
        &mut self,
        command_line: &[(String, Option<String>)],
        given: &mut Given,
    ) -> Result<(), Vec<Diagnostic>> {
        let mut mistakes = Vec::new();
        for (name, value) in command_line {
            if let Err((message, help)) = self.set(name, value.as_deref(), given) {
                let shown = match value {
                    Some(value) => format!("--{name}={value}"),
                    None => format!("--{name}"),
                };
                let source = std::sync::Arc::from(shown.as_str());
                mistakes.push(Diagnostic::new("drill", &source, 0..source.len(), message, help));
            }
        }
        if mistakes.is_empty() { Ok(()) } else { Err(mistakes) }
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
                        return Err(wrong("ipv4, ipv6, ipv4-mapped-ipv6", "ipv4、ipv6 或 ipv4-mapped-ipv6"));
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
            // The reader of scripts has taken it; how loud packetdrill is changes nothing.
            "define" | "quiet" => {}
            name if NAMES.iter().any(|known| known.name == name && known.says.is_none()) => {}
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
