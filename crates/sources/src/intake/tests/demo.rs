//! The export of the demo world: sixty rows, of which three are broken and two are duplicates.

use assent_kernel::grant::{Act, Evidence, ObjectionScope, Said};
use assent_kernel::uses::kind::{Message, View};
use assent_kernel::{Asker, Role, Span};
use assent_testkit::{category, purpose};

use super::house::*;
use crate::intake::model::{Rules, Stand, State};
use crate::intake::{MapFile, Order, run, run_import_cli};
