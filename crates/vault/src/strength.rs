//! What a new password must be worth: long enough, and not soon guessed (zxcvbn).
//!
//! Old passwords are not asked again; there are no rules about kinds of characters.

use crate::Password;
use zeroize::Zeroizing;
use zxcvbn::{Score, zxcvbn};

/// The fewest characters that any configuration may ask for.
const FLOOR: usize = 8;
/// What the estimator looks at: its time grows faster than the text.
const LOOKED_AT: usize = 100;
/// Words that an attacker tries here first, besides what is known of the person.
const HOUSE_WORDS: [&str; 1] = ["doorward"];

/// What is asked of new passwords.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PasswordRules {
    /// The fewest characters; less than 8 counts as 8.
    pub min_length: usize,
}

impl Default for PasswordRules {
    fn default() -> Self {
        Self { min_length: FLOOR }
    }
}

/// A password that is not to be taken, in words for whoever chose it.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum WeakPassword {
    /// It has too few characters.
    #[error("Use at least {min} characters. A few unrelated words are easy to remember.")]
    TooShort {
        /// The fewest characters.
        min: usize,
    },
    /// An attacker would soon try it.
    #[error("{reason} Use a few unrelated words, or let a password manager make one.")]
    Guessable {
        /// A sentence that says why.
        reason: String,
    },
}

/// Refuses a weak password. `about` is what an attacker knows of the person: e-mail address, name.
pub fn check(password: &Password, rules: &PasswordRules, about: &[&str]) -> Result<(), WeakPassword> {
    let min = rules.min_length.max(FLOOR);
    if password.text().chars().count() < min {
        return Err(WeakPassword::TooShort { min });
    }
    let start = Zeroizing::new(password.text().chars().take(LOOKED_AT).collect::<String>());
    let known = known_words(about);
    let estimate = zxcvbn(&start, &known.iter().map(String::as_str).collect::<Vec<_>>());
    if estimate.score() >= Score::Three {
        return Ok(());
    }
    let warning = estimate.feedback().and_then(zxcvbn::feedback::Feedback::warning);
    let reason = warning.map_or_else(|| "This password is easy to guess.".to_owned(), |w| w.to_string());
    Err(WeakPassword::Guessable { reason })
}

/// The texts as they are and written as one word, an address's local part, and each word of them.
fn known_words(about: &[&str]) -> Vec<String> {
    let locals = about.iter().filter_map(|text| text.split_once('@').map(|(local, _)| local));
    let texts: Vec<&str> = about.iter().copied().chain(locals).chain(HOUSE_WORDS).collect();
    let joined = texts.iter().map(|text| text.chars().filter(|c| c.is_alphanumeric()).collect());
    let words = texts.iter().flat_map(|text| text.split(|c: char| !c.is_alphanumeric()));
    let all = texts.iter().copied().chain(words).map(str::to_owned).chain(joined);
    all.filter(|word| word.chars().count() > 2).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(text: &str) -> Result<(), WeakPassword> {
        let password = Password::new(text.to_owned()).unwrap();
        check(&password, &PasswordRules { min_length: 10 }, &["ada.lovelace@example.org", "Ada Lovelace"])
    }

    #[test]
    fn a_few_unrelated_words_are_strong() {
        assert_eq!(checked("kettle violin harbour moss"), Ok(()));
    }

    #[test]
    fn a_short_password_is_told_how_long_to_be() {
        let told = checked("x7#Qp").unwrap_err().to_string();
        assert_eq!(told, "Use at least 10 characters. A few unrelated words are easy to remember.");
    }

    #[test]
    fn a_common_password_is_told_why_and_what_to_do() {
        let told = checked("password123").unwrap_err().to_string();
        assert!(told.ends_with(" Use a few unrelated words, or let a password manager make one."), "{told}");
        assert!(told.starts_with("This is"), "{told}");
    }

    #[test]
    fn what_is_known_of_the_person_makes_no_password() {
        for text in ["ada.lovelace@example.org", "adalovelace1", "Doorward2026"] {
            assert!(matches!(checked(text), Err(WeakPassword::Guessable { .. })), "{text}");
        }
    }

    #[test]
    fn no_rule_goes_below_the_floor() {
        let password = Password::new("x7#Qpz!".to_owned()).unwrap();
        let weak = check(&password, &PasswordRules { min_length: 1 }, &[]);
        assert_eq!(weak, Err(WeakPassword::TooShort { min: 8 }));
    }

    #[test]
    fn length_counts_characters_and_not_bytes() {
        let password = Password::new("ééééééé".to_owned()).unwrap();
        let weak = check(&password, &PasswordRules::default(), &[]);
        assert_eq!(weak, Err(WeakPassword::TooShort { min: 8 }));
    }

    #[test]
    fn a_long_text_that_repeats_itself_is_still_guessable() {
        assert!(matches!(checked(&"abc".repeat(300)), Err(WeakPassword::Guessable { .. })));
    }
}
