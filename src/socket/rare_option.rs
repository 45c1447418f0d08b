//! Options that programs of scenarios have no word for: who examines the stack from outside sets them by the numbers of the
//! system's headers.

use super::fast_open::KeyOctets;

/// Such an option with its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RareOption {
    /// TCP_FASTOPEN_KEY: what a listener's cookies are made under.
    FastOpenKey(KeyOctets),
    /// TCP_FASTOPEN_NO_COOKIE: data goes on a SYN, or is taken from one, without a cookie.
    FastOpenNoCookie(bool),
    /// TCP_CORK: only full segments go.
    Cork(bool),
    /// TCP_NOTSENT_LOWAT: a write waits while so many octets or more are unsent; 0 is the host's own.
    UnsentLow(u32),
}

/// Its name alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum RareName {
    FastOpenKey,
    FastOpenNoCookie,
    Cork,
    UnsentLow,
}

/// What an option is set to or found to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RareValue {
    /// A number.
    Number(i64),
    /// Octets.
    Octets(KeyOctets),
}

const SOL_TCP: i64 = 6;

impl RareName {
    /// Every one with the name C gives it, its level and its number there.
    pub const ALL: [(RareName, &'static str, i64, i64); 4] = [
        (RareName::FastOpenKey, "TCP_FASTOPEN_KEY", SOL_TCP, 33),
        (RareName::FastOpenNoCookie, "TCP_FASTOPEN_NO_COOKIE", SOL_TCP, 34),
        (RareName::Cork, "TCP_CORK", SOL_TCP, 3),
        (RareName::UnsentLow, "TCP_NOTSENT_LOWAT", SOL_TCP, 25),
    ];

    /// The option of that number at that level.
    pub fn numbered(level: i64, number: i64) -> Option<RareName> {
        let row = RareName::ALL.iter().find(|row| (row.2, row.3) == (level, number));
        row.map(|row| row.0)
    }

    /// The name C gives it.
    pub fn name(self) -> &'static str {
        RareName::ALL.iter().find(|row| row.0 == self).map_or("?", |row| row.1)
    }

    /// The option with that value; `None` if it takes no such one.
    pub fn with(self, value: RareValue) -> Option<RareOption> {
        let switch = |number: i64| match number {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        };
        match (self, value) {
            (RareName::FastOpenKey, RareValue::Octets(octets)) => Some(RareOption::FastOpenKey(octets)),
            (RareName::FastOpenKey, RareValue::Number(number)) => {
                Some(RareOption::FastOpenKey(KeyOctets::new(&(number as i32).to_ne_bytes())))
            }
            (RareName::FastOpenNoCookie, RareValue::Number(number)) => {
                switch(number).map(RareOption::FastOpenNoCookie)
            }
            (RareName::Cork, RareValue::Number(number)) => Some(RareOption::Cork(number != 0)),
            (RareName::UnsentLow, RareValue::Number(number)) => Some(RareOption::UnsentLow(number as u32)),
            (RareName::FastOpenNoCookie | RareName::Cork | RareName::UnsentLow, RareValue::Octets(_)) => None,
        }
    }
}

impl RareOption {
    /// Which option it is.
    pub fn name(self) -> RareName {
        match self {
            RareOption::FastOpenKey(_) => RareName::FastOpenKey,
            RareOption::FastOpenNoCookie(_) => RareName::FastOpenNoCookie,
            RareOption::Cork(_) => RareName::Cork,
            RareOption::UnsentLow(_) => RareName::UnsentLow,
        }
    }

    /// Its value.
    pub fn value(self) -> RareValue {
        match self {
            RareOption::FastOpenKey(octets) => RareValue::Octets(octets),
            RareOption::FastOpenNoCookie(on) | RareOption::Cork(on) => RareValue::Number(on.into()),
            RareOption::UnsentLow(octets) => RareValue::Number(octets.into()),
        }
    }

    /// The value as a reader sees it.
    pub fn shown(self) -> String {
        match self.value() {
            RareValue::Number(number) => number.to_string(),
            RareValue::Octets(octets) => octets.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rare_option_is_found_by_its_number_and_keeps_its_value() {
        for (name, _, level, number) in RareName::ALL {
            assert_eq!(RareName::numbered(level, number), Some(name));
            let option = name.with(RareValue::Number(1)).unwrap();
            assert_eq!(option.name(), name);
            assert_eq!(name.with(option.value()), Some(option));
        }
        assert_eq!(RareName::numbered(0, 0), None);
        assert_eq!(RareName::FastOpenNoCookie.with(RareValue::Number(2)), None);
    }
}
