//! The encodings in which terminals and editors save a copied text: PowerShell writes UTF-16 with a byte order mark, and
//! old editors write a code page of one byte a character.

/// A text in UTF-8, and a sentence about how it was decoded if it was not in UTF-8.
#[must_use]
pub fn decode(bytes: &[u8]) -> (String, Option<&'static str>) {
    match bytes {
        [0xff, 0xfe, rest @ ..] => (utf16(rest, u16::from_le_bytes), None),
        [0xfe, 0xff, rest @ ..] => (utf16(rest, u16::from_be_bytes), None),
        [0xef, 0xbb, 0xbf, rest @ ..] => utf8(rest),
        // Without a mark, ASCII in UTF-16 has a zero in every other byte.
        [first, 0, _, 0, ..] if *first != 0 => (utf16(bytes, u16::from_le_bytes), None),
        [0, first, 0, _, ..] if *first != 0 => (utf16(bytes, u16::from_be_bytes), None),
        _ => utf8(bytes),
    }
}

fn utf8(bytes: &[u8]) -> (String, Option<&'static str>) {
    match core::str::from_utf8(bytes) {
        Ok(text) => (text.to_owned(), None),
        // What decides is ASCII: schemes, hosts, methods, names of headers.
        Err(_) => (
            bytes.iter().map(|byte| char::from(*byte)).collect(),
            Some("the text is not UTF-8, so it is read as Latin-1: letters outside of ASCII may be wrong"),
        ),
    }
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> String {
    let units: Vec<u16> = bytes.chunks_exact(2).filter_map(|pair| pair.try_into().ok()).map(unit).collect();
    String::from_utf16_lossy(&units)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_decoded_from_what_windows_and_old_editors_write() {
        let text = "curl 'https://a.example/é'";
        let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        for bytes in [
            text.as_bytes().to_vec(),
            [b"\xef\xbb\xbf", text.as_bytes()].concat(),
            [b"\xff\xfe", &little[..]].concat(),
            [b"\xfe\xff", &big[..]].concat(),
            little,
            big,
        ] {
            assert_eq!(decode(&bytes), (text.to_owned(), None));
        }
        let (decoded, note) = decode(b"curl 'https://a.example/\xe9'");
        assert_eq!((decoded.as_str(), note.is_some()), (text, true));
        assert_eq!(decode(b""), (String::new(), None));
        assert_eq!(decode(b"\xff\xfe\x41"), (String::new(), None));
    }
}
