//! The sentence for every reason, in both languages.

use super::{Reachability, Reason};
use crate::lang::Lang;

impl Reason {
    /// One plain sentence.
    pub fn sentence(&self, lang: Lang) -> String {
        match self {
            Reason::AsksForNeighbour { target } => lang.pick(
                format!("Asks which card {target} has. Only cards in that address's group look up, not every card on the link."),
                format!("询问 {target} 对应哪块网卡。只有加入该地址“请求节点组”的网卡才会处理，而不是链路上的所有网卡。"),
            ),
            Reason::ProbesNeighbour { target } => lang.pick(
                format!("Nothing was heard of {target} lately: asks it, and it alone, whether it is still there."),
                format!("好久没有 {target} 的消息了：单独问它一声是否还在。"),
            ),
            Reason::AnswersSolicitation { asker } => lang.pick(
                format!("Tells {asker} which card this address belongs to."),
                format!("告诉 {asker} 这个地址对应哪块网卡。"),
            ),
            Reason::DefendsAddress { address } => lang.pick(
                format!("Somebody wants to take {address}, which is in use here: tells everybody so."),
                format!("有节点想使用 {address}，而本机正在使用它：向所有节点声明。"),
            ),
            Reason::ChecksAddress { address } => lang.pick(
                format!("Asks whether anybody has {address} already, before using it."),
                format!("使用 {address} 之前，先问一问是否已有别的节点在用。"),
            ),
            Reason::SolicitsRouters => said(
                lang,
                "Asks the routers on this link to present themselves.",
                "请本链路上的路由器报上名来。",
            ),
            Reason::AnswersRouterSolicitation => said(
                lang,
                "A host asked for routers: tells all hosts on the link of itself and of the link's prefixes.",
                "有主机在找路由器：向链路上的主机通告自己和本链路的前缀。",
            ),
            Reason::AdvertisesItself => said(
                lang,
                "A router tells of itself and of the link's prefixes from time to time.",
                "路由器定期通告自己和本链路的前缀。",
            ),
            Reason::ReportsGroups => said(
                lang,
                "Tells routers and switches which multicast groups this card listens to.",
                "告诉路由器和交换机：本网卡加入了哪些多播组。",
            ),
            Reason::PortUnreachable { port } => lang.pick(
                format!("Nobody listens on UDP port {port}: the sender is told so by ICMPv6."),
                format!("UDP 端口 {port} 没有进程在接收：用 ICMPv6 报文告诉发送方端口不可达。"),
            ),
            Reason::NoRouteUnreachable { destination } => lang.pick(
                format!("No route leads to {destination}: the sender is told so by ICMPv6."),
                format!("没有到 {destination} 的路由：用 ICMPv6 报文告诉发送方。"),
            ),
            Reason::AddressUnreachable { address } => lang.pick(
                format!("No card answers for {address}: the sender is told so by ICMPv6."),
                format!("没有网卡应答 {address}：用 ICMPv6 报文告诉发送方地址不可达。"),
            ),
            Reason::BeyondScopeUnreachable { source } => lang.pick(
                format!("The source address {source} means nothing beyond its own link: the sender is told so by ICMPv6."),
                format!("源地址 {source} 出了本链路就没有意义：用 ICMPv6 报文告诉发送方。"),
            ),
            Reason::PacketTooBig { mtu } => lang.pick(
                format!("The next hop takes {mtu} octets, and routers do not cut IPv6 packets: the sender is told the size."),
                format!("下一跳的 MTU 只有 {mtu} 字节，而 IPv6 的路由器从不分片：把这个大小告诉发送方。"),
            ),
            Reason::HopLimitExceeded => said(
                lang,
                "The packet has passed as many routers as it may: its sender is told so by ICMPv6.",
                "分组经过的路由器数已达跳数限制：用 ICMPv6 报文告诉发送方超时。",
            ),
            Reason::ReassemblyTimeExceeded => said(
                lang,
                "A fragment is missing and its time is over: the sender is told so by ICMPv6.",
                "有分片一直没到，等待时间已过：用 ICMPv6 报文告诉发送方。",
            ),
            Reason::TellsOfParameter { code, pointer } => lang.pick(
                format!("Octet {pointer} of the packet cannot be understood: the sender is told so by ICMPv6 (parameter problem, code {code})."),
                format!("分组第 {pointer} 个字节处的内容无法理解：用 ICMPv6 报文告诉发送方（参数问题，代码 {code}）。"),
            ),
            Reason::EchoReply => said(
                lang,
                "Answers a ping.",
                "回答 ping 的回送请求。",
            ),
            Reason::Forwarded { hop_limit } => lang.pick(
                format!("Passes the packet on; its hop limit is now {hop_limit}."),
                format!("转发分组；跳数限制减为 {hop_limit}。"),
            ),
            Reason::Redirects { destination, target } => lang.pick(
                format!("Tells a neighbour that {target} is nearer to {destination} than this router."),
                format!("告诉邻居：去 {destination} 走 {target} 比经过本路由器更近。"),
            ),
            Reason::NeighbourIs { address, state } => {
                let (name, means) = (state.name(), meaning(*state, lang));
                lang.pick(
                    format!("The neighbour {address} is {name} now: {means}"),
                    format!("邻居 {address} 的状态变为 {name}：{means}"),
                )
            }
            Reason::WaitsForNeighbour { address } => lang.pick(
                format!("Waits: which card {address} has is not known yet."),
                format!("等待：还不知道 {address} 的硬件地址。"),
            ),
            Reason::AddressFree { address } => lang.pick(
                format!("Nobody objected in time: {address} may be used from now on."),
                format!("规定时间内无人反对：{address} 从现在起可以使用。"),
            ),
            Reason::AddressTaken { address } => lang.pick(
                format!("Somebody else has {address}: it must not be used here."),
                format!("{address} 已被别的节点占用：本机不得使用。"),
            ),
            Reason::AddressClaimed { address } => lang.pick(
                format!("Somebody claims {address}, which is in use here: it stays in use, but two cannot both be right."),
                format!("有别的节点声称拥有 {address}，而本机正在使用它：继续使用，但两者必有一错。"),
            ),
            Reason::AddressMade { address } => lang.pick(
                format!("A router told the prefix; with the card's own bits it makes the address {address}."),
                format!("路由器通告了前缀；加上网卡自己的标识，得到地址 {address}。"),
            ),
            Reason::AddressAged { address } => lang.pick(
                format!("The time of {address} is over: nothing new begins from it."),
                format!("{address} 的有效时间已过：不再用它发起新的通信。"),
            ),
            Reason::RouterFound { address } => lang.pick(
                format!("The router {address} offers to take what is for other networks: it is a default router now."),
                format!("路由器 {address} 愿意转发去往其他网络的分组：记为默认路由器。"),
            ),
            Reason::RouterLost { address } => lang.pick(
                format!("{address} is a default router no longer."),
                format!("{address} 不再是默认路由器。"),
            ),
            Reason::FragmentKept => said(
                lang,
                "A fragment: kept until the others are there.",
                "这是一个分片：保存起来，等其余分片到齐。",
            ),
            Reason::Reassembled => said(
                lang,
                "All fragments are there: the packet is whole again.",
                "分片到齐：分组重组完成。",
            ),
            Reason::AtomicFragment => said(
                lang,
                "A fragment header, but the packet is whole: it is taken by itself and waits for nothing.",
                "带有分片首部，但分组本身是完整的：单独处理，无需等待其他分片。",
            ),
            Reason::ErrorsLimited => said(
                lang,
                "No ICMPv6 error for this one: too many were sent lately.",
                "这次不发 ICMPv6 差错报文：近来发得已经太多。",
            ),
            Reason::ErrorReceived { kind, code } => lang.pick(
                format!("An ICMPv6 error (type {kind}, code {code}) reached the socket it is about."),
                format!("ICMPv6 差错报文（类型 {kind}，代码 {code}）交给了相关的套接字。"),
            ),
            Reason::PathMtu { destination, mtu } => lang.pick(
                format!("Packets to {destination} may have {mtu} octets from now on: a router on the way takes no more."),
                format!("今后发往 {destination} 的分组最多 {mtu} 字节：途中有路由器只能通过这么大的分组。"),
            ),
            Reason::RedirectTaken { destination, target } => lang.pick(
                format!("From now on packets to {destination} go by {target}, as the router advised."),
                format!("听从路由器的建议：今后发往 {destination} 的分组改走 {target}。"),
            ),
            Reason::OwnProbe => said(
                lang,
                "Its own question came back over a loop in the network: nobody else has the address.",
                "自己发出的询问从环路里绕了回来：并不是别的节点占用了地址。",
            ),
            Reason::NotOurAddress => said(
                lang,
                "The packet is for another IPv6 address; a host does not forward.",
                "分组的目的 IPv6 地址不是本机；主机不转发分组。",
            ),
            Reason::NotOurGroup => said(
                lang,
                "Not a group this card listens to.",
                "不是本网卡加入的组。",
            ),
            Reason::NotForwarded => said(
                lang,
                "What is for one link only stays there: a router does not pass it on.",
                "只限于本链路的分组：路由器不转发。",
            ),
            Reason::HopLimitOver => said(
                lang,
                "Its hop limit would be zero at the next hop: a packet that goes in circles must die somewhere.",
                "跳数限制减一后为零：在环路里打转的分组总得有个尽头。",
            ),
            Reason::MartianSource => said(
                lang,
                "No packet can come from that address.",
                "分组不可能来自这样的源地址。",
            ),
            Reason::UnknownOption { kind } => lang.pick(
                format!("Option {kind} is not known here, and its two highest bits say that then the packet must go no further."),
                format!("本机不认识选项 {kind}，而它的最高两位规定：不认识就必须丢弃分组。"),
            ),
            Reason::UnknownNextHeader { number } => lang.pick(
                format!("Nothing here understands next header {number}."),
                format!("本机不认识“下一个首部”的值 {number}。"),
            ),
            Reason::HopByHopNotFirst => said(
                lang,
                "Hop-by-hop options may stand directly behind the IPv6 header only.",
                "逐跳选项首部只能紧跟在 IPv6 首部之后。",
            ),
            Reason::OptionsMalformed => said(
                lang,
                "The options do not add up to the length of their header.",
                "选项的长度与其首部的长度对不上。",
            ),
            Reason::RoutingRefused { kind } => lang.pick(
                format!("The sender has laid down the packet's way (routing type {kind}): refused. With type 0 a packet could be made to run back and forth for ever."),
                format!("发送方规定了分组的路径（路由类型 {kind}）：拒收。类型 0 曾可让分组来回奔走，放大流量。"),
            ),
            Reason::FragmentOverlaps => said(
                lang,
                "Fragments overlap, which no honest sender does: all of that packet is thrown away.",
                "分片相互重叠，正常的发送方不会这样做：整个分组的所有分片都丢弃。",
            ),
            Reason::FragmentInvalid => said(
                lang,
                "A fragment that is no multiple of 8 octets, or reaches beyond 65535 octets: thrown away.",
                "分片长度不是 8 字节的整数倍，或超出 65535 字节：丢弃。",
            ),
            Reason::FragmentsLimit => said(
                lang,
                "Too many unfinished packets: the oldest is thrown away.",
                "未完成重组的分组过多：丢弃最早的一个。",
            ),
            Reason::FragmentHeadless => said(
                lang,
                "The first fragment must hold all headers, or filters on the way could be cheated.",
                "第一个分片必须包含全部首部，否则会被用来绕过途中的过滤。",
            ),
            Reason::ReassemblyTimeout => said(
                lang,
                "Fragments were missing for too long: what had come is thrown away.",
                "分片长时间没有到齐：已收到的部分全部丢弃。",
            ),
            Reason::Jumbogram => said(
                lang,
                "No link here takes packets of more than 65535 octets.",
                "这里的链路都不支持超过 65535 字节的巨型分组。",
            ),
            Reason::DiscoveryFromAfar { hop_limit } => lang.pick(
                format!("Its hop limit is {hop_limit}, not 255: it has passed a router, so it cannot be from a neighbour."),
                format!("跳数限制是 {hop_limit} 而不是 255：经过了路由器，不可能来自邻居。"),
            ),
            Reason::DiscoveryInvalid => said(
                lang,
                "A neighbour discovery message that breaks the rules: not believed.",
                "不合规则的邻居发现报文：不予采信。",
            ),
            Reason::DiscoveryNotForUs => said(
                lang,
                "A neighbour discovery message about an address that is not this host's, or from somebody it never asked.",
                "邻居发现报文说的不是本机的地址，或者来自没有问过的节点。",
            ),
            Reason::RedirectRefused => said(
                lang,
                "A redirect from somebody who is not the router in use: not believed.",
                "重定向报文不是来自正在使用的路由器：不予采信。",
            ),
            Reason::TooBigRefused => said(
                lang,
                "A Packet Too Big that names less than every link takes (1280 octets), or no less than is known: it changes nothing.",
                "“分组太大”报文给出的值小于任何链路都应支持的 1280 字节，或不小于已知的值：不作改变。",
            ),
            Reason::QuoteUnreadable => said(
                lang,
                "An ICMPv6 error that does not show which packet it is about.",
                "ICMPv6 差错报文里看不出它说的是哪个分组。",
            ),
            Reason::ErrorAboutNothing => said(
                lang,
                "An ICMPv6 error about nothing sent from here.",
                "这个 ICMPv6 差错报文与本机发出的分组无关。",
            ),
            Reason::IcmpIgnored { kind } => lang.pick(
                format!("An ICMPv6 message (type {kind}) that asks nothing of this host."),
                format!("ICMPv6 报文（类型 {kind}）不要求本机做任何事。"),
            ),
            Reason::NeighbourSilent { address } => lang.pick(
                format!("Nobody answered for {address}: the packet cannot be sent."),
                format!("没有网卡应答 {address} 的邻居请求：分组无法发出。"),
            ),
            Reason::NeighbourQueueFull { address } => lang.pick(
                format!("Too many packets wait for {address}; the oldest gives way."),
                format!("等待 {address} 的分组过多：丢弃最早的一个。"),
            ),
            Reason::NoRoute { destination } => lang.pick(
                format!("No route leads to {destination}."),
                format!("没有到 {destination} 的路由。"),
            ),
            Reason::TooBig { mtu } => lang.pick(
                format!("Larger than the {mtu} octets the next hop takes."),
                format!("超过下一跳的 MTU（{mtu} 字节）。"),
            ),
        }
    }
}

fn said(lang: Lang, en: &str, zh: &str) -> String {
    lang.pick(en, zh).to_owned()
}

/// What a state of the cache means.
fn meaning(state: Reachability, lang: Lang) -> &'static str {
    match state {
        Reachability::Incomplete => lang.pick("it is being asked for its card.", "正在询问它的硬件地址。"),
        Reachability::Reachable => lang.pick("it was heard of just now.", "刚刚确认它可以到达。"),
        Reachability::Stale => lang.pick(
            "its card is known, whether it is there is not; that is found out when something is sent to it.",
            "知道它的硬件地址，但不确定它还在不在；等有分组要发给它时再查。",
        ),
        Reachability::Delay => lang.pick(
            "something goes to it; if nothing is heard of it within seconds, it is asked.",
            "有分组发往它；若几秒内没有它的消息，就去询问。",
        ),
        Reachability::Probe => lang.pick("it is asked whether it is still there.", "正在询问它是否还在。"),
    }
}
