//! People, for programs: the same verbs as the pages, asked for the key's role and purpose.

mod along;
mod deleted;
mod erase;
mod fields;
mod files;
mod joined;
mod people;
mod told;
mod values;

use assent_web::api::Operation;

use super::act;
use crate::frame::words;

/// The chapter that these belong to.
const CHAPTER: &str = "People";
/// An id for examples.
const PER: &str = "per_01jx6sk9c0000000000000000a";
/// An id for examples.
const FCT: &str = "fct_01jx6sk9c0000000000000000b";

/// Everything that programs can do here.
pub fn operations() -> Vec<Operation> {
    let mut all = people::operations();
    all.extend(values::operations());
    all.extend(deleted::operations());
    all.extend(files::operations());
    all.extend(told::operations());
    all.push(fields::operation());
    all.push(erase::erase_person());
    all.extend(along::operations());
    all.extend(joined::operations());
    all
}
