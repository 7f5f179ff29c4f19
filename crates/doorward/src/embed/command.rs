//! The app as a program: `serve`, and every command of Doorward's.

use super::{Accounts, Builder, Doorward, Routes, front::AppFront, settings::Danger};
use crate::{
    cli,
    config::Config,
    data::DataDir,
    exit::{Exit, Stop},
    serve::{Parts, Product, Wired},
};
use domain::{Origin, Scheme, Settings};
use gateway::{Front, Place, RequestIds};
use std::{process::ExitCode, sync::Arc};
use store::Migrations;

/// Runs the program as it was called.
pub(super) fn run(builder: Builder, routes: impl FnOnce(&Doorward) -> Routes) -> ExitCode {
    cli::run_app(builder.name, App { builder, routes })
}

/// An app that is served.
struct App<F> {
    builder: Builder,
    routes: F,
}

impl<F: FnOnce(&Doorward) -> Routes> Product for App<F> {
    fn parts(&self, config: &Config, data: &DataDir, settings: Settings) -> Result<Parts, Stop> {
        self.builder.change(Parts::of(config, data, settings)?).map_err(stop)
    }

    fn defaults(&self, mut config: Config) -> Result<Config, Stop> {
        if config.database.is_none() {
            config.database = self.builder.server()?;
        }
        config.root_key_file = config.root_key_file.or_else(|| self.builder.root_key_file.clone());
        Ok(config)
    }

    fn mount(&self) -> String {
        let nowhere = Origin::new(Scheme::Http, "localhost", 80);
        self.builder.apply(Settings::at(nowhere)).mount
    }

    fn tables(&self) -> &[Migrations] {
        &self.builder.tables
    }

    fn takes_first_account(&self) -> bool {
        self.builder.policies.accounts == Accounts::People
    }

    async fn front(self, wired: &Wired, place: Place) -> Result<Arc<dyn Front>, Stop> {
        check_listeners(&self.builder, &place)?;
        let (trusted, running) = (place.trusted.clone(), (place.tasks.clone(), place.shutdown.clone()));
        let doorward = self.builder.open(wired, trusted, running).await.map_err(stop)?;
        let router = doorward.router((self.routes)(&doorward)).map_err(stop)?;
        Ok(Arc::new(AppFront::new(router, RequestIds::of(Arc::clone(&wired.entropy)), &place)))
    }
}

/// SECURITY: an app that asks nobody who they are is for this machine alone (`security.md` 23).
fn check_listeners(builder: &Builder, place: &Place) -> Result<(), Stop> {
    let elsewhere = place.own.iter().find(|address| !address.ip().to_canonical().is_loopback());
    match elsewhere.filter(|_| builder.policies.has(Danger::AuthenticationOff)) {
        Some(address) => {
            let message = format!(
                "authentication is switched off, and `{address}` can be reached from elsewhere: listen on 127.0.0.1"
            );
            Err(Stop::new(Exit::Setting, message))
        }
        None => Ok(()),
    }
}

fn stop(error: super::StartError) -> Stop {
    Stop::new(Exit::Failed, error.to_string())
}
