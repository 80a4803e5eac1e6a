//! The segments of a path, and how servers read them.

/// Whether a path reads the same, exactly and loosely: lower-case, nothing encoded, no `;`, no
/// empty segment, none that could be a dot segment.
pub(super) fn is_plain(path: &str) -> bool {
    let (mut previous, mut odd) = (LITERAL, 0);
    for byte in path.bytes() {
        let kind = BYTES.get(usize::from(byte)).copied().unwrap_or(OTHER);
        odd |= (kind & OTHER) | (kind & NOT_AFTER_SLASH & (previous >> 1));
        previous = kind;
    }
    odd == 0 && previous != SLASH && path.starts_with('/')
}

/// A character that stands for itself.
const LITERAL: u8 = 0;
/// Two slashes in a row, and a segment that begins with a dot, are not plain.
const NOT_AFTER_SLASH: u8 = 1;
const DOT: u8 = NOT_AFTER_SLASH;
const SLASH: u8 = NOT_AFTER_SLASH | NOT_AFTER_SLASH << 1;
const OTHER: u8 = 4;

/// What each byte is in a plain path: every byte of every path is asked about.
#[expect(clippy::indexing_slicing, reason = "evaluated while compiling, which would fail")]
const BYTES: [u8; 256] = {
    let mut kinds = [OTHER; 256];
    let mut byte = 0;
    while byte < kinds.len() {
        if is_literal(byte as u8) && !(byte as u8).is_ascii_uppercase() {
            kinds[byte] = LITERAL;
        }
        byte += 1;
    }
    kinds[b'/' as usize] = SLASH;
    kinds[b'.' as usize] = DOT;
    kinds
};

/// Whether URLs hold a character as it is within a segment, and all servers read it so: RFC 3986,
/// `pchar`, without the `;` behind which some see parameters.
pub(super) const fn is_literal(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(
            byte,
            b'-' | b'.'
                | b'_'
                | b'~'
                | b'!'
                | b'$'
                | b'&'
                | b'\''
                | b'('
                | b')'
                | b'*'
                | b'+'
                | b','
                | b'='
                | b':'
                | b'@'
        )
}

/// The segments of an absolute path: `/a/b/` has `a`, `b` and an empty one, the empty stem none.
pub(super) fn segments(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').skip(1)
}

/// The segments as the loosest server reads them: decoded, lower-case, without `;` and what follows
/// it, and without empty ones.
pub(super) fn loose_segments(path: &str) -> impl Iterator<Item = impl Iterator<Item = u8> + Clone> {
    segments(path)
        .map(|segment| decode(segment).take_while(|byte| *byte != b';').map(|byte| byte.to_ascii_lowercase()))
        .filter(|segment| segment.clone().next().is_some())
}

/// Percent-decodes once. What is no escape stands for itself; [`is_unambiguous`] refuses it.
pub(super) fn decode(segment: &str) -> impl Iterator<Item = u8> + Clone {
    let mut bytes = segment.bytes();
    core::iter::from_fn(move || {
        let byte = bytes.next()?;
        if byte != b'%' {
            return Some(byte);
        }
        let mut ahead = bytes.clone();
        match (ahead.next().and_then(hex), ahead.next().and_then(hex)) {
            (Some(high), Some(low)) => {
                bytes = ahead;
                Some(high << 4 | low)
            }
            _ => Some(byte),
        }
    })
}

fn hex(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    }
}

/// Whether a segment reads the same for everyone who decodes it.
pub(super) fn is_unambiguous(segment: &str) -> bool {
    let escapes = segment.split('%').skip(1).all(|escape| {
        let mut bytes = escape.bytes();
        bytes.next().and_then(hex).is_some() && bytes.next().and_then(hex).is_some()
    });
    let harmless = decode(segment).all(|byte| !matches!(byte, b'/' | b'\\' | 0..0x20 | 0x7f));
    let name = || decode(segment).take_while(|byte| *byte != b';');
    let dots = name().all(|byte| byte == b'.') && matches!(name().take(3).count(), 1 | 2);
    escapes && harmless && !dots
}
