//! The bridge as a program: `filament-bridge serve`, and Doorward's command line beside it.

use filament_bridge::{Bridge, Settings, app, background, routes};
use std::process::ExitCode;

fn main() -> ExitCode {
    let settings = match Settings::of_process() {
        Ok(settings) => settings,
        Err(wrong) => {
            eprintln!("filament-bridge: {wrong}");
            return ExitCode::from(64);
        }
    };
    app(settings.auth_enabled).run(|doorward| {
        let bridge = Bridge::new(doorward.clone(), settings);
        background(&bridge);
        routes(&bridge)
    })
}
