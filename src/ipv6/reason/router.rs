//! Why IPv6 acted or dropped: routers and what they advertise.

use super::said;
use crate::lang::Lang;
use std::net::Ipv6Addr;

/// A reason about routers and what they advertise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RouterReason {
    /// Sent: a router solicitation.
    SolicitsRouters,
    /// Sent: a router advertisement that was asked for.
    AnswersRouterSolicitation,
    /// Sent: a router advertisement that nobody asked for.
    AdvertisesItself,
    /// Noted: a router offers itself.
    RouterFound {
        /// Who.
        address: Ipv6Addr,
    },
    /// Noted: a router is none any more.
    RouterLost {
        /// Who.
        address: Ipv6Addr,
    },
}

impl RouterReason {
    /// The RFC section that asks for it.
    pub fn section(&self) -> &'static str {
        match self {
            RouterReason::SolicitsRouters => "RFC 4861 6.3.7",
            RouterReason::AnswersRouterSolicitation => "RFC 4861 6.2.6",
            RouterReason::AdvertisesItself => "RFC 4861 6.2.4",
            RouterReason::RouterFound { .. } => "RFC 4861 6.3.4",
            RouterReason::RouterLost { .. } => "RFC 4861 6.3.5",
        }
    }

    /// One plain sentence.
    pub fn sentence(&self, lang: Lang) -> String {
        match self {
            RouterReason::SolicitsRouters => said(
                lang,
                "Asks the routers on this link to present themselves.",
                "请本链路上的路由器报上名来。",
            ),
            RouterReason::AnswersRouterSolicitation => said(
                lang,
                "A host asked for routers: tells all hosts on the link of itself and of the link's prefixes.",
                "有主机在找路由器：向链路上的主机通告自己和本链路的前缀。",
            ),
            RouterReason::AdvertisesItself => said(
                lang,
                "A router tells of itself and of the link's prefixes from time to time.",
                "路由器定期通告自己和本链路的前缀。",
            ),
            RouterReason::RouterFound { address } => lang.pick(
                format!("The router {address} offers to take what is for other networks: it is a default router now."),
                format!("路由器 {address} 愿意转发去往其他网络的分组：记为默认路由器。"),
            ),
            RouterReason::RouterLost { address } => lang.pick(
                format!("{address} is a default router no longer."),
                format!("{address} 不再是默认路由器。"),
            ),
        }
    }
}
