//! Why the engine did what it did, or did nothing.

use crate::lang::Lang;

macro_rules! reasons {
    ($($(#[$doc:meta])* $name:ident, $section:literal, $en:literal, $zh:literal;)*) => {
        /// Why a segment was sent or dropped, or something else was decided. Each names the RFC section it rests on.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Reason { $($(#[$doc])* #[doc = $en] $name,)* }

        impl Reason {
            /// Every reason, in table order.
            pub const ALL: &[Reason] = &[$(Reason::$name,)*];

            /// The RFC section it rests on, such as `RFC 9293 3.10.7.4`; empty where no RFC speaks of it.
            pub const fn section(self) -> &'static str {
                match self { $(Reason::$name => $section,)* }
            }
            /// One plain sentence.
            pub const fn sentence(self, lang: Lang) -> &'static str {
                match (self, lang) {
                    $((Reason::$name, Lang::En) => $en, (Reason::$name, Lang::Zh) => $zh,)*
                }
            }
        }
    };
}

reasons! {
    // Sent: opening.
    OpenActively, "RFC 9293 3.10.1", "The user connects: a SYN asks for the connection.", "用户发起连接：用 SYN 请求建立连接。";
    AnswerSyn, "RFC 9293 3.10.7.2", "A SYN came to a listener: SYN and ACK in one segment.", "收听者收到 SYN：用一个报文段回送 SYN 和 ACK。";
    OpenAskingCookie, "RFC 7413 4.2.1", "The user connects by Fast Open and has no cookie of this server yet: the SYN asks for one.", "用户以快速打开（TFO）方式连接，但还没有该服务器的 cookie：在 SYN 中索取一个。";
    OpenWithData, "RFC 7413 4.2.2", "The user connects by Fast Open: the SYN carries data already, and the cookie that lets it in.", "用户以快速打开（TFO）方式连接：SYN 已带上数据，并出示 cookie 作为凭据。";
    AnswerSynGranting, "RFC 7413 4.2.1", "SYN and ACK in one segment, and a Fast Open cookie for the client's next connection.", "用一个报文段回送 SYN 和 ACK，并发给客户一个 TFO cookie，供下次连接使用。";
    AnswerSynEarly, "RFC 7413 4.2.2", "The Fast Open cookie is good: the data on the SYN is taken at once, and the SYN-ACK acknowledges it too.", "TFO cookie 有效：立即收下 SYN 携带的数据，SYN-ACK 一并确认。";
    AnswerCrossedSyn, "RFC 9293 3.10.7.3", "The SYNs crossed: simultaneous open, so the SYN goes again with an ACK.", "双方的 SYN 交叉：同时打开，于是再发一次 SYN 并带上确认。";
    AnswerWithCookie, "RFC 4987 3.6", "A SYN cookie: the sequence number holds all there is to remember.", "SYN cookie：要记住的一切都藏在序号里，不留任何状态。";
    CompleteHandshake, "RFC 9293 3.10.7.3", "The SYN-ACK is acknowledged: the handshake is complete on this side.", "确认对方的 SYN-ACK：本端握手完成。";
    // Sent: data and acknowledgments.
    SendData, "RFC 9293 3.10.2", "Data of the user, within the window.", "发送用户数据，不超出窗口。";
    SendFin, "RFC 9293 3.10.4", "The user has closed: FIN says that no more data comes from here.", "用户已关闭：FIN 表示本端不再发送数据。";
    SendDataAndFin, "RFC 9293 3.10.4", "The last data, and the FIN rides on it.", "最后的数据，FIN 搭在同一个报文段上。";
    AckData, "RFC 9293 3.10.7.4", "Acknowledges data.", "确认收到的数据。";
    AckFin, "RFC 9293 3.10.7.4", "Acknowledges the peer's FIN.", "确认对方的 FIN。";
    AckDelayed, "RFC 9293 3.8.6.3", "The delayed-ACK timer ran out: nothing came along to carry the acknowledgment.", "延迟确认计时器到时：没有数据可以捎带确认。";
    AckSecondSegment, "RFC 9293 3.8.6.3", "More than one full segment is unacknowledged: no more delay.", "未确认的数据已超过一个满报文段：不再延迟。";
    AckOutOfOrder, "RFC 5681 4.2", "A segment came out of order: a duplicate ACK says at once what is missing.", "收到失序的报文段：立即用重复确认说明缺了什么。";
    AckCompressed, "RFC 5681 4.2", "Many segments came behind a hole: one ACK with SACK says it all, instead of one for each.", "缺口之后到达了许多报文段：用一个带 SACK 的确认说明全部，而不是逐个确认。";
    AckNoMemory, "RFC 9293 3.8.6", "More waits to be read than the buffer may hold: the segment is dropped and the window closed at once.", "等待读取的数据已超过缓存的容量：丢弃报文段，窗口立即关闭。";
    AckGapFilled, "RFC 5681 4.2", "A segment filled a gap: acknowledged at once.", "报文段补上了缺口：立即确认。";
    AckDuplicate, "RFC 9293 3.10.7.4", "All of the segment came before: acknowledged again, in case the first ACK was lost.", "整个报文段以前收到过：再确认一次，以防先前的确认丢失。";
    AckUnacceptable, "RFC 9293 3.10.7.4", "The segment lies outside the window: the ACK tells what is expected.", "报文段落在窗口之外：用确认告知期望的序号。";
    AckWindowUpdate, "RFC 9293 3.8.6", "The user has read: the window opens again.", "用户读走了数据：窗口重新打开。";
    AckInTimeWait, "RFC 9293 3.10.7.4", "A segment came in TIME-WAIT: acknowledged again, in case the last ACK was lost.", "TIME-WAIT 中收到报文段：再次确认，以防最后一个确认丢失。";
    AckProbeOfWindow, "RFC 9293 3.8.6.1", "A probe came while the window is closed: the answer tells the window.", "窗口关闭时收到探测：回答当前窗口。";
    ChallengeSyn, "RFC 5961 4.2", "A SYN came in a synchronized state: a challenge ACK asks whether the peer means it.", "已同步状态下收到 SYN：用质询确认核实对方的本意。";
    ChallengeReset, "RFC 5961 3.2", "A RST came with a sequence number in the window but not the exact one: a challenge ACK asks for proof.", "RST 的序号在窗口内但不精确：用质询确认要求证明。";
    ChallengeAck, "RFC 5961 5.2", "The acknowledgment is of data never sent, or far too old: a challenge ACK.", "确认号确认了从未发送的数据或过于陈旧：发质询确认。";
    // Sent: again.
    RetransmitSyn, "RFC 6298 5.4", "No answer to the SYN in time: it is sent again.", "SYN 没有按时得到回答：超时重传。";
    RetransmitSynText, "RFC 7413 4.2.2", "The SYN-ACK left out the data of the SYN: it goes again at once, and completes the handshake.", "SYN-ACK 没有确认 SYN 携带的数据：立即重发这些数据，同时完成握手。";
    RetransmitSynAck, "RFC 6298 5.4", "The SYN-ACK was not acknowledged in time: it is sent again.", "SYN-ACK 没有按时得到确认：超时重传。";
    RepeatSynAck, "RFC 9293 3.10.7.4", "The same SYN came again: so does the SYN-ACK.", "同一个 SYN 又来了：SYN-ACK 也再发一次。";
    RetransmitData, "RFC 6298 5.4", "The retransmission timer ran out: the first unacknowledged data goes again.", "重传计时器到时：重传最早的未确认数据。";
    RetransmitFin, "RFC 6298 5.4", "The FIN was not acknowledged in time: it is sent again.", "FIN 没有按时得到确认：超时重传。";
    RetransmitLost, "RFC 5681 4.3", "More of what was lost goes again, as the window allows.", "在窗口允许的范围内继续重传丢失的数据。";
    FastRetransmit, "RFC 5681 3.2", "Three duplicate ACKs: the missing segment goes again without waiting for the timer.", "收到三个重复确认：不等计时器，立即重传（快重传）。";
    RetransmitPartial, "RFC 6582 3.2", "A partial acknowledgment in fast recovery: the next hole goes at once.", "快恢复中收到部分确认：立即重传下一个缺口。";
    RetransmitHole, "RFC 6675 5", "SACK shows one more hole: it goes again.", "SACK 显示还有缺口：重传它。";
    RetransmitRescue, "RFC 6675 4", "Nothing else may go: the end of what is on its way goes again, once in each recovery.", "没有别的可发：重传在途数据的末尾，每次恢复只做一次。";
    // Sent: probes.
    ProbeWindow, "RFC 9293 3.8.6.1", "The peer's window is closed: a probe asks whether it opened.", "对方窗口为零：零窗口探测，询问是否已打开。";
    ProbeMtu, "RFC 4821 7.4", "A segment larger than any before: if it arrives, the path takes that size.", "一个比以往都大的报文段：如果到达，就说明路径容得下这个长度。";
    ProbeTail, "RFC 8985 7.3", "No answer to the end of what was sent: the last segment goes again before the time-out, as a probe.", "发出的末尾没有得到回答：在超时之前重发最后一个报文段作为探测。";
    ProbeKeepalive, "RFC 9293 3.8.4", "Nothing came for the keepalive time: a probe asks whether the peer is there.", "保活时间内没有收到任何东西：探测对方是否还在。";
    // Sent: resets.
    ResetNoConnection, "RFC 9293 3.10.7.1", "No connection and no listener here: RST.", "这里没有连接也没有收听者：回送 RST。";
    ResetListenAck, "RFC 9293 3.10.7.2", "An acknowledgment came to a listener that sent nothing: RST.", "收听者从未发送却收到确认：回送 RST。";
    ResetBadCookie, "RFC 4987 3.6", "The acknowledgment holds no valid SYN cookie, or a stale one: RST.", "确认号里没有有效的 SYN cookie 或已过期：回送 RST。";
    ResetSynSentAck, "RFC 9293 3.10.7.3", "The acknowledgment is not of our SYN: RST.", "确认的不是我们的 SYN：回送 RST。";
    ResetSynReceivedAck, "RFC 9293 3.10.7.4", "The acknowledgment is not of our SYN-ACK: RST.", "确认的不是我们的 SYN-ACK：回送 RST。";
    ResetSynReceivedSyn, "RFC 9293 3.10.7.4", "Another SYN came for a half-open connection: RST.", "半连接又收到另一个 SYN：回送 RST。";
    ResetOverflow, "RFC 9293 3.10.7.2", "The accept queue is full and tcp_abort_on_overflow is set: RST instead of silence.", "全连接队列已满且设置了 tcp_abort_on_overflow：以 RST 代替沉默。";
    ResetDataAfterClose, "RFC 9293 3.6.1", "Data came after the user closed: nobody will read it, RST says so.", "用户关闭后又收到数据：无人读取，用 RST 告知。";
    ResetUnreadData, "RFC 9293 3.6.1", "The user closed with data unread: RST tells the peer that it was lost.", "用户关闭时还有未读数据：用 RST 告知对方数据已丢失。";
    ResetAbort, "RFC 9293 3.10.5", "The user aborts the connection (linger 0): RST.", "用户中止连接（linger 为 0）：发送 RST。";
    ResetKeepalive, "RFC 9293 3.8.4", "The peer answered no keepalive probe: given up, with a RST in case it can still hear.", "对方没有回答任何保活探测：放弃连接，并发 RST 以防对方还能听见。";
    ResetListenerClosed, "RFC 9293 3.10.4", "The listener closed before anyone accepted this connection: RST.", "收听者在接受此连接之前关闭：发送 RST。";
    // Dropped.
    DropChecksum, "RFC 9293 3.1", "The checksum is wrong: dropped.", "检验和错误：丢弃。";
    DropReset, "RFC 9293 3.10.7.1", "A RST for no connection: dropped.", "RST 不属于任何连接：丢弃。";
    DropResetInListen, "RFC 9293 3.10.7.2", "A RST came to a listener: ignored.", "收听者收到 RST：忽略。";
    DropListenNothing, "RFC 9293 3.10.7.2", "Neither SYN, ACK nor RST came to a listener: dropped.", "收听者收到既无 SYN 也无 ACK、RST 的报文段：丢弃。";
    DropListenSynFin, "RFC 9293 3.10.7.2", "SYN together with FIN or RST came to a listener: dropped.", "收听者收到带 FIN 或 RST 的 SYN：丢弃。";
    DropSynQueueFull, "RFC 4987 3.2", "The SYN queue is full: the SYN is dropped in silence.", "半连接队列已满：默默丢弃 SYN。";
    DropSynBacklogReserve, "RFC 4987 3.2", "Three quarters of tcp_max_syn_backlog are taken: the rest is kept for known peers, the SYN is dropped.", "tcp_max_syn_backlog 已用去四分之三：其余留给已知的对端，丢弃 SYN。";
    DropAcceptQueueFullSyn, "RFC 9293 3.10.7.2", "The accept queue is full: the SYN is dropped in silence, the peer will try again.", "全连接队列已满：默默丢弃 SYN，对方会再试。";
    DropAcceptQueueFullAck, "RFC 9293 3.10.7.4", "The accept queue is full: the final ACK is ignored, the SYN-ACK will go again.", "全连接队列已满：忽略最后的 ACK，稍后重发 SYN-ACK。";
    DropUnacceptableReset, "RFC 5961 3.2", "A RST outside the window: ignored.", "窗口之外的 RST：忽略。";
    DropOutsideWindow, "RFC 9293 3.10.7.4", "The segment lies outside the window: dropped.", "报文段落在窗口之外：丢弃。";
    DropOldTimestamp, "RFC 7323 5.3", "The timestamp is older than the last one: an old duplicate, dropped.", "时间戳比最近的还旧：旧的重复报文段，丢弃。";
    DropNoAck, "RFC 9293 3.10.7.4", "No ACK flag in a synchronized state: dropped.", "已同步状态下没有 ACK 标志：丢弃。";
    DropSynSentNothing, "RFC 9293 3.10.7.3", "Neither SYN nor RST came in SYN-SENT: dropped.", "SYN-SENT 中收到既无 SYN 也无 RST 的报文段：丢弃。";
    DropOldAck, "RFC 9293 3.10.7.4", "An acknowledgment older than the last: nothing to learn from it.", "比最近更旧的确认：没有新信息。";
    DropTextAfterFin, "RFC 9293 3.10.7.4", "Text after the peer's FIN: ignored.", "对方 FIN 之后的数据：忽略。";
    DropBufferFull, "RFC 9293 3.10.7.4", "No room in the receive buffer: dropped.", "接收缓存没有空间：丢弃。";
    ChallengeWithheld, "RFC 5961 7", "An ACK was due, but one went a moment ago: withheld by the rate limit.", "本应发送确认，但刚刚发过一个：受速率限制而不发。";
    DropDeferredAck, "RFC 9293 3.10.7.4", "The listener waits for data (TCP_DEFER_ACCEPT): a bare final ACK makes no connection yet.", "收听者在等待数据（TCP_DEFER_ACCEPT）：只有最后的 ACK 还不建立连接。";
    DropOldSyn, "RFC 6191 2", "A SYN came in TIME-WAIT that may be an old duplicate: dropped in silence.", "TIME-WAIT 中收到可能是旧重复的 SYN：默默丢弃。";
    DropResetTimeWait, "RFC 1337 3", "A RST came in TIME-WAIT and tcp_rfc1337 is set: ignored.", "TIME-WAIT 中收到 RST 且设置了 tcp_rfc1337：忽略。";
    // Told.
    HandshakeDone, "RFC 9293 3.10.7.4", "Our SYN is acknowledged: the connection is open.", "我们的 SYN 得到确认：连接已建立。";
    CookieValid, "RFC 4987 3.6", "The acknowledgment holds a valid SYN cookie: the connection is rebuilt from it.", "确认号里是有效的 SYN cookie：据此重建连接。";
    FastOpenCookieKept, "RFC 7413 4.1.3", "The server gave a Fast Open cookie: kept, so that the next SYN to it can carry data.", "服务器发来 TFO cookie：保存起来，下次给它的 SYN 就能携带数据。";
    FastOpenNotTaken, "RFC 7413 4.1.3.1", "The server did not take the data of the SYN.", "服务器没有接受 SYN 携带的数据。";
    FastOpenPaused, "RFC 7413 4.1.3.1", "Something on the way seems to swallow what Fast Open sends: for a while no SYN speaks of it, to no host.", "路上似乎有设备吞掉了快速打开（TFO）的报文：一段时间内，发往任何主机的 SYN 都不再使用它。";
    FastOpenCookieWrong, "RFC 7413 4.2.2", "The Fast Open cookie is not good: the data of the SYN is ignored, the usual handshake follows with a new cookie.", "TFO cookie 无效：忽略 SYN 携带的数据，照常握手，并发给新的 cookie。";
    FastOpenFull, "RFC 7413 4.2", "Too many Fast Open requests are pending: this one gets the usual handshake.", "未完成的快速打开（TFO）请求过多：这一个按通常方式握手。";
    Refused, "RFC 9293 3.10.7.3", "A RST answered our SYN: connection refused.", "我们的 SYN 换来 RST：连接被拒绝。";
    PeerReset, "RFC 9293 3.10.7.4", "The peer reset the connection.", "对方复位了连接。";
    PeerFin, "RFC 9293 3.10.7.4", "The peer has closed: no more data will come from it.", "对方已关闭：不会再有数据从对方来。";
    GivenUp, "RFC 9293 3.8.3", "Too many retransmissions without an answer: the connection is given up.", "重传多次没有回答：放弃连接。";
    SynGivenUp, "RFC 9293 3.8.3", "No answer to any SYN: the attempt is given up.", "所有 SYN 都没有回答：放弃建立连接。";
    HalfOpenGivenUp, "RFC 9293 3.8.3", "No answer to any SYN-ACK: the half-open entry is given up.", "所有 SYN-ACK 都没有回答：放弃这个半连接。";
    HalfOpenPruned, "RFC 4987 3.3", "The SYN queue is more than half full: old entries are given up early.", "半连接队列过半：提早放弃较老的半连接。";
    HalfOpenEvicted, "RFC 4987 3.4", "The SYN queue is full: the oldest entry makes room for the newest.", "半连接队列已满：最老的半连接让位给最新的。";
    FinWait2Over, "", "Nobody owns this connection any more and the peer never closed: FIN-WAIT-2 ends.", "此连接已无主，对方始终没有关闭：FIN-WAIT-2 结束。";
    TimeWaitOver, "RFC 9293 3.10.8", "2 MSL have passed: no old segment can be alive, the pair of sockets is free again.", "2MSL 已过：旧报文段不可能再存活，这对套接字可以重新使用。";
    TimeWaitRestarted, "RFC 9293 3.10.7.4", "A segment came in TIME-WAIT: the 2 MSL begin again.", "TIME-WAIT 中收到报文段：2MSL 重新计时。";
    TimeWaitKilled, "RFC 1337 2", "A RST ended TIME-WAIT early: the hazard that RFC 1337 describes.", "RST 提早结束了 TIME-WAIT：RFC 1337 所说的危险。";
    TimeWaitReopened, "RFC 9293 3.6.1", "A newer SYN came in TIME-WAIT: the connection is opened anew.", "TIME-WAIT 中收到更新的 SYN：重新打开连接。";
    TimeWaitReused, "RFC 6191 2", "A connection in TIME-WAIT gives its pair of sockets to a new one; timestamps tell their segments apart.", "TIME-WAIT 中的连接让出这对套接字；时间戳可以区分新旧报文段。";
    HeldByNagle, "RFC 9293 3.7.4", "A small segment waits until what is on its way is acknowledged (Nagle).", "小报文段等待在途数据得到确认（Nagle 算法）。";
    HeldByWindow, "RFC 9293 3.8.6", "The peer's window is used up: data waits.", "对方的窗口已用完：数据等待。";
    HeldBySillyWindow, "RFC 9293 3.8.6.2.1", "The window is open only a little: data waits, to avoid silly small segments.", "窗口只开了一点：数据等待，以避免糊涂窗口综合征。";
    HeldByCard, "RFC 9293 3.9.2", "The card of this machine takes nothing now: data waits.", "本机网卡此刻什么都不收：数据等待。";
    DropCardFull, "RFC 9293 3.9.2", "The card of this machine takes nothing now: the segment is lost before it was sent.", "本机网卡此刻什么都不收：报文段还未发出就丢失了。";
    HeldForBurst, "RFC 9293 3.8.6.2.1", "The windows take only a small part of what waits, and an acknowledgment is about to come: a larger burst goes then.", "窗口只容得下待发数据的一小部分，而确认即将到来：到那时一次发出更大的一批。";
    EcnMarked, "RFC 3168 6.1.3", "A queue on the way marked this segment: the sender is told by ECE until it answers with CWR.", "途中的队列给此报文段打了拥塞标记：用 ECE 告知发送方，直到它以 CWR 回应。";
    EcnEcho, "RFC 3168 6.1.2", "The peer reports congestion without loss: the window shrinks, once per window of data.", "对方报告了没有丢失的拥塞：窗口减小，每一窗数据只减一次。";
    RestartAfterIdle, "RFC 5681 4.1", "Nothing was sent for longer than the RTO: the congestion window begins anew.", "空闲超过 RTO：拥塞窗口重新开始（重新慢开始）。";
    HeldByCongestion, "RFC 5681 3.1", "The congestion window is used up: data waits.", "拥塞窗口已用完：数据等待。";
    KarnNoSample, "RFC 6298 3", "The acknowledgment is of retransmitted data: no round-trip time can be learnt from it (Karn).", "确认的是重传过的数据：不能用来测量往返时间（Karn 算法）。";
    DuplicateReported, "RFC 2883 4", "The peer reports that something came twice.", "对方报告有数据重复到达。";
    ProbeRepaired, "RFC 8985 7.4.2", "The tail loss probe repaired a loss: the congestion window is reduced for it.", "尾部丢失探测补上了丢失的数据：拥塞窗口因此缩小。";
    RecoveryUndone, "RFC 4015 3", "What was sent again had not been lost: the congestion window is as before.", "重传的数据其实并未丢失：拥塞窗口恢复原状。";
    Unreachable, "RFC 9293 3.9.2.2", "The network reports that the peer cannot be reached.", "网络报告对方不可达。";
    BackOffReverted, "RFC 6069 4", "The network could not deliver the segment: that is no congestion, one doubling of the time-out is taken back.", "网络无法送达该报文段：这不是拥塞，撤销一次超时加倍。";
    ExcessiveRetransmission, "RFC 9293 3.8.3", "Sent again R1 times without an answer: the user is told, the attempts go on.", "重传已达 R1 次仍无回答：告知用户，并继续尝试。";
    SoftError, "RFC 9293 3.9.2.2", "The network reports a trouble that may pass: remembered, nothing else.", "网络报告了可能是暂时的问题：只记下来。";
    UserTimeoutAdopted, "RFC 5482 3.1", "The peer told how long it leaves data unacknowledged: this side waits no less before it gives up.", "对方告知了它允许数据未被确认的时间：本端放弃之前至少等待同样长的时间。";
    UserTimeoutTold, "RFC 5482 3.1", "The peer told its user timeout, but the user has chosen one here: that stays.", "对方告知了它的用户超时，但本端用户已自行选定：保持不变。";
    UrgentAnnounced, "RFC 9293 3.8.5", "The peer says that urgent data is in the stream or on its way: the user is told.", "对方告知字节流中有（或即将有）紧急数据：通知用户。";
    SourceQuenchIgnored, "RFC 6633 3", "A source quench: obsolete, and never acted upon.", "源点抑制报文已废弃，一概不予理会。";
    PathMtuSmaller, "RFC 1191 6.4", "A router says that the segment is too big for the next link: smaller ones from now on, and what is on its way goes again.", "路由器报告报文段对下一段链路过大：此后发送更小的报文段，并重传在途数据。";
    BlackHoleSuspected, "RFC 4821 7.7", "Full segments get no answer and nobody says why: smaller ones are tried.", "满长度的报文段始终没有回音，也没有任何报告：改用更小的报文段。";
    MtuProbeArrived, "RFC 4821 7.6.1", "The probe got through: all segments may be as large from now on.", "探测报文段已到达：此后的报文段都可以这么大。";
    MtuProbeLost, "RFC 4821 7.6.2", "Only the probe is lost: it was too large for the path, that is no congestion. Its data goes again in smaller segments.", "只有探测报文段丢失：它对路径过大，并非拥塞。其数据改用更小的报文段重传。";
    PathMtuForgotten, "RFC 1191 6.3", "The path MTU is old: forgotten, so that larger segments can be tried again.", "路径 MTU 已过期：将其忘掉，再试更大的报文段。";
    IcmpIgnored, "RFC 5927 4.1", "An ICMP message quotes a segment that is not on its way: ignored.", "ICMP 报文引用的报文段并不在途：忽略。";
    DropNoTimestamp, "RFC 7323 3.2", "Timestamps were agreed upon and this segment carries none: dropped.", "双方已协商使用时间戳，这个报文段却没有携带：丢弃。";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_speaks_both_languages_and_only_one_cites_no_rfc() {
        for reason in Reason::ALL {
            assert!(reason.sentence(Lang::En).ends_with('.'), "{reason:?}");
            assert!(reason.sentence(Lang::Zh).ends_with('。'), "{reason:?}");
            assert!(reason.section().starts_with("RFC ") || *reason == Reason::FinWait2Over, "{reason:?}");
        }
    }
}
