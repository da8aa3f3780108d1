//! The checks against their published definition, and against everything a case may hold.

mod reference;
