//! How a list of people is ordered.

use std::cmp::Ordering;

use assent_kernel::PersonId;

use crate::lists::{Value, Word};

/// How a list is ordered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Order {
    /// Who came last, first.
    Newest,
    /// Who came first, first.
    Oldest,
    /// By what stands in a column, as far as it is open; whether the largest comes first.
    By(Word, bool),
}

impl Order {
    /// Reads it from what an address says: a column, or the word of an order. Known since is no value to be asked for.
    pub fn read(sort: Option<(Word, bool)>, word: &str) -> Self {
        match (sort, word) {
            (Some((key, down)), _) if key == "since" => {
                if down {
                    Self::Newest
                } else {
                    Self::Oldest
                }
            }
            (Some((key, down)), _) => Self::By(key, down),
            (None, "oldest") => Self::Oldest,
            (None, _) => Self::Newest,
        }
    }

    /// What stands in an address; nothing for what is usual.
    pub fn pair(&self) -> Option<(&'static str, String)> {
        match self {
            Self::Newest => None,
            Self::Oldest => Some(("order", "oldest".into())),
            Self::By(key, down) => Some(("sort", format!("{}{key}", if *down { "-" } else { "" }))),
        }
    }

    /// The column by whose values it is ordered.
    pub fn column(&self) -> Option<&str> {
        match self {
            Self::By(key, _) => Some(key),
            Self::Newest | Self::Oldest => None,
        }
    }
}

/// People by a value as far as it is open whole; whoever's is not comes last, by id, so that the order tells nothing.
pub fn by_value(rated: Vec<(PersonId, Value)>, down: bool) -> Vec<PersonId> {
    let mut all: Vec<_> = rated.into_iter().map(|(id, value)| (id, value.known())).collect();
    all.sort_by(|(one, a), (other, b)| {
        let order = match (a, b) {
            (None, None) => Ordering::Equal,
            (None, Some(_)) => Ordering::Greater,
            (Some(_), None) => Ordering::Less,
            (Some(a), Some(b)) if down => b.compare(a),
            (Some(a), Some(b)) => a.compare(b),
        };
        order.then_with(|| one.cmp(other))
    });
    all.into_iter().map(|(id, _)| id).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closed_values_come_last_by_id_either_way() {
        let id = |n: u8| PersonId::from_bytes([n; 16]);
        let text = |text: Option<&str>| Value::Text(text.map(str::to_owned));
        let rated = || {
            vec![
                (id(4), text(None)),
                (id(3), text(Some("Zoë"))),
                (id(2), text(None)),
                (id(1), text(Some("ämil"))),
                (id(5), text(Some("Bo"))),
            ]
        };
        assert_eq!(by_value(rated(), false), [id(1), id(5), id(3), id(2), id(4)]);
        assert_eq!(by_value(rated(), true), [id(3), id(5), id(1), id(2), id(4)]);
    }
}
