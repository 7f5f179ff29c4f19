//! The data directory: who may look into it, which process has it, and the key file in it.
//!
//! INVARIANT: whoever holds a [`DataDir`] holds the lock on the directory, which the system gives back when the
//! process ends, however it ends.

mod folder;
mod key_file;
mod lock;

use crate::exit::{Exit, Stop};
use domain::{Clock, Entropy};
use lock::Lock;
use std::{
    io,
    os::unix::net::UnixStream,
    path::{Path, PathBuf},
    thread,
    time::Duration,
};
use vault::KeyRing;

/// A data directory that is this process's until it is dropped.
#[derive(Debug)]
pub struct DataDir {
    path: PathBuf,
    _lock: Lock,
}

/// Whose a data directory is.
#[derive(Debug)]
pub enum Claim {
    /// This process's, from now on.
    Ours(DataDir),
    /// A running server's, which answers at this socket.
    Served(PathBuf),
}

/// How often a directory is tried that another process has for a moment: a command, or a server that is just
/// starting or ending.
const TRIES: u32 = 100;
const PAUSE: Duration = Duration::from_millis(50);

impl Claim {
    /// Takes the directory, made if there is none, or finds the server that has it.
    pub fn of(path: &Path) -> Result<Self, Stop> {
        folder::prepare(path)?;
        for _ in 0..TRIES {
            if let Some(lock) = Lock::take(&path.join("LOCK"))? {
                return Ok(Self::Ours(DataDir { path: path.to_owned(), _lock: lock }));
            }
            let socket = socket(path);
            if UnixStream::connect(&socket).is_ok() {
                return Ok(Self::Served(socket));
            }
            thread::sleep(PAUSE);
        }
        Err(held(path))
    }
}

impl DataDir {
    /// Takes the directory, made if there is none; a server that has it is in the way.
    pub fn open(path: &Path) -> Result<Self, Stop> {
        match Claim::of(path)? {
            Claim::Ours(data) => Ok(data),
            Claim::Served(_) => Err(held(path)),
        }
    }

    /// The name of the database's file.
    pub const DATABASE: &str = "doorward.db";

    /// The database's file.
    pub fn database(&self) -> PathBuf {
        self.path.join(Self::DATABASE)
    }

    /// The socket at which a server answers the command line.
    pub fn socket(&self) -> PathBuf {
        socket(&self.path)
    }

    /// The root keys of a server's database: those in this directory, which must be there. SECURITY: a key that was
    /// made here and now would be lost with a container's folder, and be another on each replica (`security.md` 18).
    pub fn shared_key_ring(&self) -> Result<KeyRing, Stop> {
        let path = self.root_key();
        key_file::find(&path)?.ok_or_else(|| {
            let why = format!(
                "with PostgreSQL a root-key file is required, the same for all replicas, and there is none at `{}`: \
                 make one by `doorward root-key FILE`, and name it by `root_key_file` or `DOORWARD_ROOT_KEY_FILE`; an \
                 installation that was moved here keeps the one that it had",
                path.display()
            );
            Stop::new(Exit::Setting, why)
        })
    }

    fn root_key(&self) -> PathBuf {
        root_key_in(&self.path)
    }

    /// The root keys, made now if the directory is fresh; a database without its keys is left alone.
    pub fn key_ring(&self, entropy: &dyn Entropy, clock: &dyn Clock) -> Result<KeyRing, Stop> {
        let path = self.root_key();
        if let Some(ring) = key_file::find(&path)? {
            return Ok(ring);
        }
        if self.database().exists() {
            let why =
                "the key file `{}` is missing, and the database is of no use without it: put the copy back";
            return Err(Stop::new(Exit::Damaged, why.replace("{}", &path.display().to_string())));
        }
        let ring = KeyRing::create(entropy, clock.now());
        key_file::write(&path, &ring)?;
        Ok(ring)
    }
}

/// The root keys in a file that somebody else keeps, such as a mounted secret. It is read as it is.
pub(crate) fn named_key_ring(path: &Path) -> Result<KeyRing, Stop> {
    let missing = || Stop::new(Exit::Setting, format!("there is no root-key file at `{}`", path.display()));
    key_file::read_named(path)?.ok_or_else(missing)
}

/// Where the root keys of a data directory lie, if no other file was named.
pub(crate) fn root_key_in(folder: &Path) -> PathBuf {
    folder.join("keys/root.key")
}

/// Makes a root-key file; one that is there already is left alone.
pub(crate) fn make_root_key(path: &Path, entropy: &dyn Entropy, clock: &dyn Clock) -> Result<(), Stop> {
    if path.symlink_metadata().is_ok() {
        let message = format!("`{}` is there already and is left alone", path.display());
        return Err(Stop::new(Exit::Failed, message));
    }
    key_file::write(path, &KeyRing::create(entropy, clock.now()))
}

fn socket(path: &Path) -> PathBuf {
    path.join("control.sock")
}

fn held(path: &Path) -> Stop {
    let message = format!("another doorward holds `{}`; stop it, or choose another folder", path.display());
    Stop::new(Exit::DataDirectory, message)
}

/// The sentence for a path that cannot be read, made or written.
fn unusable(path: &Path, error: &io::Error) -> Stop {
    Stop::new(Exit::DataDirectory, format!("`{}` cannot be used: {error}", path.display()))
}

#[cfg(test)]
mod tests;
