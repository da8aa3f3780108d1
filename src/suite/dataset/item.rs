//! What a row says before the entry's own mapping.

use crate::suite::node::Node;

/// A case to be: the columns that templates see, and what a published format knows of it.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Item {
    /// The columns, a compact JSON object.
    pub(super) columns: String,
    /// What is expected, as JSON.
    pub(super) expect: Option<String>,
    /// Its id in the published set.
    pub(super) id: Option<String>,
    /// Its tags.
    pub(super) tags: Vec<String>,
    /// Graders of this case alone, a list as a suite writes it; else the format's.
    pub(super) graders: Option<Node>,
}

impl Item {
    /// A row as it is.
    pub(super) fn of_columns(columns: String) -> Self {
        Self { columns, ..Self::default() }
    }
}
