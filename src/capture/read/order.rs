//! Numbers of a file in the byte order of the machine that wrote it.

/// A byte order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// The least significant octet first.
    Little,
    /// The most significant octet first.
    Big,
}

impl Order {
    /// The two octets at that place; 0 where there are none.
    pub fn u16(self, octets: &[u8], at: usize) -> u16 {
        let two = octets.get(at..at + 2).and_then(|two| two.try_into().ok()).unwrap_or_default();
        match self {
            Order::Little => u16::from_le_bytes(two),
            Order::Big => u16::from_be_bytes(two),
        }
    }

    /// The four octets at that place; 0 where there are none.
    pub fn u32(self, octets: &[u8], at: usize) -> u32 {
        let four = octets.get(at..at + 4).and_then(|four| four.try_into().ok()).unwrap_or_default();
        match self {
            Order::Little => u32::from_le_bytes(four),
            Order::Big => u32::from_be_bytes(four),
        }
    }

    /// The eight octets at that place; 0 where there are none.
    pub fn u64(self, octets: &[u8], at: usize) -> u64 {
        let (first, second) = (u64::from(self.u32(octets, at)), u64::from(self.u32(octets, at + 4)));
        match self {
            Order::Little => second << 32 | first,
            Order::Big => first << 32 | second,
        }
    }
}
