//! Programs as one archive: `tar -xzf` makes a folder of them.

use super::Programs;
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io;

/// The programs in a folder of that name, compressed. The same programs make the same octets, so nothing in it tells of the
/// hour or of who made it.
///
/// # Errors
/// A name that no archive can hold.
pub fn archive(programs: &Programs, folder: &str) -> io::Result<Vec<u8>> {
    let mut archive = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::default()));
    for file in &programs.files {
        let mut header = tar::Header::new_ustar();
        header.set_size(file.text.len() as u64);
        header.set_mode(0o644);
        header.set_mtime(0);
        header.set_uid(0);
        header.set_gid(0);
        header.set_entry_type(tar::EntryType::Regular);
        archive.append_data(&mut header, format!("{folder}/{}", file.name), file.text.as_bytes())?;
    }
    archive.into_inner()?.finish()
}
