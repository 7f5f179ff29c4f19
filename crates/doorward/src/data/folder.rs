//! The folder itself: nobody but its owner may look into it.

use super::unusable;
use crate::exit::{Exit, Stop};
use std::{
    fs::{self, DirBuilder, Permissions},
    io::{self, ErrorKind},
    os::unix::fs::{DirBuilderExt, PermissionsExt},
    path::Path,
};

/// What the group and others may do.
const OTHERS: u32 = 0o077;

/// Makes the folder, or closes one that is Doorward's or empty to others.
pub(super) fn prepare(path: &Path) -> Result<(), Stop> {
    create(path).map_err(|error| unusable(path, &error))?;
    let mode = fs::metadata(path).map_err(|error| unusable(path, &error))?.permissions().mode();
    if is_closed(mode) {
        return Ok(());
    }
    // Closing a folder of somebody else's would break what they keep in it: a home folder, `/tmp`.
    if !is_own_or_empty(path).map_err(|error| unusable(path, &error))? {
        let message = format!(
            "`{}` holds other files and is open to others; choose a folder of its own for `--data`",
            path.display()
        );
        return Err(Stop::new(Exit::DataDirectory, message));
    }
    close(path, mode, 0o700)
}

/// Makes a folder that only its owner can open, and so its parents where they are missing.
pub(super) fn create(path: &Path) -> io::Result<()> {
    let made = DirBuilder::new().recursive(true).mode(0o700).create(path);
    made.map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => ErrorKind::NotADirectory.into(),
        _ => error,
    })
}

/// Takes the permissions of others away, if they have any.
pub(super) fn close(path: &Path, mode: u32, wanted: u32) -> Result<(), Stop> {
    if is_closed(mode) {
        return Ok(());
    }
    fs::set_permissions(path, Permissions::from_mode(wanted)).map_err(|error| unusable(path, &error))?;
    tracing::warn!(path = %path.display(), "others could look into this; only its owner can now");
    Ok(())
}

const fn is_closed(mode: u32) -> bool {
    mode & OTHERS == 0
}

fn is_own_or_empty(path: &Path) -> io::Result<bool> {
    Ok(path.join("LOCK").exists() || fs::read_dir(path)?.next().is_none())
}
