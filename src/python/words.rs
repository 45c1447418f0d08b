//! What each call does, in a line: the comment where a program uses it first and its author says nothing.

use crate::lang::Text;

/// The line for a call, or for an option (`TCP_NODELAY`).
pub fn explanation(name: &str) -> Option<Text> {
    let (_, en, zh) = WORDS.iter().find(|(known, ..)| *known == name)?;
    Some(Text::new(*en, *zh))
}

const WORDS: [(&str, &str, &str); 36] = [
    ("socket", "makes a socket; nothing is sent yet", "创建套接字，此时什么也不发送"),
    ("socketpair", "two sockets that are tied to each other", "创建一对相连的套接字"),
    ("bind", "takes the own address and port", "绑定本端的地址和端口"),
    (
        "listen",
        "from now on the kernel accepts connections and lets them wait here",
        "从此内核代为建立连接，让它们在这里排队",
    ),
    (
        "accept",
        "waits for a connection that is established, and takes it out of the queue",
        "等待建立好的连接，从队列中取出一条",
    ),
    (
        "connect",
        "TCP: the three-way handshake; UDP: only remembers the peer",
        "TCP：三次握手；UDP：只记下对方的地址",
    ),
    (
        "send",
        "hands octets to the kernel: taken, which is not yet delivered",
        "把字节交给内核：收下不等于送达",
    ),
    ("sendall", "sends until the kernel has taken everything", "反复发送，直到内核全部收下"),
    ("sendto", "sends one datagram to that address", "向该地址发送一个数据报"),
    (
        "recv",
        "waits for octets: at most so many; none at all is the end of the stream",
        "等待字节：至多这么多；一个也没有，就是流的结束",
    ),
    ("recvfrom", "waits for one datagram, and says who sent it", "等待一个数据报，并说明是谁发来的"),
    ("shutdown", "ends one direction only", "只结束一个方向"),
    ("close", "gives the socket back; with TCP the connection is closed", "归还套接字；TCP 则开始释放连接"),
    ("getsockname", "the own address", "本端的地址"),
    ("getpeername", "the peer's address", "对方的地址"),
    ("settimeout", "a call that takes longer fails", "超过这个时间的调用以失败告终"),
    ("setblocking", "whether calls wait", "调用是否等待"),
    (
        "sockatmark",
        "whether everything before the urgent mark has been read",
        "紧急标记之前的数据是否已经读完",
    ),
    ("poll", "waits for urgent data", "等待紧急数据"),
    ("unlink", "takes the name out of the file system", "从文件系统中删去这个名字"),
    (
        "SO_REUSEADDR",
        "the port may be taken although old connections linger in TIME-WAIT",
        "即使旧连接还在 TIME-WAIT，也可以使用这个端口",
    ),
    (
        "SO_KEEPALIVE",
        "probes the peer when the connection has been silent for long",
        "连接长时间沉默时探测对方",
    ),
    ("TCP_KEEPIDLE", "seconds of silence before the first probe", "沉默多少秒后发第一个探测"),
    ("TCP_KEEPINTVL", "seconds from one probe to the next", "两次探测之间的秒数"),
    (
        "TCP_KEEPCNT",
        "so many probes without an answer, and the connection is given up",
        "多少次探测没有回答就放弃连接",
    ),
    (
        "TCP_NODELAY",
        "sends small segments at once, without Nagle's algorithm",
        "小报文段立即发送，不用 Nagle 算法",
    ),
    (
        "SO_LINGER",
        "how close() ends a connection; 0 seconds resets it",
        "close() 怎样结束连接；0 秒则用 RST 复位",
    ),
    (
        "SO_RCVBUF",
        "octets of the receive buffer; Linux takes twice as many",
        "接收缓冲区的字节数，Linux 取其两倍",
    ),
    (
        "SO_SNDBUF",
        "octets of the send buffer; Linux takes twice as many",
        "发送缓冲区的字节数，Linux 取其两倍",
    ),
    ("TCP_CONGESTION", "which algorithm of congestion control", "选用哪种拥塞控制算法"),
    ("TCP_DEFER_ACCEPT", "accept() only returns when data has come", "有数据到来，accept() 才返回"),
    ("TCP_FASTOPEN", "a SYN may bring data", "SYN 可以携带数据"),
    (
        "TCP_USER_TIMEOUT",
        "milliseconds after which unacknowledged data ends the connection",
        "数据多少毫秒得不到确认就放弃连接",
    ),
    ("SO_OOBINLINE", "urgent data stays in the stream", "紧急数据留在流中"),
    ("SO_BROADCAST", "datagrams may go to everybody on the link", "允许向链路上的所有主机发送数据报"),
    (
        "IPV6_V6ONLY",
        "IPv6 only, no IPv4 addresses inside of IPv6 ones",
        "只用 IPv6，不接受映射成 IPv6 的 IPv4 地址",
    ),
];
