//! `where` and `sample`: which rows are asked.

use insta::assert_snapshot;

use super::support::{ROWS, files, ids, suite_of};

#[test]
fn rows_that_the_expression_is_not_true_of_are_dropped() {
    for (filter, wanted) in [
        ("lang == 'de'", "a c"),
        ("\"{{ lang == 'de' and score | int > 3 }}\"", "a"),
        ("\"row['lang'] in ['en', 'fr'] or q == 'c'\"", "b c d"),
    ] {
        let folder =
            files(&format!("dataset: {{ path: r.csv, id: \"{{{{ q }}}}\", where: {filter} }}"), &[("r.csv", ROWS)]);
        assert_eq!(ids(&suite_of(&folder)).join(" "), wanted, "{filter}");
    }
    let folder =
        files("dataset: { path: r.csv, id: \"{{ q }}\", where: \"lang == 'de'\", limit: 1 }", &[("r.csv", ROWS)]);
    assert_eq!(ids(&suite_of(&folder)), ["a"], "what is dropped does not count towards the limit");
    assert_eq!(suite_of(&folder).datasets[0].rows, 1);
}

#[test]
fn mistakes_in_where_are_told_once() {
    let said = |filter: &str| files(&format!("dataset: {{ path: r.csv, where: {filter} }}"), &[("r.csv", ROWS)]).said();
    assert_snapshot!(said("\"{{ lagn == 'de' }}\""), @r#"
    error: dataset.where: `lagn` is undefined in row 1 of r.csv and 3 more rows
     --> suite.yaml:4:36
      |
    4 | dataset: { path: r.csv, where: "{{ lagn == 'de' }}" }
      |                                    ^^^^
      |
      = help: did you mean `lang`?

    1 error
    "#);
    assert_snapshot!(said("score > 3 and lang == 'de'"), @r#"
    error: dataset.where: `score` is a text here, compared with the number 3 in row 1 of r.csv and 3 more rows
     --> suite.yaml:4:32
      |
    4 | dataset: { path: r.csv, where: score > 3 and lang == 'de' }
      |                                ^^^^^
      |
      = help: make a number of it: `score | int > 3`

    1 error
    "#);
    assert_snapshot!(said("lang = 'de'"), @r#"
    error: dataset.where: template syntax: unexpected input after expression
     --> suite.yaml:4:37
      |
    4 | dataset: { path: r.csv, where: lang = 'de' }
      |                                     ^
      |
      = help: values are compared with `==`

    1 error
    "#);
    assert_snapshot!(said("lang == 'it'"), @r#"
    error: dataset.where: no row is left: all 4 were dropped
     --> suite.yaml:4:32
      |
    4 | dataset: { path: r.csv, where: lang == 'it' }
      |                                ^^^^^^^^^^^^
      |
      = help: only rows that the expression is true of are asked

    1 error
    "#);
    assert_snapshot!(said("true"), @r#"
    error: dataset.where: `true` for every row
     --> suite.yaml:4:32
      |
    4 | dataset: { path: r.csv, where: true }
      |                                ^^^^
      |
      = help: it is an expression over the columns: `where: "lang == 'de'"`

    1 error
    "#);
    assert_snapshot!(said("[lang]"), @r#"
    error: dataset.where: expected an expression over the columns, found a list
     --> suite.yaml:4:32
      |
    4 | dataset: { path: r.csv, where: [lang] }
      |                                ^^^^^^
      |
      = help: write for example `where: "lang == 'de'"`

    1 error
    "#);
}

#[test]
fn a_sample_is_the_same_each_time_and_in_the_order_of_the_file() {
    let rows: String =
        (0..200).map(|n| format!("{n:03},{}\n", ["x", "y"][usize::from(n < 190)])).collect::<Vec<_>>().concat();
    let rows = format!("q,kind\n{rows}");
    let sampled = |how: &str| {
        let folder = files(&format!("dataset: {{ path: r.csv, id: \"{{{{ q }}}}\"{how} }}"), &[("r.csv", &rows)]);
        let suite = suite_of(&folder);
        assert_eq!(suite.datasets[0].cases, suite.cases.len() as u64);
        ids(&suite).into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    let ten = sampled(", sample: 10");
    assert!(ten.len() == 10 && ten.is_sorted());
    assert_eq!(ten, sampled(", sample: { size: 10, seed: 0 }"));
    assert_ne!(ten, sampled(", sample: { size: 10, seed: 1 }"));
    assert!(ten.iter().all(|id| sampled(", sample: 50").contains(id)), "a larger sample holds the smaller");
    let even = sampled(", sample: { size: 12, by: kind }");
    assert_eq!(even.iter().filter(|id| id.as_str() >= "190").count(), 6);
    // First the sample, then its order, then how many of it.
    let cut = sampled(", sample: 10, shuffle: 3, limit: 4");
    assert!(cut.iter().all(|id| ten.contains(id)) && cut.len() == 4 && !cut.is_sorted(), "{cut:?}");
    assert_eq!(sampled(", where: \"q >= '150'\", sample: 300").len(), 50);
}

#[test]
fn samples_that_cannot_be_taken() {
    let said =
        |sample: &str| files(&format!("dataset: {{ path: r.csv, sample: {sample} }}"), &[("r.csv", ROWS)]).said();
    assert_snapshot!(said("9"), @r#"
    warning: there are no graders: every answer counts as a pass
     --> suite.yaml:1:1
      |
    1 | name: t
      | ^^^^^^^
      |
      = help: write for example `graders: [exact]`, with `expect` on each case

    warning: dataset.sample: a sample of 9, but there are only 4 rows: all are asked
     --> suite.yaml:4:33
      |
    4 | dataset: { path: r.csv, sample: 9 }
      |                                 ^
      |
      = help: leave `sample` out to ask every row

    2 warnings
    "#);
    assert_snapshot!(said("{ size: 2, by: lnag }"), @r#"
    error: dataset.sample.by: there is no column `lnag` to sample by in row 1 of r.csv and 3 more rows
     --> suite.yaml:4:48
      |
    4 | dataset: { path: r.csv, sample: { size: 2, by: lnag } }
      |                                                ^^^^
      |
      = help: did you mean `lang`?

    1 error
    "#);
    assert_snapshot!(said("{ sise: 2, seed: x }"), @r#"
    error: dataset.sample: `size` is missing
     --> suite.yaml:4:25
      |
    4 | dataset: { path: r.csv, sample: { sise: 2, seed: x } }
      |                         ^^^^^^

    error: dataset.sample.sise: unknown key
     --> suite.yaml:4:35
      |
    4 | dataset: { path: r.csv, sample: { sise: 2, seed: x } }
      |                                   ^^^^
      |
      = help: did you mean `size`?

    error: dataset.sample.seed: expected a whole number as seed, found the text `x`
     --> suite.yaml:4:50
      |
    4 | dataset: { path: r.csv, sample: { sise: 2, seed: x } }
      |                                                  ^
      |
      = help: write for example `42`

    3 errors
    "#);
    assert_snapshot!(said("0"), @r#"
    error: dataset.sample: must be at least 1
     --> suite.yaml:4:33
      |
    4 | dataset: { path: r.csv, sample: 0 }
      |                                 ^
      |
      = help: leave `sample` out to ask every row

    1 error
    "#);
}

#[test]
fn rows_that_are_not_sampled_are_checked_too() {
    let said =
        files("graders: [exact]\ndataset: { path: r.csv, expect: \"{{ nope }}\", sample: 1 }", &[("r.csv", ROWS)])
            .said();
    assert!(said.contains("`nope` is undefined in row 1 of r.csv and 3 more rows"), "{said}");
}
