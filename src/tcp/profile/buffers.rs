//! What a segment that was received costs: not its text alone, but the memory it lies in.

/// How a receive buffer is charged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BufferCharge {
    /// One octet of text costs one octet.
    Text,
    /// Every packet costs the block of memory it came in, and what describes it.
    Blocks(BlockRule),
}

/// How large a block a packet comes in, octets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BlockRule {
    /// What describes a packet, apart from its block.
    pub description: u32,
    /// Left free in the block before the packet.
    pub before: u32,
    /// Taken at the end of the block for the list of further pages.
    pub after: u32,
    /// The smallest block; larger ones are powers of two.
    pub least: u32,
    /// The largest block; what does not fit goes into pages.
    pub largest: u32,
    /// One page.
    pub page: u32,
}

/// What one packet costs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::tcp) struct Cost {
    /// Octets of memory it takes.
    pub size: u32,
    /// Octets of later text that its block has still room for.
    pub room: u32,
}

impl BlockRule {
    /// Blocks begin at multiples of this.
    const LINE: u32 = 64;

    /// What a packet of `len` octets costs, its headers included.
    pub(in crate::tcp) fn cost(&self, len: u32) -> Cost {
        let around = self.before + self.after;
        let most = self.largest - around;
        if len > most {
            let pages = (len - most).div_ceil(self.page);
            return Cost { size: self.description + self.largest + pages.saturating_mul(self.page), room: 0 };
        }
        let wanted = (self.before + len).next_multiple_of(Self::LINE) + self.after;
        let block = if wanted <= self.least { self.least } else { wanted.next_power_of_two() };
        Cost { size: self.description + block, room: block - around - len }
    }

    /// Octets of text in a block of one page that was packed to be full.
    pub(in crate::tcp) fn packed(&self) -> u32 {
        self.page - self.after
    }

    /// What such a block with so many octets costs.
    pub(in crate::tcp) fn cost_of_packed(&self, text: u32) -> Cost {
        BlockRule { before: 0, ..*self }.cost(text)
    }
}

#[cfg(test)]
mod tests {
    use crate::tcp::{BufferCharge, Profile};

    #[test]
    fn packets_cost_what_they_were_seen_to_cost() {
        let BufferCharge::Blocks(rule) = Profile::linux().buffer_charge else { unreachable!() };
        // Text behind 40 octets of headers, and what SO_MEMINFO told of it.
        let seen = [
            (1, 832),
            (150, 832),
            (164, 1280),
            (600, 1280),
            (612, 2304),
            (1460, 2304),
            (3000, 4352),
            (3648, 4352),
            (3700, 8448),
            (7712, 8448),
            (7800, 12_544),
            (11_800, 12_544),
            (12_000, 16_640),
            (16_000, 20_736),
            (33_000, 37_120),
            (65_000, 65_792),
        ];
        for (text, size) in seen {
            assert_eq!(rule.cost(text + 40).size, size, "{text} octets of text");
        }
        assert_eq!(rule.cost(652).room, 1012, "a second segment of 612 octets fits");
        assert_eq!(rule.cost(90).room, 102, "two more of 50 octets fit, a third does not");
    }
}
