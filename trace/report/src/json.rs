//! Text as it stands in JSON.

use std::fmt::{self, Display, Write};

/// In quotation marks.
pub(crate) struct Text<'a>(pub(crate) &'a str);

impl Display for Text<'_> {
    fn fmt(&self, to: &mut fmt::Formatter) -> fmt::Result {
        to.write_char('"')?;
        let mut plain = 0;
        for (at, letter) in self.0.char_indices() {
            // "</script>" must not end the page's script.
            if !matches!(letter, '"' | '\\' | '<')
                && letter >= ' '
                && letter != '\u{2028}'
                && letter != '\u{2029}'
            {
                continue;
            }
            to.write_str(&self.0[plain..at])?;
            plain = at + letter.len_utf8();
            match letter {
                '"' => to.write_str("\\\"")?,
                '\\' => to.write_str("\\\\")?,
                '\n' => to.write_str("\\n")?,
                letter => write!(to, "\\u{:04x}", u32::from(letter))?,
            }
        }
        to.write_str(&self.0[plain..])?;
        to.write_char('"')
    }
}

#[cfg(test)]
mod tests {
    use super::Text;

    #[test]
    fn what_would_end_the_text_is_escaped() {
        assert_eq!(
            Text("a\"b\\c\n\u{1}</script>é").to_string(),
            "\"a\\\"b\\\\c\\n\\u0001\\u003c/script>é\""
        );
    }
}
