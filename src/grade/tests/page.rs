//! `docs/graders.md` tells of every family.

use super::FAMILIES;

const PAGE: &str = include_str!("../../../docs/graders.md");

/// The families that a heading of the page names, and where it is linked to.
fn sections() -> Vec<(String, String)> {
    let headings = PAGE.lines().filter_map(|line| line.strip_prefix("### "));
    let named = |heading: &str| {
        let anchor = heading.replace(", ", "-");
        heading.split(", ").map(|name| (name.to_owned(), anchor.clone())).collect::<Vec<_>>()
    };
    headings.flat_map(named).collect()
}

#[test]
fn every_family_has_its_section_in_the_order_of_the_registry() {
    let named: Vec<String> = sections().into_iter().map(|(name, _)| name).collect();
    let registered: Vec<&str> = FAMILIES.iter().map(|family| family.name).collect();
    assert_eq!(named, registered);
}

#[test]
fn the_table_at_the_top_has_a_line_for_every_family() {
    let rows: Vec<&str> = PAGE.lines().filter(|line| line.starts_with('|') && line.contains("| [`")).collect();
    let wanted: Vec<String> = FAMILIES
        .iter()
        .zip(sections())
        .map(|(family, (_, anchor))| format!("| [`{}`](#{anchor}) | {} |", family.name, family.about))
        .collect();
    assert_eq!(rows.len(), wanted.len());
    for (row, wanted) in rows.iter().zip(&wanted) {
        assert!(row.ends_with(wanted.as_str()), "{row}\nshould end in {wanted}");
    }
}

#[test]
fn fences_are_closed_and_tables_have_their_heads() {
    let mut inside = false;
    let mut before = "";
    for line in PAGE.lines() {
        if line.starts_with("```") && line != "```" {
            assert!(!inside, "a block begins inside another: {line}");
        }
        inside ^= line.starts_with("```");
        let begins = !inside && line.starts_with('|') && before.is_empty();
        let head = !begins || PAGE.contains(&format!("{line}\n| ---"));
        assert!(head, "a table without a head: {line}");
        before = line;
    }
    assert!(!inside);
}
