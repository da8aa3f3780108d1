//! What a judge said of two answers, as it is kept in `pairwise.jsonl`.

use serde::{Deserialize, Serialize};

/// Which of two answers is better. `A` and `B` are models, never places in the question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Pick {
    /// The first model's.
    A,
    /// The second model's.
    B,
    /// Neither.
    Tie,
}

/// One answer of the judge.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Opinion {
    /// Which answer it takes for the better one.
    pub pick: Pick,
    /// Why, in its words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// Two models' answers to one question, compared in both orders.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PairRecord {
    /// Fingerprint of judge and rubric.
    pub by: String,
    /// Fingerprint of both answers: where one was given anew, they are compared anew.
    pub answers: String,
    /// The prompt's id.
    pub prompt: String,
    /// The case's id.
    pub case: String,
    /// The k-th time the case was asked, from 1.
    pub repeat: u32,
    /// A model's name; before `b` in plan order.
    pub a: String,
    /// Another model's name.
    pub b: String,
    /// What the judge said where `a`'s answer stood first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub a_first: Option<Opinion>,
    /// What the judge said where `b`'s answer stood first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub b_first: Option<Opinion>,
    /// Both gave the same answer: a tie, of which nobody has to be asked.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub same: bool,
    /// Why an order has no opinion.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// The judge's calls.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub asks: Vec<crate::journal::AskRecord>,
}

impl PairRecord {
    /// Who wins: a model that is picked in both orders. Any other two opinions are a tie: a judge that changes its mind
    /// with the order has not told the two apart (Zheng et al. 2023, "Judging LLM-as-a-Judge", §3.4). `None` where an
    /// order has no opinion.
    pub fn winner(&self) -> Option<Pick> {
        if self.same {
            return Some(Pick::Tie);
        }
        let (a_first, b_first) = (self.a_first.as_ref()?.pick, self.b_first.as_ref()?.pick);
        Some(if a_first == b_first { a_first } else { Pick::Tie })
    }

    /// Whether both orders have an opinion.
    pub fn is_whole(&self) -> bool {
        self.winner().is_some()
    }

    /// Which comparison it is, whatever came of it.
    pub fn key(&self) -> (&str, &str, u32, &str, &str) {
        (&self.prompt, &self.case, self.repeat, &self.a, &self.b)
    }
}
