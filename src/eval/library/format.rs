//! Format strings: which arguments they ask for, and which types they take (the library reference, "printf-style String Formatting", "Format String Syntax").

/// One argument that a `%` format takes: the conversion (`d`), or `*` for a width.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conversion {
    /// The key in parentheses.
    pub key: Option<String>,
    /// How it is converted.
    pub letter: char,
}

/// What a `%` format asks for, in order; the error with which it ends, if it does not reach its end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Percent {
    /// The arguments.
    pub conversions: Vec<Conversion>,
    /// What CPython raises when it has dealt with these.
    pub error: Option<String>,
}

/// Reads a `%` format.
#[must_use]
pub fn percent(format: &str) -> Percent {
    let letters: Vec<char> = format.chars().collect();
    let mut read = Percent::default();
    let mut at = 0;
    while at < letters.len() {
        at += 1;
        if letters[at - 1] != '%' {
            continue;
        }
        let mut key = None;
        if letters.get(at) == Some(&'(') {
            let Some(end) = closing(&letters, at) else {
                read.error = Some(String::from("ValueError: incomplete format key"));
                return read;
            };
            key = Some(letters[at + 1..end].iter().collect());
            at = end + 1;
        }
        let is_flag = |letter: &&char| "#0- +".contains(**letter);
        at += letters[at..].iter().take_while(is_flag).count();
        at = number(&letters, at, &mut read);
        if letters.get(at) == Some(&'.') {
            at = number(&letters, at + 1, &mut read);
        }
        if matches!(letters.get(at), Some('h' | 'l' | 'L')) {
            at += 1;
        }
        let Some(&letter) = letters.get(at) else {
            read.error = Some(String::from("ValueError: incomplete format"));
            return read;
        };
        if letter != '%' && !"diouxXeEfFgGcrsa".contains(letter) {
            read.error = Some(format!(
                "ValueError: unsupported format character '{}' (0x{:x}) at index {at}",
                if (' '..='~').contains(&letter) {
                    letter
                } else {
                    '?'
                },
                u32::from(letter)
            ));
            // Its argument is taken first.
            read.conversions.push(Conversion { key, letter });
            return read;
        }
        at += 1;
        if letter != '%' || key.is_some() {
            read.conversions.push(Conversion { key, letter });
        }
    }
    read
}

/// Where the parenthesis that opens at a place is closed.
fn closing(letters: &[char], from: usize) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, letter) in letters.iter().enumerate().skip(from) {
        match letter {
            '(' => depth += 1,
            ')' if depth == 1 => return Some(at),
            ')' => depth -= 1,
            _ => {}
        }
    }
    None
}

/// Behind a width or a precision, which may be an argument.
fn number(letters: &[char], at: usize, read: &mut Percent) -> usize {
    if letters.get(at) == Some(&'*') {
        read.conversions.push(Conversion {
            key: None,
            letter: '*',
        });
        return at + 1;
    }
    let rest = letters.get(at..).unwrap_or_default();
    at + rest
        .iter()
        .take_while(|letter| letter.is_ascii_digit())
        .count()
}

/// What a replacement field of `str.format` names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// `{}` and `{0}`: an argument by its place.
    Place(usize),
    /// `{name}`
    Key(String),
}

/// A replacement field of `str.format`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replaced {
    /// What it names.
    pub wanted: Wanted,
    /// The format behind the colon, if the argument itself is formatted, and by nothing that is computed.
    pub spec: Option<String>,
}

/// What a format of `str.format` asks for, in order; the error with which it ends, if it does not reach its end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fields {
    /// The fields.
    pub all: Vec<Replaced>,
    /// What CPython raises when it has dealt with these.
    pub error: Option<String>,
    /// How many were counted so far; none: they have numbers.
    counted: Option<usize>,
    has_numbers: bool,
}

/// Reads a format of `str.format`.
#[must_use]
pub fn fields(format: &str) -> Fields {
    let mut read = Fields::default();
    let letters: Vec<char> = format.chars().collect();
    if let Err(error) = read.pieces(&letters) {
        read.error = Some(format!("ValueError: {error}"));
    }
    read
}

impl Fields {
    fn pieces(&mut self, letters: &[char]) -> Result<(), &'static str> {
        let mut at = 0;
        while at < letters.len() {
            let is_doubled = letters.get(at + 1) == Some(&letters[at]);
            match letters[at] {
                '{' | '}' if is_doubled => at += 2,
                '}' => return Err("Single '}' encountered in format string"),
                '{' if at + 1 == letters.len() => {
                    return Err("Single '{' encountered in format string");
                }
                '{' => {
                    let end = field_end(letters, at).ok_or("expected '}' before end of string")?;
                    self.field(&letters[at + 1..end])?;
                    at = end + 1;
                }
                _ => at += 1,
            }
        }
        Ok(())
    }

    fn field(&mut self, inner: &[char]) -> Result<(), &'static str> {
        let mut brackets = 0_usize;
        let split = inner.iter().position(|&letter| {
            match letter {
                '[' => brackets += 1,
                ']' => brackets = brackets.saturating_sub(1),
                _ => {}
            }
            brackets == 0 && matches!(letter, ':' | '!')
        });
        let (named, behind) = inner.split_at(split.unwrap_or(inner.len()));
        let end = named.iter().position(|letter| matches!(letter, '.' | '['));
        let (name, parts) = named.split_at(end.unwrap_or(named.len()));
        let wanted = self.wanted(&name.iter().collect::<String>())?;
        let colon = behind.iter().position(|&letter| letter == ':');
        let spec: String = match colon {
            Some(colon) => behind[colon + 1..].iter().collect(),
            None => String::new(),
        };
        let is_itself = parts.is_empty() && behind.first() != Some(&'!') && !spec.contains('{');
        self.all.push(Replaced {
            wanted,
            spec: is_itself.then(|| spec.clone()),
        });
        if spec.contains('{') {
            let letters: Vec<char> = spec.chars().collect();
            self.pieces(&letters)?;
        }
        Ok(())
    }

    fn wanted(&mut self, name: &str) -> Result<Wanted, &'static str> {
        if name.is_empty() {
            if self.has_numbers {
                return Err(
                    "cannot switch from manual field specification to automatic field numbering",
                );
            }
            let place = self.counted.unwrap_or(0);
            self.counted = Some(place + 1);
            return Ok(Wanted::Place(place));
        }
        match name.parse() {
            Ok(place) if name.bytes().all(|byte| byte.is_ascii_digit()) => {
                if self.counted.is_some() {
                    return Err(
                        "cannot switch from automatic field numbering to manual field specification",
                    );
                }
                self.has_numbers = true;
                Ok(Wanted::Place(place))
            }
            _ => Ok(Wanted::Key(name.to_owned())),
        }
    }
}

/// Where the field that opens at a place is closed, fields inside it left out.
fn field_end(letters: &[char], from: usize) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, letter) in letters.iter().enumerate().skip(from) {
        match letter {
            '{' => depth += 1,
            '}' if depth == 1 => return Some(at),
            '}' => depth -= 1,
            _ => {}
        }
    }
    None
}

/// The letter with which a format of texts and numbers ends (`d` in `>5d`); none: it has none, or is none that is understood.
#[must_use]
pub fn presentation(spec: &str) -> Option<char> {
    let letters: Vec<char> = spec.chars().collect();
    let is_align = |letter: Option<&char>| matches!(letter, Some('<' | '>' | '=' | '^'));
    let mut at = if is_align(letters.get(1)) {
        2
    } else {
        usize::from(is_align(letters.first()))
    };
    at += usize::from(matches!(letters.get(at), Some('+' | '-' | ' ')));
    at += usize::from(letters.get(at) == Some(&'z'));
    at += usize::from(letters.get(at) == Some(&'#'));
    let digits = |at: usize| {
        let rest = letters.get(at..).unwrap_or_default();
        rest.iter()
            .take_while(|letter| letter.is_ascii_digit())
            .count()
    };
    at += digits(at);
    at += usize::from(matches!(letters.get(at), Some(',' | '_')));
    if letters.get(at) == Some(&'.') {
        at += 1 + digits(at + 1);
    }
    match letters.get(at..) {
        Some(&[letter]) if letter.is_ascii_alphabetic() || letter == '%' => Some(letter),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letters(format: &str) -> String {
        let read = percent(format);
        read.conversions.iter().map(|one| one.letter).collect()
    }

    #[test]
    fn percent_formats_ask_for_arguments() {
        assert_eq!(letters("%s of %5.2f%% in %-*d"), "sf*d");
        assert_eq!(percent("%(a)s").conversions[0].key.as_deref(), Some("a"));
        let error = percent("100% yes").error;
        assert_eq!(
            error.as_deref(),
            Some("ValueError: unsupported format character 'y' (0x79) at index 5")
        );
        assert_eq!(
            percent("50%").error.as_deref(),
            Some("ValueError: incomplete format")
        );
    }

    #[test]
    fn fields_are_counted_named_and_nested() {
        let read = fields("{} {:>{}} {name!r} {{}}");
        let wanted: Vec<_> = read.all.iter().map(|field| field.wanted.clone()).collect();
        assert_eq!(
            wanted,
            [
                Wanted::Place(0),
                Wanted::Place(1),
                Wanted::Place(2),
                Wanted::Key("name".to_owned())
            ]
        );
        assert_eq!(read.error, None);
        assert!(fields("{} {0}").error.is_some());
        assert!(fields("}").error.is_some());
        assert_eq!(fields("{0[a:b].c:d}").all[0].spec, None);
    }

    #[test]
    fn the_last_letter_of_a_format() {
        assert_eq!(presentation(">10.2f"), Some('f'));
        assert_eq!(presentation("*^8d"), Some('d'));
        assert_eq!(presentation("10"), None);
        assert_eq!(presentation("%Y-%m"), None);
    }
}
