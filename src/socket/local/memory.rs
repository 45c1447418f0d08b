//! How much of a sender's buffer a message takes until it is read: the kernel counts the memory it sets aside, not octets.

use super::LocalKind;

/// Bookkeeping of a piece outside its block, octets.
const BESIDE: usize = 256;
/// Bookkeeping at the end of a block, octets.
const AT_END: usize = 320;
/// The smallest block.
const LEAST: usize = 512;
/// Pages beyond the block come in these units.
const PAGE: usize = 4096;
/// Octets of a stream's piece that lie in its block.
const STREAM_BLOCK: usize = PAGE - AT_END;
/// Octets of a stream's piece that lie in pages.
const STREAM_PAGES: usize = 8 * PAGE;
/// Octets of a record that lie in its block.
const RECORD_BLOCK: usize = 4 * PAGE - AT_END;
/// Octets of a record that lie in pages at most; a larger one has a larger block.
const RECORD_PAGES: usize = 17 * PAGE;

/// Octets of a stream that are set aside in one piece at most.
pub(super) fn largest_piece(send_buffer: u32) -> usize {
    (send_buffer as usize / 2).saturating_sub(64).clamp(1, STREAM_BLOCK + STREAM_PAGES)
}

/// Octets that a record has at most.
pub(super) fn largest_record(send_buffer: u32) -> usize {
    (send_buffer as usize).saturating_sub(32)
}

/// The room a piece of a stream, or a record, takes.
pub(super) fn room_of(kind: LocalKind, octets: usize) -> u32 {
    let pages = match kind {
        LocalKind::Stream if octets > STREAM_BLOCK => octets.min(in_pages(octets - STREAM_BLOCK)),
        LocalKind::Datagram | LocalKind::SeqPacket if octets > RECORD_BLOCK => {
            in_pages((octets - RECORD_BLOCK).min(RECORD_PAGES))
        }
        LocalKind::Stream | LocalKind::Datagram | LocalKind::SeqPacket => 0,
    };
    let block = (octets.saturating_sub(pages) + AT_END).next_power_of_two().max(LEAST);
    u32::try_from(block + BESIDE + in_pages(pages)).unwrap_or(u32::MAX)
}

fn in_pages(octets: usize) -> usize {
    octets.div_ceil(PAGE) * PAGE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_and_records_take_the_memory_measured_on_the_kernel() {
        let stream = [
            (1, 768),
            (192, 768),
            (193, 1280),
            (705, 2304),
            (1729, 4352),
            (3776, 4352),
            (3777, 4864),
            (4289, 5376),
            (4801, 6400),
            (5825, 8448),
            (7873, 8960),
            (16_065, 17_152),
            (32_449, 33_536),
            (36_544, 37_120),
            (28_992, 29_952),
        ];
        for (octets, room) in stream {
            assert_eq!(room_of(LocalKind::Stream, octets), room, "{octets} octets of a stream");
        }
        let records = [
            (0, 768),
            (193, 1280),
            (3776, 4352),
            (3777, 8448),
            (7873, 16_640),
            (16_064, 16_640),
            (16_065, 20_736),
            (40_000, 41_216),
            (65_536, 69_888),
            (100_000, 102_656),
            (106_432, 135_424),
            (200_000, 200_960),
            (212_960, 332_032),
        ];
        for (octets, room) in records {
            assert_eq!(room_of(LocalKind::Datagram, octets), room, "a record of {octets}");
            assert_eq!(room_of(LocalKind::SeqPacket, octets), room, "a record of {octets}");
        }
        assert_eq!(largest_piece(212_992), 36_544);
        assert_eq!(largest_record(212_992), 212_960);
    }
}
