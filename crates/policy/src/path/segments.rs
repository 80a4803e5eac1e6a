//! The segments of a path, and how servers read them.

/// Whether a path reads the same, exactly and loosely: lower-case, nothing encoded, no `;`, no
/// empty segment, none that could be a dot segment.
pub(super) fn is_plain(path: &str) -> bool {
    let mut previous = b'x';
    for byte in path.bytes() {
        let plain = match byte {
            b'/' | b'.' => previous != b'/',
            b'A'..=b'Z' => false,
            _ => is_literal(byte),
        };
        if !plain {
            return false;
        }
        previous = byte;
    }
    previous != b'/' && path.starts_with('/')
}

/// Whether URLs hold a character as it is within a segment, and all servers read it so: RFC 3986,
/// `pchar`, without the `;` behind which some see parameters.
pub(super) fn is_literal(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,=:@".contains(&byte)
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
