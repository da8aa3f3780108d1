//! What comparing answers two at a time says of the models: the section under the table, and in JSON.

use comfy_table::presets::NOTHING;
use comfy_table::{CellAlignment, ContentArrangement, LineStyle, Table};
use serde_json::{Value, json};

use super::number::grouped;
use crate::journal::{Manifest, RunFolder, may_have_cost};
use crate::pairwise::{PairRecord, Standing, Standings, StoreError, Tally, read_comparisons};
use crate::suite::fingerprint_of;
use crate::text;
use crate::units::{Usd, human_usd};

/// A run's comparisons, summed up.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparisons {
    /// The judge's name.
    pub judge: String,
    /// Win rates and ranking.
    pub standings: Standings,
    /// Questions the judge was asked.
    pub calls: u64,
    /// What they cost, as far as reported, added up exactly.
    pub cost_known: Usd,
    /// Questions some of whose cost is not known.
    pub cost_unknown: u64,
}

impl Comparisons {
    /// Reads a run's comparisons by the judge and rubric that its manifest names; `None` where it names none.
    ///
    /// # Errors
    /// Where they cannot be read.
    pub(super) fn read<C>(folder: &RunFolder, manifest: &Manifest<C>) -> Result<Option<Self>, StoreError> {
        if manifest.pairwise.is_null() {
            return Ok(None);
        }
        let records = read_comparisons(folder, &fingerprint_of(&manifest.pairwise))?;
        let models: Vec<String> = manifest.models.iter().map(|model| model.name.clone()).collect();
        let mut tally = Tally::new(&models);
        let mut all = Self {
            judge: manifest.pairwise.get("model").and_then(Value::as_str).unwrap_or_default().to_owned(),
            standings: tally.standings(0),
            calls: 0,
            cost_known: Usd::ZERO,
            cost_unknown: 0,
        };
        for record in &records {
            tally.add(record);
            all.add_asks(record);
        }
        all.standings = tally.standings(manifest.seed);
        Ok(Some(all))
    }

    fn add_asks(&mut self, record: &PairRecord) {
        for ask in &record.asks {
            self.calls += 1;
            self.cost_known += ask.cost.unwrap_or_default();
            let unknown = ask.attempts.iter().any(|attempt| {
                let kind = attempt.error.as_ref().map(|error| error.kind.as_str());
                may_have_cost(attempt.cost, kind, attempt.ttft_ms)
            });
            self.cost_unknown += u64::from(unknown);
        }
    }

    /// What was compared, in a line.
    pub(super) fn heading(&self) -> String {
        let judge = text::fit(&self.judge, 48);
        let Standings { order, failed, .. } = &self.standings;
        match (order.compared, failed) {
            (0, 0) => format!("Pairwise by {judge}: nothing was compared"),
            (0, n) => {
                let failed = plural(*n, "comparison");
                format!("Pairwise by {judge}: nothing was compared: {failed} could not be had or read")
            }
            (n, _) => format!("Pairwise by {judge} · {}, each in both orders", plural(n, "comparison")),
        }
    }

    /// What has to be known beside the table, a line each.
    pub(super) fn facts(&self) -> Vec<String> {
        let order = &self.standings.order;
        let mut facts = Vec::new();
        if let Some(share) = order.first_share() {
            facts.push(format!("The answer shown first was picked in {:.1}% of the decisions", 100.0 * share));
        }
        if order.asked > 0 {
            let turned = 100.0 * (order.asked - order.consistent) as f64 / order.asked as f64;
            facts.push(format!("{turned:.1}% of the comparisons turned with the order and count as ties"));
        }
        if order.asked < order.compared {
            facts.push(format!("{} were of the same answer twice: ties", grouped(order.compared - order.asked)));
        }
        if order.compared > 0 && self.standings.failed > 0 {
            facts.push(format!("{} failed and count for nobody", plural(self.standings.failed, "comparison")));
        }
        let mut lines = vec![facts.join("; ")];
        if self.calls > 0 {
            let bound = if self.cost_unknown > 0 { "≥ " } else { "" };
            let known = format!("{bound}{}", human_usd(self.cost_known));
            let cost = if self.cost_unknown == self.calls { "cost unknown".to_owned() } else { known };
            lines.push(format!("{} of the judge, {cost} (not part of the models' cost)", plural(self.calls, "call")));
        }
        lines.retain(|line| !line.is_empty());
        lines
    }

    /// The models, the strongest first; with less space fewer columns.
    pub(super) fn table(&self, width: usize) -> Vec<String> {
        if self.standings.order.compared == 0 {
            return Vec::new();
        }
        let mut table = Table::new();
        table
            .load_style(NOTHING.header_separator(LineStyle::none().fill('─').junction('─')))
            .set_content_arrangement(ContentArrangement::Disabled)
            .force_no_tty();
        let (intervals, counts) = (width >= 66, width >= 84);
        let mut header = if intervals {
            vec!["model", "win rate", "95% interval", "Elo", "95% interval"]
        } else {
            vec!["model", "win rate", "Elo"]
        };
        if counts {
            header.extend(["won", "tied", "lost"]);
        }
        table.set_header(header);
        for row in &self.standings.rows {
            let percent = |share: f64| format!("{:.1}", 100.0 * share);
            let interval = |interval: Option<(f64, f64)>, show: &dyn Fn(f64) -> String| {
                interval.map_or_else(|| "–".to_owned(), |(low, high)| format!("{}–{}", show(low), show(high)))
            };
            let mut cells = vec![
                text::fit(&row.model, (width / 3).clamp(12, 40)),
                row.win_rate.map_or_else(|| "–".to_owned(), |rate| percent(rate) + "%"),
            ];
            cells.extend(intervals.then(|| interval(row.win_rate_interval, &percent)));
            cells.push(row.rating.map_or_else(|| "–".to_owned(), |rating| format!("{rating:.0}")));
            cells.extend(intervals.then(|| interval(row.rating_interval, &|rating| format!("{rating:.0}"))));
            if counts {
                cells.extend([row.wins, row.ties, row.losses].map(grouped));
            }
            table.add_row(cells);
        }
        let last = table.column_count().saturating_sub(1);
        for (at, column) in table.column_iter_mut().enumerate() {
            column.set_padding((0, u16::from(at != last)));
            if at > 0 {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        table.trim_fmt().lines().map(ToOwned::to_owned).collect()
    }

    /// For `--json`.
    pub(super) fn value(&self) -> Value {
        let order = &self.standings.order;
        json!({
            "judge": self.judge,
            "comparisons": order.compared,
            "failed": self.standings.failed,
            "asked": order.asked,
            "consistent": order.consistent,
            "first_share": order.first_share(),
            "calls": self.calls,
            "cost_usd": (self.cost_unknown == 0).then_some(self.cost_known),
            "cost_known_usd": self.cost_known,
            "cost_unknown_calls": self.cost_unknown,
            "models": self.standings.rows.iter().map(standing).collect::<Vec<_>>(),
        })
    }
}

fn standing(row: &Standing) -> Value {
    let low = |interval: Option<(f64, f64)>| interval.map(|(low, _)| low);
    let high = |interval: Option<(f64, f64)>| interval.map(|(_, high)| high);
    json!({
        "model": row.model,
        "wins": row.wins,
        "ties": row.ties,
        "losses": row.losses,
        "win_rate": row.win_rate,
        "win_rate_low": low(row.win_rate_interval),
        "win_rate_high": high(row.win_rate_interval),
        "elo": row.rating,
        "elo_low": low(row.rating_interval),
        "elo_high": high(row.rating_interval),
    })
}

fn plural(n: u64, what: &str) -> String {
    format!("{} {what}{}", grouped(n), if n == 1 { "" } else { "s" })
}
