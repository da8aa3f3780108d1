//! What becomes of rows and cases: `where`, `sample`, `few_shot`, `matrix`, `files`, `include`, `env`.

mod environment;
mod examples;
mod multiplying;
mod picking;
mod sharing;
mod support;
