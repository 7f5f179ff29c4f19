//! The few files that pages link to: one stylesheet and one icon, built into the program.
//!
//! INVARIANT: a name holds a hash of the content, so what a name once answered it always answers, and
//! browsers may keep it for good.

use std::sync::LazyLock;

/// What the server says of an asset's age: it never changes under its name.
pub const CACHE_CONTROL: &str = "public, max-age=31536000, immutable";

/// A file as it is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asset {
    /// The file.
    pub bytes: &'static [u8],
    /// Its media type.
    pub content_type: &'static str,
}

const STYLESHEET: Asset =
    Asset { bytes: include_bytes!("../assets/door.css"), content_type: "text/css; charset=utf-8" };
const ICON: Asset = Asset { bytes: include_bytes!("../assets/door.svg"), content_type: "image/svg+xml" };

static STYLESHEET_NAME: LazyLock<String> = LazyLock::new(|| name(&STYLESHEET, "css"));
static ICON_NAME: LazyLock<String> = LazyLock::new(|| name(&ICON, "svg"));

/// The stylesheet's file name.
pub fn stylesheet() -> &'static str {
    &STYLESHEET_NAME
}

/// The icon's file name.
pub fn icon() -> &'static str {
    &ICON_NAME
}

/// The asset of that file name; one of another version is not found.
pub fn find(name: &str) -> Option<Asset> {
    [(stylesheet(), STYLESHEET), (icon(), ICON)]
        .into_iter()
        .find_map(|(known, asset)| (known == name).then_some(asset))
}

fn name(asset: &Asset, extension: &str) -> String {
    format!("door-{:08x}.{extension}", fnv1a(asset.bytes))
}

/// FNV-1a: tells versions apart, and protects against nothing.
fn fnv1a(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_the_published_one() {
        assert_eq!(fnv1a(b""), 0x811c_9dc5);
        assert_eq!(fnv1a(b"foobar"), 0xbf9c_f968);
    }

    #[test]
    fn an_asset_is_found_under_its_hashed_name_alone() {
        assert_eq!(find(stylesheet()), Some(STYLESHEET));
        assert_eq!(find(icon()), Some(ICON));
        for other in ["door.css", "door-00000000.css", "", "../door.css"] {
            assert_eq!(find(other), None, "{other}");
        }
    }
}
