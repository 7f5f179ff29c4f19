//! What holds for every page, tried on all that the gallery shows.

#[path = "../../examples/gallery/pages.rs"]
mod pages;

use crate::{assets, views};

const HOSTILE: &str = "<script>alert('x')</script>\" style=\"x";

fn plain() -> Vec<pages::Page> {
    pages::all(str::to_owned).unwrap()
}

fn hostile() -> Vec<pages::Page> {
    pages::all(|text| format!("{text}{HOSTILE}")).unwrap()
}

#[test]
fn whatever_is_put_into_a_page_is_escaped() {
    for (name, html) in hostile() {
        assert!(html.contains("&#60;script&#62;"), "{name} shows nothing of it");
        assert!(!html.contains("<script"), "{name}");
        assert!(!html.contains("\" style="), "{name}");
    }
}

#[test]
fn no_page_holds_script_or_inline_style() {
    for (name, html) in plain() {
        for forbidden in ["<script", "<style", "style=", "javascript:", " onclick", " onsubmit", " onload"] {
            assert!(!html.contains(forbidden), "{name}: {forbidden}");
        }
    }
}

#[test]
fn every_page_has_a_language_a_title_one_heading_and_one_main_part() {
    for (name, html) in plain() {
        for once in ["<html lang=\"en\">", " · Doorward</title>", "<h1>", "<main "] {
            assert_eq!(html.matches(once).count(), 1, "{name}: {once}");
        }
    }
}

#[test]
fn every_form_that_changes_something_posts_to_a_path_of_ours() {
    for (name, html) in plain() {
        for form in html.split("<form ").skip(1) {
            let open = form.split('>').next().unwrap();
            let posts = open.contains("method=\"post\" action=\"/");
            let searches = open.contains("method=\"get\"") && open.contains("role=\"search\"");
            assert!(posts || searches, "{name}: {open}");
        }
    }
}

#[test]
fn every_label_and_description_points_at_something() {
    for (name, html) in plain() {
        let pointers =
            ["for", "aria-describedby", "aria-labelledby"].map(|attribute| values(&html, attribute));
        for id in pointers.iter().flatten().flat_map(|value| value.split_whitespace()) {
            assert_eq!(html.matches(&format!(" id=\"{id}\"")).count(), 1, "{name}: {id}");
        }
    }
}

fn values<'a>(html: &'a str, attribute: &str) -> Vec<&'a str> {
    let open = format!(" {attribute}=\"");
    html.split(&open).skip(1).filter_map(|rest| rest.split('"').next()).collect()
}

#[test]
fn no_page_weighs_more_than_50_kb_with_its_stylesheet() {
    let stylesheet = assets::find(assets::stylesheet()).unwrap().bytes.len();
    for (name, html) in plain() {
        assert!(html.len() + stylesheet < 50_000, "{name}: {} + {stylesheet}", html.len());
    }
}

#[test]
fn a_password_that_was_typed_is_not_sent_back() {
    for (name, html) in plain() {
        for input in html.split("<input ").skip(1).filter_map(|rest| rest.split('>').next()) {
            assert!(!(input.contains("type=\"password\"") && input.contains("value=")), "{name}");
        }
    }
}

#[test]
fn an_error_names_the_app_and_never_a_placeholder() {
    for status in [400, 401, 403, 404, 405, 418, 421, 429, 500, 502, 503, 504] {
        for app in [None, Some("Notes")] {
            let page = views::ErrorPage::new(views::Frame::default(), status, app);
            assert!(!page.title.contains('{') && !page.text.contains('{'), "{status}");
        }
    }
    let page = views::ErrorPage::new(views::Frame::default(), 502, Some("Notes"));
    assert_eq!(page.title, "Notes does not answer");
}

#[test]
fn names_are_listed_as_a_sentence_does() {
    let names = ["Ada", "Grace", "Alan"].map(str::to_owned);
    assert_eq!(views::listed(&names, "or"), "Ada, Grace or Alan");
    assert_eq!(views::listed(names.get(..1).unwrap(), "or"), "Ada");
    assert_eq!(views::listed(&[], "or"), "");
}
