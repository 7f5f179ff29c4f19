use super::*;
use domain::{FixedClock, FixedEntropy, Time};
use insta::assert_snapshot;
use std::{
    fs::{self, Permissions},
    os::unix::{fs::PermissionsExt, net::UnixListener},
};
use tempfile::TempDir;

fn ring(data: &DataDir) -> Result<KeyRing, Stop> {
    data.key_ring(&FixedEntropy::new(1), &FixedClock::at(Time::from_micros(0)))
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn open_up(path: &Path) {
    fs::set_permissions(path, Permissions::from_mode(0o755)).unwrap();
}

/// The exit code and the sentence.
fn told<T>(result: Result<T, Stop>, folder: &TempDir) -> String {
    let stop = result.err().unwrap();
    format!("{} {}", stop.exit as u8, stop.message.replace(&folder.path().display().to_string(), "TEMP"))
}

/// A data directory whose keys and database exist.
fn used() -> (TempDir, PathBuf, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data");
    let data = DataDir::open(&path).unwrap();
    ring(&data).unwrap();
    fs::write(data.database(), "rows").unwrap();
    let key = path.join("keys/root.key");
    (folder, path, key)
}

#[test]
fn a_fresh_directory_is_closed_to_others_and_so_are_its_keys() {
    let (_folder, path, key) = used();
    assert_eq!([mode(&path), mode(&path.join("keys")), mode(&key)], [0o700, 0o700, 0o600]);
    assert_eq!(fs::read_dir(path.join("keys")).unwrap().count(), 1, "nothing unfinished stays");
}

#[test]
fn the_keys_are_the_same_at_every_start() {
    let (_folder, path, key) = used();
    let text = fs::read(&key).unwrap();
    let again = ring(&DataDir::open(&path).unwrap()).unwrap();
    assert_eq!(again.to_text().as_bytes(), text);
    assert_eq!(fs::read(&key).unwrap(), text);
}

#[test]
fn a_directory_or_key_that_was_opened_up_is_closed_again() {
    let (_folder, path, key) = used();
    open_up(&path);
    open_up(&key);
    ring(&DataDir::open(&path).unwrap()).unwrap();
    assert_eq!([mode(&path), mode(&key)], [0o700, 0o600]);
}

#[test]
fn an_open_directory_with_files_of_others_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    open_up(folder.path());
    fs::write(folder.path().join("notes.txt"), "").unwrap();
    assert_snapshot!(told(DataDir::open(folder.path()), &folder), @"73 `TEMP` holds other files and is open to others; choose a folder of its own for `--data`");
    assert_eq!(mode(folder.path()), 0o755);
}

#[test]
fn a_missing_key_beside_a_database_is_not_made_anew() {
    let (folder, path, key) = used();
    fs::remove_file(&key).unwrap();
    let data = DataDir::open(&path).unwrap();
    assert_snapshot!(told(ring(&data), &folder), @"65 the key file `TEMP/data/keys/root.key` is missing, and the database is of no use without it: put the copy back");
    assert!(!key.exists());
}

#[test]
fn a_damaged_key_is_left_as_it_is() {
    let (folder, path, key) = used();
    let sound = fs::read(&key).unwrap();
    let mut flipped = sound.clone();
    *flipped.iter_mut().rev().nth(20).unwrap() ^= 1;
    let data = DataDir::open(&path).unwrap();
    for damaged in [flipped.as_slice(), &sound[..sound.len() / 2], b"", b"\xff\xfe"] {
        fs::write(&key, damaged).unwrap();
        let told = told(ring(&data), &folder);
        assert!(told.starts_with("65 `TEMP/data/keys/root.key`: "), "{told}");
        assert_eq!(fs::read(&key).unwrap(), damaged);
    }
    fs::write(&key, flipped).unwrap();
    assert_snapshot!(told(ring(&data), &folder), @"65 `TEMP/data/keys/root.key`: line 2 of the key file is damaged; put the copy of the key file back");
}

#[test]
fn a_place_that_is_no_directory_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    assert_snapshot!(told(DataDir::open(&file), &folder), @"73 `TEMP/file` cannot be used: not a directory");
    assert_snapshot!(told(DataDir::open(&file.join("below")), &folder), @"73 `TEMP/file/below` cannot be used: Not a directory (os error 20)");
}

#[test]
fn a_second_server_is_told_who_holds_the_directory() {
    let (folder, path, _) = used();
    let first = DataDir::open(&path).unwrap();
    let listener = UnixListener::bind(first.socket()).unwrap();
    assert_snapshot!(told(DataDir::open(&path), &folder), @"73 another doorward holds `TEMP/data`; stop it, or choose another folder");
    assert!(matches!(Claim::of(&path).unwrap(), Claim::Served(socket) if socket == first.socket()));
    drop((listener, first));
    assert!(
        matches!(Claim::of(&path).unwrap(), Claim::Ours(_)),
        "a socket that was left behind is no server"
    );
}

#[test]
fn a_command_waits_for_the_one_before_it() {
    let (_folder, path, _) = used();
    let first = DataDir::open(&path).unwrap();
    thread::scope(|scope| {
        let second = scope.spawn(|| DataDir::open(&path).map(drop));
        drop(first);
        second.join().unwrap().unwrap();
    });
}
