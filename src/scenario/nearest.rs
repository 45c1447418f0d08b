//! Names nearest to a mistyped one.

/// How many single letters must be inserted, left out, changed or swapped with their neighbour to turn one into the other.
pub fn distance(one: &str, other: &str) -> usize {
    let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    let width = other.len() + 1;
    let mut rows: Vec<usize> = (0..width).collect();
    let mut before: Vec<usize> = Vec::new();
    for (i, a) in one.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, b) in other.iter().enumerate() {
            let changed = rows[j] + usize::from(a != b);
            let mut least = changed.min(rows[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *a == other[j - 1] && one[i - 1] == *b {
                least = least.min(before[j - 1] + 1);
            }
            row.push(least);
        }
        before = std::mem::replace(&mut rows, row);
    }
    rows[width - 1]
}

/// The known names that `name` may have meant, best first, at most three: few letters away, or one contains the other.
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let name = name.to_lowercase();
    let allowed = (name.chars().count() / 3).clamp(1, 4);
    let mut found: Vec<(usize, &str)> = known
        .into_iter()
        .filter_map(|candidate| {
            let lower = candidate.to_lowercase();
            let away = distance(&name, &lower);
            let contained =
                name.len() >= 3 && (lower.contains(&name) || name.contains(&lower) && lower.len() >= 3);
            (away <= allowed || contained)
                .then_some((if away <= allowed { away } else { allowed + 1 }, candidate))
        })
        .collect();
    found.sort();
    found.dedup();
    found.truncate(3);
    found.into_iter().map(|(_, candidate)| candidate).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_swap_a_change_and_a_missing_letter_cost_one_each() {
        assert_eq!(distance("handshake", "handshake"), 0);
        assert_eq!(distance("hadnshake", "handshake"), 1);
        assert_eq!(distance("handshak", "handshake"), 1);
        assert_eq!(distance("handshoke", "handshake"), 1);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("abc", ""), 3);
    }

    #[test]
    fn the_nearest_name_comes_first_and_far_ones_not_at_all() {
        let known = ["lost-syn-ack", "time-wait", "syn-flood", "syn-flood-cookies"];
        assert_eq!(nearest("syn-floot", known), ["syn-flood"]);
        assert_eq!(nearest("cookies", known), ["syn-flood-cookies"]);
        assert_eq!(nearest("TIME-WIAT", known), ["time-wait"]);
        assert!(nearest("zebra", known).is_empty());
    }
}
