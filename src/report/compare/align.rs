//! Which frame of one run is which of the other.

/// Pairs the items of two sequences: a longest common subsequence by key; of what lies between two pairs, items of the same
/// kind face each other as long as both sides have some.
pub(super) fn align<K: PartialEq, L: PartialEq>(
    left: &[(L, K)],
    right: &[(L, K)],
) -> Vec<(Option<usize>, Option<usize>)> {
    let mut pairs = Vec::new();
    let (mut at_left, mut at_right) = (0, 0);
    for (i, j) in common(left, right) {
        between(left, right, at_left..i, at_right..j, &mut pairs);
        pairs.push((Some(i), Some(j)));
        (at_left, at_right) = (i + 1, j + 1);
    }
    between(left, right, at_left..left.len(), at_right..right.len(), &mut pairs);
    pairs
}

fn between<K, L: PartialEq>(
    left: &[(L, K)],
    right: &[(L, K)],
    lefts: std::ops::Range<usize>,
    rights: std::ops::Range<usize>,
    pairs: &mut Vec<(Option<usize>, Option<usize>)>,
) {
    let mut free: Vec<usize> = rights.collect();
    for i in lefts {
        // Only the first that is left over may face it, so that pairs never cross.
        let same_kind = free.first().is_some_and(|j| left[i].0 == right[*j].0);
        let partner = same_kind.then(|| free.remove(0));
        pairs.push((Some(i), partner));
    }
    pairs.extend(free.into_iter().map(|j| (None, Some(j))));
}

/// The places of a longest common subsequence. Sequences too long for a table are compared place by place: there only
/// whether they are equal matters.
fn common<K: PartialEq, L: PartialEq>(left: &[(L, K)], right: &[(L, K)]) -> Vec<(usize, usize)> {
    const TABLE: usize = 4_000_000;
    let (rows, columns) = (left.len(), right.len());
    if rows.saturating_mul(columns) > TABLE {
        return (0..rows.min(columns))
            .filter(|place| left[*place] == right[*place])
            .map(|p| (p, p))
            .collect();
    }
    let width = columns + 1;
    let mut longest = vec![0_u32; (rows + 1) * width];
    for i in (0..rows).rev() {
        for j in (0..columns).rev() {
            longest[i * width + j] = if left[i] == right[j] {
                longest[(i + 1) * width + j + 1] + 1
            } else {
                longest[(i + 1) * width + j].max(longest[i * width + j + 1])
            };
        }
    }
    let (mut i, mut j, mut places) = (0, 0, Vec::new());
    while i < rows && j < columns {
        if left[i] == right[j] {
            places.push((i, j));
            (i, j) = (i + 1, j + 1);
        } else if longest[(i + 1) * width + j] >= longest[i * width + j + 1] {
            i += 1;
        } else {
            j += 1;
        }
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<(char, char)> {
        text.chars().map(|letter| (letter.to_ascii_lowercase(), letter)).collect()
    }

    #[test]
    fn equal_sequences_pair_place_by_place() {
        assert_eq!(
            align(&kinds("abc"), &kinds("abc")),
            [(Some(0), Some(0)), (Some(1), Some(1)), (Some(2), Some(2))]
        );
    }

    #[test]
    fn a_missing_item_stands_alone_and_the_rest_still_pairs() {
        assert_eq!(
            align(&kinds("abc"), &kinds("ac")),
            [(Some(0), Some(0)), (Some(1), None), (Some(2), Some(1))]
        );
        assert_eq!(
            align(&kinds("ac"), &kinds("abc")),
            [(Some(0), Some(0)), (None, Some(1)), (Some(1), Some(2))]
        );
    }

    #[test]
    fn an_altered_item_faces_the_one_of_its_kind() {
        assert_eq!(
            align(&kinds("abc"), &kinds("aBc")),
            [(Some(0), Some(0)), (Some(1), Some(1)), (Some(2), Some(2))]
        );
        assert_eq!(align(&kinds("axc"), &kinds("ayc")).len(), 4);
    }
}
