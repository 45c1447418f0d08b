//! How much a receive buffer holds, as data.

/// What UDP does where the RFCs leave a choice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// Receive buffer of a fresh socket, octets.
    pub receive_buffer: u32,
    /// Send buffer of a fresh socket, octets.
    pub send_buffer: u32,
    /// Least receive buffer kept, octets.
    pub least_receive: u32,
    /// Least send buffer kept, octets.
    pub least_send: u32,
    /// Largest buffer kept, octets.
    pub largest: u32,
    /// Buffers given by the user are doubled.
    pub doubled: bool,
    /// How much room a datagram takes.
    pub room: Room,
    /// That fragments of a datagram were missing (ICMP type 11, code 1) is told to its socket as other errors are.
    pub hears_of_missing_fragments: bool,
}

/// How much room a datagram takes in a receive buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Room {
    /// Its octets of data.
    Payload,
    /// The memory a kernel sets aside for it: bookkeeping, headers and the next larger block. Room is given back when the
    /// reader has taken a quarter of the buffer or all that was there.
    KernelMemory,
}

/// Blocks a kernel's allocator has for one packet, octets.
const BLOCKS: [usize; 6] = [576, 1024, 2048, 4096, 8192, 16_384];
/// Bookkeeping of a packet outside its block, octets.
const BESIDE: usize = 256;
/// What a block holds besides the IP payload: bookkeeping at its end, room for lower headers, the IP header.
const OVERHEAD: usize = 371;
/// Of that, what is left over at the end of a full fragment's block.
const SPARE: usize = 15;

impl Profile {
    /// Buffers count octets of data.
    pub fn rfc() -> Profile {
        Profile {
            receive_buffer: 65_536,
            send_buffer: 65_536,
            least_receive: 1,
            least_send: 1,
            largest: 8_388_608,
            doubled: false,
            room: Room::Payload,
            hears_of_missing_fragments: true,
        }
    }

    /// The Linux kernel, measured on 6.18.
    pub fn linux() -> Profile {
        Profile {
            receive_buffer: 212_992,
            send_buffer: 212_992,
            least_receive: 2304,
            least_send: 4608,
            largest: 8_388_608,
            doubled: true,
            room: Room::KernelMemory,
            hears_of_missing_fragments: false,
        }
    }

    /// The receive buffer kept when the user asks for `octets`.
    pub fn kept_receive_buffer(&self, octets: u32) -> u32 {
        self.kept(octets).max(self.least_receive)
    }

    /// The send buffer kept when the user asks for `octets`.
    pub fn kept_send_buffer(&self, octets: u32) -> u32 {
        self.kept(octets).max(self.least_send)
    }

    fn kept(&self, octets: u32) -> u32 {
        let wanted = if self.doubled { octets.saturating_mul(2) } else { octets };
        wanted.min(self.largest)
    }

    /// The room a datagram takes: its octets of data, and the octets of IP payload of each fragment it came in (none if
    /// it came in one piece).
    pub fn room_of(&self, payload: usize, pieces: &[usize]) -> u32 {
        let octets = match (self.room, pieces) {
            (Room::Payload, _) => payload,
            (Room::KernelMemory, []) => kernel_memory(payload + 8),
            // A short last fragment is copied into what is left of the first one's block.
            (Room::KernelMemory, [first, second]) if *second <= left_over(*first) => kernel_memory(*first),
            (Room::KernelMemory, pieces) => pieces.iter().map(|piece| kernel_memory(*piece)).sum(),
        };
        u32::try_from(octets).unwrap_or(u32::MAX)
    }
}

fn block(ip_payload: usize) -> Option<usize> {
    BLOCKS.into_iter().find(|block| ip_payload + OVERHEAD <= *block)
}

/// Beyond the largest block the data lies in pages of its own, counted exactly.
fn kernel_memory(ip_payload: usize) -> usize {
    block(ip_payload)
        .map_or_else(|| ip_payload.saturating_sub(8) + BLOCKS[0] + BESIDE, |block| block + BESIDE)
}

fn left_over(ip_payload: usize) -> usize {
    block(ip_payload).map_or(0, |block| (block - OVERHEAD + SPARE).saturating_sub(ip_payload))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_datagram_takes_the_memory_measured_on_the_kernel() {
        let profile = Profile::linux();
        for (payload, room) in [
            (0, 832),
            (197, 832),
            (198, 1280),
            (645, 1280),
            (646, 2304),
            (1669, 2304),
            (1670, 4352),
            (3717, 4352),
            (3718, 8448),
            (7813, 8448),
            (7824, 16_640),
            (8192, 16_640),
            (16_016, 16_848),
            (40_000, 40_832),
            (65_504, 66_336),
        ] {
            assert_eq!(profile.room_of(payload, &[]), room, "{payload} octets");
        }
    }

    #[test]
    fn a_datagram_in_fragments_takes_the_memory_of_all_of_them() {
        let profile = Profile::linux();
        let room = |payload: usize| {
            let mut pieces = Vec::new();
            let mut left = payload + 8;
            while left > 0 {
                pieces.push(left.min(1480));
                left -= left.min(1480);
            }
            profile.room_of(payload, if pieces.len() > 1 { &pieces } else { &[] })
        };
        for (payload, expected) in [
            (1473, 2304),
            (1684, 2304),
            (1685, 3584),
            (2125, 3584),
            (2126, 4608),
            (2952, 4608),
            (2953, 5440),
            (3157, 5440),
            (3158, 5888),
            (3606, 6912),
            (4000, 6912),
            (4433, 7744),
        ] {
            assert_eq!(room(payload), expected, "{payload} octets");
        }
    }

    #[test]
    fn buffers_are_doubled_and_kept_within_bounds() {
        let profile = Profile::linux();
        let kept: Vec<u32> = [0, 1, 1152, 1153, 4096, 212_992, u32::MAX]
            .map(|asked| profile.kept_receive_buffer(asked))
            .into();
        assert_eq!(kept, [2304, 2304, 2304, 2306, 8192, 425_984, 8_388_608]);
        let kept: Vec<u32> = [0, 2304, 2305, 4096].map(|asked| profile.kept_send_buffer(asked)).into();
        assert_eq!(kept, [4608, 4608, 4610, 8192]);
    }
}
