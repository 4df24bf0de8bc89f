//! Files and folders that are nobody else's business: created for this account alone.
//!
//! A catalogue holds notes and addresses, and settings may hold a password. What is made here can be read only by its
//! owner, whatever permissions the account gives new files by default. Whoever shares such a file gives it other
//! permissions, and it keeps them when it is rewritten.

use std::ffi::OsString;
use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// The most links that may lead on to one another.
const LINKS_MAX: usize = 40;

/// Makes a file that does not exist yet.
pub fn new_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Makes a folder and those above it, where they do not exist.
pub fn new_folder(path: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Rewrites a file, completely or not at all. It keeps its permissions; if it is a link, the file that the link leads
/// to is written.
pub fn rewrite(path: &Path, content: &[u8]) -> io::Result<()> {
    let target = led_to(path)?;
    let permissions = rights_of(&target)?;
    let mut beside = OsString::from(target.as_os_str());
    beside.push(".new");
    let beside = PathBuf::from(beside);
    // If one is there, it was left by a program that was killed.
    match fs::remove_file(&beside) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let written = new_file(&beside).and_then(|mut file| {
        file.write_all(content)?;
        if let Some(permissions) = permissions {
            file.set_permissions(permissions)?;
        }
        file.sync_all()?;
        fs::rename(&beside, &target)
    });
    if written.is_err() {
        // Whatever comes of this, it is the first error that says why.
        let _ = fs::remove_file(&beside);
    }
    written
}

/// A name that is not taken: the plain one, or the first free one with a number, which `name` puts in (`-2`, `-3`, …).
pub fn free_name(name: impl Fn(&str) -> PathBuf) -> PathBuf {
    let mut free = name("");
    let mut number = 1;
    while free.exists() {
        number += 1;
        free = name(&format!("-{number}"));
    }
    free
}

/// The permissions of a file; `None` if there is no file.
pub fn rights_of(path: &Path) -> io::Result<Option<Permissions>> {
    match fs::metadata(path) {
        Ok(found) => Ok(Some(found.permissions())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// The path that a link leads to, which need not exist; any other path as it is.
pub fn led_to(path: &Path) -> io::Result<PathBuf> {
    let mut path = path.to_owned();
    for _ in 0..LINKS_MAX {
        match fs::read_link(&path) {
            // Relative to the folder of the link, unless the link's own path is absolute.
            Ok(next) => path = path.parent().unwrap_or(Path::new("")).join(next),
            Err(error) if matches!(error.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::NotFound) => {
                return Ok(path);
            }
            Err(error) => return Err(error),
        }
    }
    Err(io::Error::other("links that lead to each other"))
}

/// Whether two paths are the same file, by whatever names.
pub fn is_same_file(one: &Path, other: &Path) -> bool {
    match (fs::metadata(one), fs::metadata(other)) {
        #[cfg(unix)]
        (Ok(one), Ok(other)) => {
            use std::os::unix::fs::MetadataExt as _;
            (one.dev(), one.ino()) == (other.dev(), other.ino())
        }
        #[cfg(not(unix))]
        (Ok(_), Ok(_)) => one.canonicalize().ok() == other.canonicalize().ok(),
        _ => false,
    }
}

/// Whether two paths are the same file, or would be if both were there.
pub fn is_same_place(one: &Path, other: &Path) -> bool {
    is_same_file(one, other) || place(one).is_some_and(|one| place(other) == Some(one))
}

/// The path without links; the file need not be there, its folder has to.
fn place(path: &Path) -> Option<PathBuf> {
    let path = led_to(path).ok()?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new(".")).canonicalize().ok()?;
    Some(folder.join(path.file_name()?))
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn what_is_made_is_for_its_owner_and_what_is_rewritten_keeps_its_rights() {
        let folder = tempfile::tempdir().unwrap();
        let deep = folder.path().join("a/b");
        new_folder(&deep).unwrap();
        let file = deep.join("file");
        rewrite(&file, b"one").unwrap();
        assert_eq!((mode(&deep), mode(&file)), (0o700, 0o600));
        fs::set_permissions(&file, Permissions::from_mode(0o640)).unwrap();
        rewrite(&file, b"two").unwrap();
        assert_eq!((mode(&file), fs::read(&file).unwrap()), (0o640, b"two".to_vec()));
    }

    #[test]
    fn a_file_that_is_not_there_has_its_place() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        symlink(folder.path(), at("round")).unwrap();
        symlink("none", at("link")).unwrap();
        for same in ["none", "round/none", "round/round/none", "link"] {
            assert!(is_same_place(&at("none"), &at(same)), "{same}");
        }
        for other in ["another", "nowhere/none"] {
            assert!(!is_same_place(&at("none"), &at(other)), "{other}");
        }
    }

    #[test]
    fn what_a_link_leads_to_is_written_and_the_link_stays() {
        let folder = tempfile::tempdir().unwrap();
        let (file, link, other) = (
            folder.path().join("file"),
            folder.path().join("link"),
            folder.path().join("other"),
        );
        symlink("file", &link).unwrap();
        rewrite(&link, b"one").unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read(&file).unwrap(), b"one");
        symlink("link", &other).unwrap();
        rewrite(&other, b"two").unwrap();
        assert_eq!(fs::read(&file).unwrap(), b"two");
        assert!(is_same_file(&other, &file) && !is_same_file(&file, folder.path()));
        symlink("circle", folder.path().join("circle")).unwrap();
        assert!(rewrite(&folder.path().join("circle"), b"three").is_err());
        assert_eq!(
            fs::read_dir(folder.path()).unwrap().count(),
            4,
            "nothing is left beside them"
        );
    }
}
