//! What is to become of a setting that need not be there.

/// What is to become of a setting.
#[derive(Debug, Clone, Default)]
pub enum Change<T> {
    /// It stays as it is.
    #[default]
    Keep,
    /// It is taken away, so that the default counts.
    Clear,
    /// It becomes this, as a whole.
    To(T),
}

impl<T> Change<T> {
    /// The same change of what `read` makes of it.
    pub fn map<U>(self, read: impl FnOnce(T) -> U) -> Change<U> {
        match self {
            Self::Keep => Change::Keep,
            Self::Clear => Change::Clear,
            Self::To(after) => Change::To(read(after)),
        }
    }

    /// The setting after the change.
    pub(super) fn on(&self, before: Option<T>) -> Option<T>
    where
        T: Clone,
    {
        match self {
            Self::Keep => before,
            Self::Clear => None,
            Self::To(after) => Some(after.clone()),
        }
    }
}

impl<T, E> Change<Result<T, E>> {
    /// The change, unless what it would come to could not be read.
    pub fn transpose(self) -> Result<Change<T>, E> {
        Ok(match self {
            Self::Keep => Change::Keep,
            Self::Clear => Change::Clear,
            Self::To(after) => Change::To(after?),
        })
    }
}

impl<T, U> Change<(T, U)> {
    /// The same change of both parts.
    pub fn unzip(self) -> (Change<T>, Change<U>) {
        match self {
            Self::Keep => (Change::Keep, Change::Keep),
            Self::Clear => (Change::Clear, Change::Clear),
            Self::To((one, other)) => (Change::To(one), Change::To(other)),
        }
    }
}
