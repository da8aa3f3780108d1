//! A CSV file as a test reads it.

use std::collections::BTreeMap;
use std::path::Path;

use crate::suite::Suite;

/// The columns of `results.csv`, in order.
pub(crate) const RESULT_COLUMNS: &str = "suite,model,model_id,prompt,case,repeat,verdict,score,expected,output,\
     reasoning,error_kind,error,grades,attempts,latency_ms,ttft_ms,queue_ms,prompt_tokens,completion_tokens,\
     reasoning_tokens,cached_tokens,tokens_per_s,cost_usd,cost_source,served_model,provider,finish_reason,\
     generation_id,tags,started_at";

/// The columns of `summary.csv`, in order.
pub(crate) const SUMMARY_COLUMNS: &str = "suite,model,model_id,prompt,cells,pass,fail,timeout,error,skipped,accuracy,\
     accuracy_low,accuracy_high,score_mean,latency_p50_ms,latency_p95_ms,latency_mean_ms,ttft_p50_ms,ttft_p95_ms,\
     tokens_per_s_p50,prompt_tokens,completion_tokens,cost_usd,cost_per_pass_usd,attempts,retries,fallbacks,wall_s";

/// Rows with named fields.
#[derive(Debug, Clone)]
pub(crate) struct Table {
    pub(crate) header: Vec<String>,
    pub(crate) rows: Vec<Row>,
}

/// One row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Row(BTreeMap<String, String>);

impl Row {
    /// A field's text.
    #[track_caller]
    pub(crate) fn get(&self, column: &str) -> &str {
        self.0.get(column).unwrap_or_else(|| panic!("no column {column} in {self:?}"))
    }

    /// A field as a number.
    #[track_caller]
    pub(crate) fn number(&self, column: &str) -> f64 {
        let text = self.get(column);
        text.parse().unwrap_or_else(|_| panic!("{column} is {text:?}, not a number, in {self:?}"))
    }
}

impl Table {
    #[track_caller]
    pub(crate) fn read(path: &Path) -> Self {
        let bytes = std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        Self::parse(&bytes)
    }

    #[track_caller]
    pub(crate) fn parse(bytes: &[u8]) -> Self {
        let mut reader = csv::Reader::from_reader(bytes);
        let header: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
        let named = |record: csv::StringRecord| {
            Row(header.iter().cloned().zip(record.iter().map(str::to_owned)).collect::<BTreeMap<_, _>>())
        };
        let rows = reader.records().map(|record| named(record.unwrap())).collect();
        Self { header, rows }
    }

    /// The rows of one model.
    pub(crate) fn of(&self, model: &str) -> Vec<&Row> {
        self.rows.iter().filter(|row| row.get("model") == model).collect()
    }

    /// The only row of a model.
    #[track_caller]
    pub(crate) fn one(&self, model: &str) -> &Row {
        let rows = self.of(model);
        assert_eq!(rows.len(), 1, "rows of {model}");
        rows[0]
    }

    /// The only row of a model's case.
    #[track_caller]
    pub(crate) fn one_of(&self, model: &str, case: &str) -> &Row {
        let rows: Vec<&Row> = self.of(model).into_iter().filter(|row| row.get("case") == case).collect();
        assert_eq!(rows.len(), 1, "rows of {model} {case}");
        rows[0]
    }

    /// How many rows of a model have which verdict: `pass 3, timeout 1`, in the order of the words.
    pub(crate) fn verdicts(&self, model: &str) -> String {
        let mut counts = BTreeMap::new();
        for row in self.of(model) {
            *counts.entry(row.get("verdict")).or_insert(0) += 1;
        }
        counts.iter().map(|(verdict, count)| format!("{verdict} {count}")).collect::<Vec<_>>().join(", ")
    }

    /// Every planned cell is there exactly once, in plan order.
    #[track_caller]
    pub(crate) fn holds_the_plan_of(&self, suite: &Suite) -> &Self {
        let field = |row: &Row, column: &str| row.get(column).to_owned();
        let rows: Vec<_> =
            self.rows.iter().map(|row| (field(row, "model"), field(row, "case"), field(row, "repeat"))).collect();
        let plan = suite.plan();
        if rows != plan {
            let missing: Vec<_> = plan.iter().filter(|cell| !rows.contains(cell)).take(5).collect();
            let extra: Vec<_> = rows.iter().filter(|cell| !plan.contains(cell)).take(5).collect();
            panic!("{} rows for {} cells, missing {missing:?}, extra {extra:?}", rows.len(), plan.len());
        }
        self
    }
}
