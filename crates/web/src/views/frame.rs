//! What every page has around its content: where its assets are, the notice on top, who is looking.

use crate::assets;

/// What every page is framed by.
#[derive(Debug, Clone, Default)]
pub struct Frame {
    /// The path that assets lie under: `/assets` at home, `/.doorward/assets` on an app's host.
    pub assets: String,
    /// The path that the pages lie under; empty at the root.
    pub base: String,
    /// The host that the page is on, as the narrow card names it.
    pub host: String,
    /// What the last act came to.
    pub notice: Option<Notice>,
}

impl Frame {
    /// The path of the stylesheet.
    pub fn stylesheet(&self) -> String {
        format!("{}/{}", self.assets, assets::stylesheet())
    }

    /// The path of the icon.
    pub fn icon(&self) -> String {
        format!("{}/{}", self.assets, assets::icon())
    }
}

/// Who is signed in, as the bar on top shows it.
#[derive(Debug, Clone, Default)]
pub struct Viewer {
    /// The name that they chose.
    pub name: String,
    /// Whether the administration is open to them.
    pub admin: bool,
}

/// A sentence on top of the page.
#[derive(Debug, Clone)]
pub struct Notice {
    /// What the sentence means for the reader.
    pub kind: NoticeKind,
    /// The sentence.
    pub text: String,
}

/// What a notice means for its reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoticeKind {
    /// It was done.
    Good,
    /// It deserves a look.
    Warn,
    /// It was refused, or did not work.
    Bad,
}

impl NoticeKind {
    /// The class of its colour.
    pub const fn class(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Warn => "warn",
            Self::Bad => "bad",
        }
    }

    /// Whether it waits for its turn to be read aloud (`status`) or interrupts (`alert`).
    pub const fn role(self) -> &'static str {
        match self {
            Self::Good => "status",
            Self::Warn | Self::Bad => "alert",
        }
    }
}

/// What was typed into a field, and what is wrong with it. Never for a password: those are not sent back.
#[derive(Debug, Clone, Default)]
pub struct Typed {
    /// What the field holds.
    pub value: String,
    /// What is wrong with it, as a sentence.
    pub error: Option<String>,
}

impl Typed {
    /// A field that holds `value`, with nothing wrong.
    pub fn right(value: impl Into<String>) -> Self {
        Self { value: value.into(), error: None }
    }

    /// A field that holds `value`, and what is wrong with it.
    pub fn wrong(value: impl Into<String>, error: impl Into<String>) -> Self {
        Self { value: value.into(), error: Some(error.into()) }
    }
}
