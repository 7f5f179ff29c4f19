//! The lock that says which process has a data directory.

use super::unusable;
use crate::exit::Stop;
use std::{
    fs::{File, OpenOptions, TryLockError},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

/// An exclusive lock on a file; the system gives it back when the file is closed or the process ends.
#[derive(Debug)]
pub(super) struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock, unless another process has it.
    pub(super) fn take(path: &Path) -> Result<Option<Self>, Stop> {
        let file = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path);
        let file = file.map_err(|error| unusable(path, &error))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Self { _file: file })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(unusable(path, &error)),
        }
    }
}
