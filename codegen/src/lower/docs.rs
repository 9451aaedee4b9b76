//! Prose of a spec into the lines of a doc comment.

/// Widest line of a paragraph.
const WIDTH: usize = 100;

/// Paragraphs of a doc comment, wrapped. Empty ones are left out.
pub(crate) fn comment<I: IntoIterator<Item = String>>(paragraphs: I) -> Vec<String> {
    let mut lines = Vec::new();
    for paragraph in paragraphs.into_iter().filter(|paragraph| !paragraph.trim().is_empty()) {
        if !lines.is_empty() {
            lines.push(String::new());
        }
        wrap(&paragraph, &mut lines);
    }
    lines
}

/// Text on one line, without what cannot be seen. Marks that turn the direction of writing could make code
/// look like something else.
pub(crate) fn one_line(text: &str) -> String {
    let visible = |c: &char| (c.is_whitespace() || !c.is_control()) && !turns_direction(*c);
    text.chars().filter(visible).collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
}

fn turns_direction(character: char) -> bool {
    matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Plain text as one Markdown paragraph: nothing in it means more than it says, except code spans.
pub(crate) fn escape(text: &str) -> String {
    let text = one_line(text);
    let pieces: Vec<&str> = text.split('`').collect();
    let balanced = pieces.len() % 2 == 1;
    let mut output = String::new();
    for (index, piece) in pieces.iter().enumerate() {
        if index > 0 {
            output.push_str(if balanced { "`" } else { "\\`" });
        }
        if balanced && index % 2 == 1 {
            output.push_str(piece);
        } else {
            escape_plain(piece, index == 0, &mut output);
        }
    }
    output
}

fn escape_plain(text: &str, begins: bool, output: &mut String) {
    let mut rest = text;
    if begins {
        // A list, heading or quotation would begin here.
        let digits = rest.trim_start_matches(|c: char| c.is_ascii_digit());
        if rest.starts_with(['#', '-', '+', '>', '=', '|']) {
            output.push('\\');
        } else if digits.starts_with(['.', ')']) {
            output.push_str(rest.strip_suffix(digits).unwrap_or_default());
            if digits.len() < rest.len() {
                output.push('\\');
            }
            rest = digits;
        }
    }
    let mut before = ' ';
    while let Some(character) = rest.chars().next() {
        if let Some((url, tail)) = split_url(rest) {
            output.extend(["<", url, ">"]);
            (before, rest) = ('>', tail);
            continue;
        }
        rest = rest.strip_prefix(character).unwrap_or_default();
        let inside_a_word = before.is_alphanumeric() && rest.starts_with(char::is_alphanumeric);
        match character {
            '[' | ']' | '<' | '*' | '\\' | '~' | '&' => output.push('\\'),
            '_' if !inside_a_word => output.push('\\'),
            _ => {}
        }
        output.push(character);
        before = character;
    }
}

/// The web address at the beginning of `text`, and the rest.
fn split_url(text: &str) -> Option<(&str, &str)> {
    if !text.starts_with("https://") && !text.starts_with("http://") {
        return None;
    }
    let end = text.find(|c: char| c.is_whitespace() || !c.is_ascii() || "<>\"`".contains(c)).unwrap_or(text.len());
    let url = text.get(..end)?.trim_end_matches(['.', ',', ';', ':', ')', ']', '!', '?']);
    Some((url, text.strip_prefix(url)?)).filter(|(url, _)| url.len() > "https://".len())
}

/// A value as a code span; `None` when it is too long or has several lines.
pub(crate) fn code(value: &str) -> Option<String> {
    const LONGEST: usize = 80;
    let hidden = |c: char| c.is_control() || turns_direction(c);
    if value.trim().is_empty() || value.chars().count() > LONGEST || value.chars().any(hidden) {
        return None;
    }
    Some(if value.contains('`') { format!("`` {value} ``") } else { format!("`{value}`") })
}

/// An API name as a code span, whatever it contains.
pub(crate) fn name(name: &str) -> String {
    code(name).unwrap_or_else(|| escape(name))
}

fn wrap(paragraph: &str, lines: &mut Vec<String>) {
    let mut line = String::new();
    for word in paragraph.split(' ') {
        let width = line.chars().count() + 1 + word.chars().count();
        if !line.is_empty() && width > WIDTH && !begins_a_block(word) {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines.push(line);
}

/// Whether Markdown would take a line that begins with the word for something else than text.
fn begins_a_block(word: &str) -> bool {
    word.starts_with(['#', '-', '+', '*', '>', '=', '|', '~'])
        || word.ends_with(['.', ')']) && word.starts_with(|c: char| c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_means_what_it_says() {
        let table = [
            ("Maps [a] to <b> & *c*", r"Maps \[a\] to \<b> \& \*c\*"),
            ("snake_case _emphasis_", r"snake_case \_emphasis\_"),
            ("keeps `Vec<T>` spans", "keeps `Vec<T>` spans"),
            ("a ` alone", r"a \` alone"),
            ("See https://example.com/a_b.", "See <https://example.com/a_b>."),
            ("# no heading", r"\# no heading"),
            ("1. no list", r"1\. no list"),
            ("two\n  lines", "two lines"),
        ];
        for (text, markdown) in table {
            assert_eq!(escape(text), markdown);
        }
    }

    #[test]
    fn long_paragraphs_wrap_without_beginning_a_list() {
        let text = format!("{} - dash {}", "word ".repeat(19).trim_end(), "more ".repeat(10).trim_end());
        let lines = comment([text.clone(), String::new(), "Second.".to_owned()]);
        assert!(lines.len() > 3 && lines.iter().all(|line| !line.starts_with('-')), "{lines:#?}");
        assert_eq!(lines[lines.len() - 2..], [String::new(), "Second.".to_owned()]);
        assert_eq!(lines[..lines.len() - 2].join(" "), text);
    }
}
