//! Which numbers of people may be told. Fewer than five are not, and when only one number is left out, or all that are
//! left out are few together, the next smallest goes too: otherwise it could be worked out from the total.

/// The fewest people that are told as a number.
pub const LEAST: u64 = 5;

/// For each part of a whole whose number is known: whether it may be told. Nobody at all may.
pub fn hide(parts: &[u64]) -> Vec<bool> {
    let mut told: Vec<bool> = parts.iter().map(|n| *n == 0 || *n >= LEAST).collect();
    loop {
        let out = || parts.iter().zip(&told).filter(|(_, told)| !**told).map(|(n, _)| *n);
        let (count, sum) = (out().count(), out().sum::<u64>());
        if count == 0 || count > 1 && sum >= LEAST {
            return told;
        }
        let left = (0..).zip(parts.iter().zip(&told)).filter(|(_, (n, told))| **told && **n > 0);
        let next: Option<usize> = left.min_by_key(|(_, (n, _))| **n).map(|(at, _)| at);
        match next.and_then(|at| told.get_mut(at)) {
            Some(one) => *one = false,
            None => return told,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_people_are_not_told_nor_what_would_tell_them() {
        assert_eq!(hide(&[100, 40, 12]), [true, true, true]);
        assert_eq!(hide(&[100, 0, 12]), [true, true, true]);
        assert_eq!(hide(&[100, 40, 3]), [true, false, false], "the next smallest goes with it");
        assert_eq!(hide(&[100, 2, 2]), [false, false, false], "four together are few");
        assert_eq!(hide(&[100, 2, 2, 50]), [true, false, false, false]);
        assert_eq!(hide(&[100, 4, 4, 50]), [true, false, false, true]);
        assert_eq!(hide(&[3]), [false]);
        assert_eq!(hide(&[]), Vec::<bool>::new());
    }

    /// Whoever knows the total and what is told works out no hidden number: for each there is another that fits as well.
    #[test]
    fn what_is_hidden_cannot_be_worked_out() {
        for seed in 0u64..4_096 {
            let parts: Vec<u64> = (0..4).map(|n| (seed >> (n * 3)) & 7).collect();
            let told = hide(&parts);
            let hidden: Vec<u64> =
                parts.iter().zip(&told).filter(|(_, told)| !**told).map(|(n, _)| *n).collect();
            let sum: u64 = hidden.iter().sum();
            let everybody: u64 = parts.iter().sum();
            if hidden.is_empty() || everybody < LEAST {
                continue;
            }
            let others = u64::try_from(hidden.len()).unwrap() - 1;
            // Each hidden part is somebody; the others take between one each and all the rest.
            assert!(others >= 1 && sum >= LEAST.max(others + 2), "{parts:?} {told:?}");
        }
    }
}
