//! The interface for programs, told once: each room lists its [`Operation`]s as data, and from that one list come the
//! routes, the OpenAPI document and the page that explains them. They cannot drift, because there is only one of them.
//!
//! A program calls with a key. The key is bound to a role and to a purpose, so a call asks the same question at the door
//! as a colleague of that role would, and is written down like one.

mod call;
mod guide;
mod once;
mod openapi;
mod operation;
mod quota;
mod router;
pub mod shape;
mod told;

pub use call::{Call, Cursor, Reply, cut, mark, moved};
pub use openapi::document;
pub use operation::{Access, Body, Operation, Run};
pub use quota::{Asked, Quota};
pub use router::{routes, routes_within};
pub use shape::{Field, Like, Shape, page_fields};
