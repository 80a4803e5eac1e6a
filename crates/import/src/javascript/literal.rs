//! Numbers and escape sequences of JavaScript.

/// A number of JavaScript (ECMAScript, 12.9.3).
pub(super) fn number(text: &str) -> Option<f64> {
    let text = text.replace('_', "");
    let whole = |digits: &str, base| u32::from_str_radix(digits, base).ok().map(f64::from);
    match text.get(..2) {
        Some("0x" | "0X") => whole(text.get(2..)?, 16),
        Some("0b" | "0B") => whole(text.get(2..)?, 2),
        Some("0o" | "0O") => whole(text.get(2..)?, 8),
        Some(legacy) if legacy.starts_with('0') && legacy.bytes().all(|it| it.is_ascii_digit()) => None,
        _ => text.parse().ok(),
    }
}

/// An escape sequence (ECMAScript, 12.9.4).
pub(super) fn unescape(sequence: &str, text: &mut String) {
    let escaped = sequence.strip_prefix('\\').unwrap_or(sequence);
    let code = |digits: &str| u32::from_str_radix(digits, 16).ok();
    let unit = match escaped.split_at_checked(1) {
        Some(("x", digits)) => code(digits),
        Some(("u", digits)) => code(digits.trim_start_matches('{').trim_end_matches('}')),
        Some(("n", "")) => Some(0x0a),
        Some(("r", "")) => Some(0x0d),
        Some(("t", "")) => Some(0x09),
        Some(("b", "")) => Some(0x08),
        Some(("f", "")) => Some(0x0c),
        Some(("v", "")) => Some(0x0b),
        Some(("0", "")) => Some(0),
        // A line break after a backslash is left out.
        Some(("\n" | "\r", _)) => return,
        _ => {
            text.push_str(escaped);
            return;
        }
    };
    text.push(unit.and_then(char::from_u32).unwrap_or('\u{fffd}'));
}
