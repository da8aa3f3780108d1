//! The loader and the schema, held to each other.

mod agreement;
mod mutations;
mod sections;
mod shipped;

pub(in crate::suite) use agreement::assert_agreement;
