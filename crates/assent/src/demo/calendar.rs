//! Days and years, as far as laws that count in calendar years need them.

use assent_kernel::Timestamp;

const DAY: i64 = 86_400_000_000;

/// The year of a time, in UTC (the civil-from-days method: eras of 400 years that begin in March).
pub(crate) fn year(at: Timestamp) -> i64 {
    let days = at.micros().div_euclid(DAY) + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let day_of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    // Day 306 of a year that begins in March is the first of January.
    year_of_era + era * 400 + i64::from(day_of_year >= 306)
}

/// The beginning of a day.
pub(crate) fn date(year: i64, month: i64, day: i64) -> Timestamp {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    Timestamp::from_micros((era * 146_097 + of_era - 719_468) * DAY)
}

/// The end of that calendar year and so many more (exclusive): how German law counts the keeping of invoices.
pub(crate) fn end_of_year_plus(at: Timestamp, years: i64) -> Timestamp {
    date(year(at) + 1 + years, 1, 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_years() {
        assert_eq!(date(1970, 1, 1).micros(), 0);
        assert_eq!(date(2027, 5, 1).micros(), 1_809_129_600_000_000);
        for (y, m, d) in [(2024, 2, 29), (2024, 12, 31), (2025, 1, 1), (2000, 3, 1)] {
            assert_eq!(year(date(y, m, d)), y);
        }
        assert_eq!(end_of_year_plus(date(2025, 7, 9), 8), date(2034, 1, 1));
    }
}
