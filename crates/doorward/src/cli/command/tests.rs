use super::*;

#[test]
fn no_two_flags_of_a_command_have_one_name() {
    tree().debug_assert();
}

#[test]
fn every_operation_with_a_command_is_found_by_its_words() {
    for entry in OPERATIONS {
        let Some(words) = entry.command else { continue };
        let schema = (entry.input)();
        let arguments = argument::all(entry.path, schema.as_value());
        let line = ["doorward"].into_iter().chain(words.split(' '));
        let line: Vec<String> = line.map(str::to_owned).chain(argument::needed(&arguments)).collect();
        let matches = tree().try_get_matches_from(line).unwrap_or_else(|error| panic!("{words}: {error}"));
        assert_eq!(find_entry(&matches).unwrap().0.id, entry.id);
    }
}

#[test]
fn global_flags_stand_before_or_behind_the_command() {
    for line in [["doorward", "--json", "serve"], ["doorward", "serve", "--json"]] {
        let matches = tree().try_get_matches_from(line).unwrap();
        assert!(Flags::from_arg_matches(&matches).unwrap().json);
    }
}

#[test]
fn protect_takes_a_place_a_name_and_a_host() {
    let read = |line: &[&str]| {
        let matches = tree().try_get_matches_from(line).unwrap();
        ProtectArgs::read(matches.subcommand_matches("protect").unwrap()).unwrap()
    };
    let bare = read(&["doorward", "protect"]);
    assert!(bare.upstream.is_none() && bare.name.is_none() && bare.host.is_none());
    let full =
        ["doorward", "protect", "http://127.0.0.1:3000", "--name", "notes", "--host", "notes.example.org"];
    let full = read(&full);
    assert_eq!(full.upstream.unwrap().to_string(), "http://127.0.0.1:3000");
    assert_eq!((full.name.unwrap().as_str(), full.host.unwrap().as_str()), ("notes", "notes.example.org"));
    assert!(tree().try_get_matches_from(["doorward", "protect", "notes"]).is_err());
}

#[test]
fn the_help_lists_every_command() {
    let help = tree().render_help().to_string();
    let commands = help.split("\n\n").find(|part| part.starts_with("Commands:")).unwrap();
    insta::assert_snapshot!(commands, @r#"
    Commands:
      protect     Put sign-in in front of an app and serve
      serve       Serve what is configured
      setup-link  Print a fresh one-time link for the first administrator
      root-key    Make a root-key file, which all replicas on one PostgreSQL database share
      db          status, migrate, move
      app         list, create, show, update, remove
      audit       list, show
      group       list, create, show, rename, remove, add-member, remove-member
      session     list, end
      token       list, create, revoke
      user        list, create, show, update
      help        Print this message or the help of the given subcommand(s)
    "#);
}

#[test]
fn the_help_of_an_app_s_settings_says_how_each_is_written() {
    let mut tree = tree();
    let update = tree.find_subcommand_mut("app").unwrap().find_subcommand_mut("update").unwrap();
    let help = update.clone().term_width(0).render_help().to_string();
    let settings = help.lines().map(str::trim).filter(|line| {
        [
            "--upstreams",
            "--rules",
            "--request-set",
            "--health-path",
            "--no-maintenance",
            "--sign-in-hours",
            "--roles",
        ]
        .iter()
        .any(|flag| line.starts_with(flag))
    });
    insta::assert_snapshot!(settings.collect::<Vec<_>>().join("\n"), @r"
    --upstreams <TEXT,TEXT>          Where it is: one place, or several that do the same [alias: --upstream]
    --roles <TEXT,TEXT>              Whoever has one of these roles (Other people: what is written here replaces all that was) [alias: --role]
    --rules <RULE>                   Who may use some of its paths, instead of who may open it; the first that matches decides; written `[METHODS] PATH WHO`, such as `/share anyone`, `GET,PROPFIND /dav signed_in` or `/admin group:staff user:ada role:admin`; or as JSON [alias: --rule]
    --request-set <NAME: VALUE>      Names and values that replace what was there (On the way to the app); `-` reads lines of standard input, which no other process sees
    --health-path <TEXT>             The path that is asked by `GET`; any answer below 500 means well (How its upstreams are asked whether they are well)
    --no-maintenance                 Takes this back: Shuts it, and is what visitors are told
    --sign-in-hours <NUMBER>         The most hours since a visitor last proved who they are; then they are asked again
    ");
}
