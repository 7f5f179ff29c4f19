//! Writes every page, filled with made-up people and apps, into a folder, to be looked at in a browser:
//! `cargo run -p doorward-web --example gallery -- FOLDER`.

#[path = "gallery/pages.rs"]
mod pages;

use doorward_web::{assets, views};
use std::{error::Error, fs, path::PathBuf};

fn main() -> Result<(), Box<dyn Error>> {
    let folder = PathBuf::from(std::env::args_os().nth(1).ok_or("name a folder to write to")?);
    fs::create_dir_all(folder.join("assets"))?;
    for name in [assets::stylesheet(), assets::icon()] {
        let asset = assets::find(name).ok_or("an asset is not found under its own name")?;
        fs::write(folder.join("assets").join(name), asset.bytes)?;
    }
    for (name, html) in pages::all(str::to_owned)? {
        fs::write(folder.join(name).with_extension("html"), html)?;
    }
    Ok(())
}
