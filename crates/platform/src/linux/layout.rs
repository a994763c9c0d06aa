//! Comments and blank lines around what is edited.

use toml_edit::{Array, DocumentMut, RawString, Table, Value};

/// Lets the comments of a file without any entry stand before its first table, not after it.
pub(super) fn keep_comments_first(document: &mut DocumentMut, table: &mut Table) {
    let comments = text(Some(document.trailing()));
    if document.is_empty() && !comments.trim().is_empty() {
        table.set_implicit(false);
        table.decor_mut().set_prefix(format!("{}\n\n", comments.trim_end()));
        document.set_trailing("");
    }
}

/// An item of a list, with the lines before it and the comment behind its comma.
struct Item {
    value: Value,
    lead: String,
    tail: String,
}

/// Makes a list hold these names in this order, each with its comments.
///
/// To the parser a comment behind a comma belongs to the next item; to people, to the one before.
pub(super) fn rearrange(list: &mut Array, order: &[String]) {
    let (open, mut old, close) = take_apart(list);
    // Where one item has a line of its own, all get one.
    let indent = old
        .iter()
        .rev()
        .find_map(|item| item.lead.rfind('\n').map(|at| item.lead[at..].to_owned()));
    let first = old.first().map(|item| item.lead.trim_matches('\n').to_owned()).unwrap_or_default();
    let mut before = open;
    list.clear();
    for name in order {
        let known =
            old.iter().position(|item| item.value.as_str().is_some_and(|v| same(v.trim(), name)));
        let mut item = known.map_or_else(
            || Item { value: name.as_str().into(), lead: String::new(), tail: String::new() },
            |place| old.remove(place),
        );
        item.lead = match &indent {
            Some(_) if item.lead.contains('\n') => item.lead,
            Some(indent) => indent.clone(),
            None if list.is_empty() => first.clone(),
            None => " ".into(),
        };
        item.value.decor_mut().set_prefix(joined(&before, &item.lead));
        list.push_formatted(item.value);
        before = item.tail;
    }
    list.set_trailing(joined(&before, &close));
    list.set_trailing_comma(indent.is_some() && !list.is_empty());
}

/// Splits a list into what stands behind its bracket, its items, and what closes it.
fn take_apart(list: &mut Array) -> (String, Vec<Item>, String) {
    let mut items: Vec<Item> = Vec::new();
    let mut open = String::new();
    let mut keep = |items: &mut Vec<Item>, head: &str| match items.last_mut() {
        Some(item) => item.tail.push_str(head),
        None => head.clone_into(&mut open),
    };
    let mut close = text(Some(list.trailing()));
    for value in list.iter() {
        let mut value = value.clone();
        let prefix = text(value.decor().prefix());
        let (head, lead) = split(&prefix);
        keep(&mut items, head);
        let suffix = text(value.decor().suffix());
        value.decor_mut().set_suffix("");
        let mut tail = String::new();
        if items.len() + 1 == list.len() && !list.trailing_comma() {
            // Without a comma at the end, what follows the last item is said to be part of it.
            close.insert_str(0, &suffix);
        } else if suffix.contains('#') {
            suffix.trim_end().clone_into(&mut tail);
        }
        items.push(Item { value, lead: lead.to_owned(), tail });
    }
    let (head, rest) = split(&close);
    keep(&mut items, head);
    let rest = rest.to_owned();
    (open, items, rest)
}

/// Splits at the end of the line; blanks alone belong to what follows.
fn split(text: &str) -> (&str, &str) {
    let (head, rest) = text.split_at(text.find('\n').unwrap_or(0));
    if head.trim().is_empty() { ("", text) } else { (head, rest) }
}

/// Joins a comment and what follows, which must not become part of it.
fn joined(comment: &str, next: &str) -> String {
    let end = if comment.contains('#') && !next.starts_with('\n') { "\n" } else { "" };
    format!("{comment}{end}{next}")
}

fn text(raw: Option<&RawString>) -> String {
    raw.and_then(RawString::as_str).unwrap_or_default().to_owned()
}

/// Compares names as the router does.
pub(super) fn same(a: &str, b: &str) -> bool {
    let (a, b) = (mpr_core::WideString::from(a), mpr_core::WideString::from(b));
    a.as_wide().eq_ignore_case(b.as_wide())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_keep_their_looks() {
        let table = [
            (r#"["a", "b"]"#, "b,c,a", r#"["b", "c", "a"]"#),
            (r#"[ "a" , "b" ]"#, "b,a", r#"[ "b", "a" ]"#),
            ("[\n  \"a\" # A\n  , \"b\",\n]", "a,b", "[\n  \"a\", # A\n  \"b\",\n]"),
            ("[]", "a,b", r#"["a", "b"]"#),
            ("[\n]", "a", "[\"a\"\n]"),
            (r#"["a"]"#, "", "[]"),
            ("[\n  \"a\", # A\n  \"b\", # B\n]", "b,a", "[\n  \"b\", # B\n  \"a\", # A\n]"),
            (
                "[\n  \"a\", # A\n  \"b\" # B\n]",
                "a,b,c",
                "[\n  \"a\", # A\n  \"b\", # B\n  \"c\",\n]",
            ),
            (
                "[ # all\n  # on A\n  \"a\",\n  \"b\",\n]",
                "b,a",
                "[ # all\n  \"b\",\n  # on A\n  \"a\",\n]",
            ),
            ("[\"a\", # A\n \"b\"]", "b,a", "[\n \"b\",\n \"a\", # A\n]"),
        ];
        for (before, order, after) in table {
            let mut document: DocumentMut = format!("x = {before}\n").parse().unwrap();
            let order: Vec<String> =
                order.split(',').filter(|name| !name.is_empty()).map(str::to_owned).collect();
            rearrange(document["x"].as_array_mut().unwrap(), &order);
            let text = document.to_string();
            assert_eq!(text, format!("x = {after}\n"), "{before:?}");
            assert!(text.parse::<DocumentMut>().is_ok());
        }
    }
}
