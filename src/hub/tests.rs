//! The client against a hub of its own.
