//! The file of the root keys: whole or not there, and nobody's but its owner's.

use super::{folder, unusable};
use crate::exit::{Exit, Stop};
use std::{
    fs::{self, File, OpenOptions},
    io::{self, ErrorKind, Read, Write},
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::Path,
};
use vault::KeyRing;
use zeroize::Zeroizing;

/// More than any key file holds.
const LARGEST: u64 = 1 << 20;

/// Reads the keys, if there is such a file. A damaged one is left as it is.
pub(super) fn find(path: &Path) -> Result<Option<KeyRing>, Stop> {
    let Some((ring, mode)) = open(path)? else { return Ok(None) };
    folder::close(path, mode, 0o600)?;
    Ok(Some(ring))
}

/// Reads the keys from a file that is not ours to change, if there is such a file.
pub(super) fn read_named(path: &Path) -> Result<Option<KeyRing>, Stop> {
    let Some((ring, mode)) = open(path)? else { return Ok(None) };
    if mode & 0o007 != 0 {
        tracing::warn!(path = %path.display(), "everybody on this machine can read the root keys");
    }
    Ok(Some(ring))
}

/// The keys and the file's permissions.
fn open(path: &Path) -> Result<Option<(KeyRing, u32)>, Stop> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unusable(path, &error)),
    };
    let mode = file.metadata().map_err(|error| unusable(path, &error))?.permissions().mode();
    let text = read(file).map_err(|error| damaged(path, &error))?;
    let ring = KeyRing::parse(&text).map_err(|error| damaged(path, &error))?;
    Ok(Some((ring, mode)))
}

/// Writes the keys so that after a power cut they are all there or not at all.
pub(super) fn write(path: &Path, ring: &KeyRing) -> Result<(), Stop> {
    write_whole(path, ring).map_err(|error| unusable(path, &error))
}

fn read(file: File) -> io::Result<Zeroizing<String>> {
    // Enough room from the start: a text that grows leaves copies of itself in memory.
    let length = file.metadata()?.len().min(LARGEST);
    let mut text = Zeroizing::new(String::with_capacity(usize::try_from(length).unwrap_or_default()));
    file.take(length).read_to_string(&mut text)?;
    Ok(text)
}

fn write_whole(path: &Path, ring: &KeyRing) -> io::Result<()> {
    let folder = path.parent().ok_or(ErrorKind::InvalidInput)?;
    // A bare file name has an empty folder: the one that the program runs in.
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    folder::create(folder)?;
    let unfinished = path.with_extension("unfinished");
    if let Err(error) = fs::remove_file(&unfinished)
        && error.kind() != ErrorKind::NotFound
    {
        return Err(error);
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&unfinished)?;
    file.write_all(ring.to_text().as_bytes())?;
    file.sync_all()?;
    fs::rename(&unfinished, path)?;
    // Above a bare name there is an empty one, which nothing can open.
    for folder in folder.ancestors().take(2).filter(|folder| !folder.as_os_str().is_empty()) {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}

fn damaged(path: &Path, error: &dyn std::error::Error) -> Stop {
    let message = format!("`{}`: {error}; put the copy of the key file back", path.display());
    Stop::new(Exit::Damaged, message)
}
