//! What an app says of itself before Doorward starts inside it.

use super::{
    Accounts, Carriers, Doorward, ErrorBody, PasswordHashing, Routes, SecureCookie, StartError, command,
    handle::Inner,
    hooks::{self, Told},
    settings::{BodyTime, Danger, Policies},
};
use crate::{
    config::Server,
    data::DataDir,
    exit::Stop,
    operator,
    serve::{self, Parts, Wired},
    socket,
};
use domain::{
    Event, Origin, Settings,
    settings::{SameSite, SessionLife},
};
use gateway::{RequestIds, TrustedProxies};
use policy::{Additions, Known, Policy};
use std::{
    path::{Path, PathBuf},
    process::ExitCode,
    sync::{Arc, Mutex},
    time::Duration,
};
use store::{Migrations, tables::single};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// Which of Doorward's own faces the app shows.
#[derive(Debug, Clone, Copy)]
pub struct Mounted {
    /// The pages: sign-in, account, audit log.
    pub pages: bool,
    /// The operations by REST.
    pub rest: bool,
}

/// What an app says of itself. [`Doorward::builder`] begins it; [`run`](Self::run) makes a whole program of it, and
/// [`start`](Self::start) leaves the serving to the app.
///
/// Every setting has the safe value to begin with. What weakens the app begins with `danger_`, can be said nowhere but
/// here, and is logged at each start.
#[must_use]
pub struct Builder {
    pub(super) name: &'static str,
    data: PathBuf,
    database: Option<String>,
    pub(super) root_key_file: Option<PathBuf>,
    home: Option<Origin>,
    additions: Additions,
    pub(super) tables: Vec<Migrations>,
    hooks: Vec<Told>,
    mounted: Mounted,
    pub(super) policies: Policies,
    trusted: TrustedProxies,
    set: Vec<Set>,
}

/// One change of the settings.
type Set = Box<dyn Fn(&mut Settings) + Send + Sync>;

impl Doorward {
    /// Begins with the name of the app, as its command line and its log call it.
    pub fn builder(name: &'static str) -> Builder {
        Builder {
            name,
            data: format!("{name}-data").into(),
            database: None,
            root_key_file: None,
            home: None,
            additions: Additions::default(),
            tables: Vec::new(),
            hooks: Vec::new(),
            mounted: Mounted { pages: true, rest: true },
            policies: Policies::default(),
            trusted: TrustedProxies::default(),
            set: Vec::new(),
        }
        .mount("/auth")
    }
}

impl Builder {
    /// The app's actions, as [`actions!`](crate::actions) lists them. What is not listed, nobody may do.
    pub fn actions(mut self, actions: &[Known]) -> Self {
        self.additions.actions.extend_from_slice(actions);
        self
    }

    /// Policies of the app's own, in [Cedar](https://www.cedarpolicy.com), each with an `@id` and a `@reason` and about
    /// actions of the app alone. They add to what the reach of an action says and to nothing else.
    pub fn policies(mut self, cedar: &str) -> Self {
        self.additions.policies.push_str(cedar);
        self.additions.policies.push('\n');
        self
    }

    /// The app's own tables, beside Doorward's.
    pub fn tables(mut self, tables: Migrations) -> Self {
        self.tables.push(tables);
        self
    }

    /// Has `hook` told of every audit event, the app's own included, after it was committed. It runs on a task of its
    /// own and must not block.
    pub fn on_event(mut self, hook: impl Fn(&Event) + Send + Sync + 'static) -> Self {
        self.hooks.push(Arc::new(hook));
        self
    }

    /// Where Doorward's own pages and REST lie: `/auth`, unless it is said otherwise; empty for the root.
    pub fn mount(self, path: &str) -> Self {
        let path = path.trim_end_matches('/').to_owned();
        self.set(move |settings| settings.mount.clone_from(&path))
    }

    /// Whether Doorward's own pages and its REST are shown; both are, unless it is said otherwise. With a single
    /// administrator neither is.
    pub fn mounted(mut self, mounted: Mounted) -> Self {
        self.mounted = mounted;
        self
    }

    /// The name of the cookie of a signed-in browser. Over https it gets the prefix `__Host-`.
    pub fn session_cookie(self, name: &str) -> Self {
        let name = name.to_owned();
        self.set(move |settings| settings.session_cookie.name.clone_from(&name))
    }

    /// Which links from other sites bring the cookie along: those that somebody follows, unless it is said otherwise.
    pub fn same_site(self, same_site: SameSite) -> Self {
        self.set(move |settings| settings.session_cookie.same_site = same_site)
    }

    /// Who has an account, and how they sign in.
    pub fn accounts(mut self, accounts: Accounts) -> Self {
        self.policies.accounts = accounts;
        if accounts == Accounts::SingleAdministrator {
            self.tables.push(single::TABLES);
            self.additions.actions.extend_from_slice(policy::actions::single::KNOWN);
        }
        self.set(move |settings| settings.setup_by_link = accounts == Accounts::People)
    }

    /// How new passwords are hashed.
    pub fn password_hashing(mut self, hashing: PasswordHashing) -> Self {
        self.policies.hashing = hashing;
        self
    }

    /// When the session's cookie is for secure connections only.
    pub fn secure_cookie(mut self, secure: SecureCookie) -> Self {
        self.policies.secure_cookie = secure;
        self
    }

    /// In which headers the token of a single administrator may come.
    pub fn carriers(mut self, carriers: Carriers) -> Self {
        self.policies.carriers = carriers;
        self
    }

    /// How long a request's body may take in all, from the moment that its request was let through: half a minute,
    /// unless it is said otherwise. One that takes longer is answered with 408.
    pub fn body_time(mut self, time: Duration) -> Self {
        self.policies.body_time = BodyTime(time);
        self
    }

    /// How refusals are written.
    pub fn error_body(mut self, errors: ErrorBody) -> Self {
        self.policies.errors = errors;
        self
    }

    /// Lets an unsafe request pass that says nothing of where it comes from, when its body is JSON: for clients that
    /// have a cookie and are no browser. Old browsers, which say nothing either, are kept out by `SameSite` alone then.
    pub fn danger_json_is_same_origin(mut self) -> Self {
        self.policies.dangers.insert(Danger::JsonIsSameOrigin);
        self
    }

    /// Gives a single administrator one token that they may read again. Whoever reads the app's answers to them, or a
    /// backup, has it.
    pub fn danger_readable_token(mut self) -> Self {
        self.policies.dangers.insert(Danger::ReadableToken);
        self
    }

    /// Puts the secrets of a single administrator into backups, and takes them back. Whoever has a backup has the app.
    pub fn danger_backup_with_secrets(mut self) -> Self {
        self.policies.dangers.insert(Danger::BackupWithSecrets);
        self
    }

    /// Keeps the name of a single administrator's cookie as it is over https, too, for clients that know it by that name.
    /// Without `__Host-` other hosts of the same domain can set one of that name; it counts for nothing then, nor does
    /// the right one beside it.
    pub fn danger_bare_cookie_name(mut self) -> Self {
        self.policies.dangers.insert(Danger::BareCookieName);
        self
    }

    /// Takes any password that is not empty.
    pub fn danger_any_password(mut self) -> Self {
        self.policies.dangers.insert(Danger::AnyPassword);
        self.set(|settings| settings.passwords.danger_any = true)
    }

    /// Asks nobody who they are, for whoever has lost their password: every request from this machine is the local
    /// operator's, and any other is refused. It holds for one run, and serving takes loopback addresses alone.
    pub fn danger_authentication_off(mut self, off: bool) -> Self {
        if off {
            self.policies.dangers.insert(Danger::AuthenticationOff);
        }
        self
    }

    /// How long a browser stays signed in.
    pub fn session_life(self, life: SessionLife) -> Self {
        self.set(move |settings| settings.sessions = life)
    }

    /// Where the data lies, for [`start`](Self::start); a command line says it by `--data`.
    pub fn data(mut self, folder: impl AsRef<Path>) -> Self {
        folder.as_ref().clone_into(&mut self.data);
        self
    }

    /// The PostgreSQL that keeps the data, `postgresql://…`, in place of a file in the data directory; a command line that
    /// names one by `--database` counts before it. All replicas need one file of root keys then.
    pub fn database(mut self, url: &str) -> Self {
        self.database = Some(url.to_owned());
        self
    }

    /// The file of the root keys, where it is not in the data directory; `--root-key-file` counts before it.
    pub fn root_key_file(mut self, file: impl AsRef<Path>) -> Self {
        self.root_key_file = Some(file.as_ref().to_owned());
        self
    }

    /// Where browsers reach the app, for [`start`](Self::start): `http://localhost:8080`, unless it is said otherwise.
    pub fn home(mut self, home: Origin) -> Self {
        self.home = Some(home);
        self
    }

    /// The proxies whose forwarding headers are believed, for [`start`](Self::start): none, unless it is said otherwise.
    pub fn trusted_proxies(mut self, trusted: TrustedProxies) -> Self {
        self.trusted = trusted;
        self
    }

    /// Makes a whole program of the app: `serve`, and the command line of Doorward, which works on the data directory
    /// when nobody serves it and speaks to the server when somebody does. `NAME setup-link`, `NAME user update --role
    /// admin` and their like are the way back in for whoever is locked out.
    ///
    /// It serves with TLS, limits, access log and shutdown as the program `doorward` does, and takes the same flags,
    /// variables and file.
    pub fn run(self, routes: impl FnOnce(&Doorward) -> Routes) -> ExitCode {
        command::run(self, routes)
    }

    /// Starts Doorward and its background work on the runtime that calls, and leaves the serving to the app. End it by
    /// [`Doorward::stop`].
    pub async fn start(self) -> Result<Doorward, StartError> {
        let data = DataDir::open(&self.data)?;
        let home = self.home.clone().unwrap_or_else(|| Origin::new(domain::Scheme::Http, "localhost", 8080));
        let server = self.server()?;
        let parts = Parts::at((server.as_ref(), self.root_key_file.as_deref()), &data, Settings::at(home))?;
        let wired = self.change(parts)?.assemble().await?;
        let listener = socket::bind(&data)?;
        let (tasks, shutdown) = (TaskTracker::new(), CancellationToken::new());
        let trusted = self.trusted.clone();
        let doorward = self.open(&wired, trusted, (tasks, shutdown)).await?;
        let Inner { desk, tasks, shutdown, data: held, .. } = &*doorward.0;
        socket::serve(listener, operator::router(desk.clone()), tasks, shutdown.clone());
        serve::begin(desk, tasks, shutdown);
        held.lock().unwrap_or_else(std::sync::PoisonError::into_inner).replace(data);
        Ok(doorward)
    }

    fn set(mut self, set: impl Fn(&mut Settings) + Send + Sync + 'static) -> Self {
        self.set.push(Box::new(set));
        self
    }

    /// The server that the app keeps its data at, if it names one.
    pub(crate) fn server(&self) -> Result<Option<Server>, Stop> {
        self.database.as_deref().map(Server::at).transpose()
    }

    /// The installation's settings, as the app wants them.
    pub(crate) fn apply(&self, mut settings: Settings) -> Settings {
        self.set.iter().for_each(|set| set(&mut settings));
        settings
    }

    /// What Doorward is put together of, with the app's actions and settings.
    pub(crate) fn change(&self, parts: Parts) -> Result<Parts, StartError> {
        let (scheme, settings) = (self.policies.hashing.scheme(), self.apply(parts.settings));
        Ok(Parts { policy: self.policy()?, scheme, settings, ..parts })
    }

    /// As the app says, but for Argon2id, which is cheap in tests.
    #[cfg(feature = "testing")]
    pub(crate) fn scheme_for_tests(&self, cheap: vault::Scheme) -> vault::Scheme {
        match self.policies.hashing {
            PasswordHashing::Argon2id => cheap,
            other => other.scheme(),
        }
    }

    pub(crate) fn policy(&self) -> Result<Policy, StartError> {
        Ok(Policy::with(&self.additions)?)
    }

    /// Makes the app's tables and lets its hooks listen.
    pub(crate) async fn open(
        self,
        wired: &Wired,
        trusted: TrustedProxies,
        (tasks, shutdown): (TaskTracker, CancellationToken),
    ) -> Result<Doorward, StartError> {
        for danger in &self.policies.dangers {
            tracing::warn!(app = self.name, setting = danger.name(), "this setting weakens the app");
        }
        let door = wired.desk.house.door();
        for tables in self.tables {
            door.migrate(tables).await?;
        }
        if self.policies.accounts == Accounts::SingleAdministrator {
            let begun = identity::single::begin(&wired.desk.house).await;
            begun.map_err(|error| StartError::Stopped(error.to_string()))?;
        }
        if !self.hooks.is_empty() {
            let (queue, waiting) = hooks::queue(self.hooks);
            door.hook(Box::new(queue));
            tasks.spawn(waiting.work(shutdown.clone()));
        }
        let (desk, ids) = (wired.desk.clone(), RequestIds::of(Arc::clone(&wired.entropy)));
        let (mounted, policies, data) = (self.mounted, self.policies, Mutex::new(None));
        Ok(Doorward(Arc::new(Inner { desk, ids, trusted, mounted, policies, tasks, shutdown, data })))
    }
}
