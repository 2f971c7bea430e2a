//! How numbers, times and errors are said.

/// "No such file or directory", without Rust's "(os error 2)".
pub(crate) fn system(error: &std::io::Error) -> String {
    let text = error.to_string();
    match text.rfind(" (os error") {
        Some(end) => text[..end].to_owned(),
        None => text,
    }
}

/// 1234567 is "1,234,567".
pub(crate) fn number(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// "1 task", "2 tasks".
pub(crate) fn count(many: u64, what: &str) -> String {
    format!(
        "{} {what}{}",
        number(many),
        if many == 1 { "" } else { "s" }
    )
}

/// Three digits and a unit: "1.23 ms".
pub(crate) fn duration(nanoseconds: u64) -> String {
    const UNITS: [(f64, &str); 4] = [(1e9, "s"), (1e6, "ms"), (1e3, "µs"), (1.0, "ns")];
    let value = nanoseconds as f64;
    // What rounds up to 1000 of a unit is 1 of the next.
    let (size, unit) = UNITS
        .into_iter()
        .find(|(size, _)| value >= size * 0.9995)
        .unwrap_or((1.0, "ns"));
    let scaled = value / size;
    match scaled {
        _ if unit == "ns" => format!("{nanoseconds} ns"),
        scaled if scaled < 9.995 => format!("{scaled:.2} {unit}"),
        scaled if scaled < 99.95 => format!("{scaled:.1} {unit}"),
        scaled if unit == "s" => format!("{} s", number(scaled.round() as u64)),
        scaled => format!("{scaled:.0} {unit}"),
    }
}

/// An option's value: "100ms", "1.5s", "20us", "300ns"; a number alone is milliseconds.
pub(crate) fn parse_duration(text: &str) -> Option<u64> {
    let digits = text.trim_end_matches(|letter: char| letter.is_alphabetic() || letter == ' ');
    let size = match text[digits.len()..].trim() {
        "" | "ms" => 1e6,
        "s" => 1e9,
        "us" | "µs" => 1e3,
        "ns" => 1.0,
        _ => return None,
    };
    let value: f64 = digits.parse().ok()?;
    (value >= 0.0 && value.is_finite()).then_some((value * size) as u64)
}

/// The text without control characters, on one line.
pub(crate) fn one_line(text: &str) -> String {
    text.chars()
        .map(|letter| if letter.is_control() { ' ' } else { letter })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_three_digits() {
        let said = [
            (0, "0 ns"),
            (999, "999 ns"),
            (1_000, "1.00 µs"),
            (12_345, "12.3 µs"),
            (999_400, "999 µs"),
            (999_600, "1.00 ms"),
            (123_456_789, "123 ms"),
            (61_000_000_000, "61.0 s"),
            (4_000_000_000_000, "4,000 s"),
        ];
        for (nanoseconds, text) in said {
            assert_eq!(duration(nanoseconds), text);
        }
    }

    #[test]
    fn limits_are_read_with_and_without_a_unit() {
        assert_eq!(parse_duration("16"), Some(16_000_000));
        assert_eq!(parse_duration("1.5s"), Some(1_500_000_000));
        assert_eq!(parse_duration("20us"), Some(20_000));
        assert_eq!(parse_duration("300 ns"), Some(300));
        for wrong in ["", "s", "1h", "-1", "1e400", "one"] {
            assert_eq!(parse_duration(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn numbers_are_grouped() {
        assert_eq!(number(0), "0");
        assert_eq!(number(1_234_567), "1,234,567");
        assert_eq!(count(1, "task"), "1 task");
    }
}
