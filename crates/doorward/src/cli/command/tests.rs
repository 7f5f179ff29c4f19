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
      app         list, create, show, update, remove
      audit       list, show
      group       list, create, show, rename, remove, add-member, remove-member
      session     list, end
      token       list, create, revoke
      user        list, create, show, update
      help        Print this message or the help of the given subcommand(s)
    "#);
}
