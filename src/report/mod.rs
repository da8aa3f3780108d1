//! Journal → [`Summary`] → bytes: one file per format. Everything is in plan order, so the same journal gives the same
//! bytes whatever the order in which cells ended.
//!
//! In: a run's folder (manifest and journal). Out: a [`Run`] that can be asked for its summary and streamed cell by
//! cell, and writers that turn it into a table, CSV or JSON.
