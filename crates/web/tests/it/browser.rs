//! A browser: it keeps cookies by host, says where a form came from, and goes where it is led. In place of the
//! gateway it asks the app hosts' functions itself.

use crate::house::{HOME, TestHouse, client};
use axum::{body::Body, response::Response};
use doorward_web::app_host;
use http::{HeaderMap, Method, Request, Uri, header, request::Parts};
use serde_json::Value;
use std::{collections::BTreeMap, net::IpAddr};
use tower::ServiceExt as _;

type Jar = BTreeMap<String, String>;

pub(crate) struct Browser<'h> {
    house: &'h TestHouse,
    address: IpAddr,
    jars: BTreeMap<String, Jar>,
}

/// An answer, whole.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Page {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn location(&self) -> &str {
        self.header("location")
    }

    /// What a hidden field of the page holds.
    pub(crate) fn hidden(&self, name: &str) -> String {
        let start = format!("type=\"hidden\" name=\"{name}\" value=\"");
        let value = self.text.split(&start).nth(1).unwrap().split('"').next().unwrap();
        value.replace("&#38;", "&")
    }

    #[track_caller]
    pub(crate) fn shows(&self, status: u16, text: &str) {
        assert_eq!(self.status, status, "{self:?}");
        assert!(self.text.contains(text), "`{text}` is not in {}", self.text);
    }
}

impl<'h> Browser<'h> {
    pub(crate) const fn at(house: &'h TestHouse, address: IpAddr) -> Self {
        Self { house, address, jars: BTreeMap::new() }
    }

    pub(crate) async fn get(&mut self, url: &str) -> Page {
        self.send(request(Method::GET, url), "").await
    }

    /// Sends a form from a page of the same origin.
    pub(crate) async fn post(&mut self, url: &str, fields: &[(&str, &str)]) -> Page {
        let uri: Uri = url.parse().unwrap();
        let origin = format!("http://{}", uri.authority().unwrap());
        self.post_from(url, fields, &[("origin", &origin), ("sec-fetch-site", "same-origin")]).await
    }

    /// Sends a form that says of its origin what `fields_of_head` say.
    pub(crate) async fn post_from(
        &mut self,
        url: &str,
        fields: &[(&str, &str)],
        head: &[(&str, &str)],
    ) -> Page {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let mut parts = request(Method::POST, url);
        for (name, value) in head {
            parts.headers.insert(http::HeaderName::try_from(*name).unwrap(), value.parse().unwrap());
        }
        let kind = "application/x-www-form-urlencoded".parse().unwrap();
        parts.headers.insert(header::CONTENT_TYPE, kind);
        self.send(parts, &body).await
    }

    /// Sends JSON as a page of the home host does, and reads the answer's.
    pub(crate) async fn call(&mut self, method: Method, path: &str, body: &Value) -> (u16, Value) {
        let mut parts = request(method, &format!("{HOME}{path}"));
        parts.headers.insert("sec-fetch-site", "same-origin".parse().unwrap());
        parts.headers.insert(header::CONTENT_TYPE, "application/json".parse().unwrap());
        let text = if body.is_null() { String::new() } else { body.to_string() };
        let page = self.send(parts, &text).await;
        (page.status, serde_json::from_str(&page.text).unwrap_or(Value::Null))
    }

    /// Gets `url` and goes on wherever it leads.
    pub(crate) async fn follow(&mut self, url: &str) -> Page {
        let mut url: Uri = url.parse().unwrap();
        for _ in 0..10 {
            let page = self.get(&url.to_string()).await;
            if page.status != 303 {
                return page;
            }
            url = resolve(&url, page.location());
        }
        panic!("it leads on and on: {url}");
    }

    pub(crate) async fn sign_in(&mut self, identifier: &str, password: &str) -> Page {
        let fields = [("identifier", identifier), ("password", password)];
        self.post("http://localhost:8080/login", &fields).await
    }

    /// The cookies of a host.
    pub(crate) fn jar(&mut self, host: &str) -> &mut Jar {
        self.jars.entry(host.to_owned()).or_default()
    }

    pub(crate) async fn send(&mut self, mut parts: Parts, body: &str) -> Page {
        let host = parts.uri.host().unwrap().to_owned();
        let cookies: Vec<String> =
            self.jar(&host).iter().map(|(name, value)| format!("{name}={value}")).collect();
        if !cookies.is_empty() {
            parts.headers.insert(header::COOKIE, cookies.join("; ").parse().unwrap());
        }
        parts.uri = parts.uri.path_and_query().unwrap().as_str().parse().unwrap();
        parts.extensions.insert(client(self.address));
        let response = if host == "localhost" {
            let request = Request::from_parts(parts, Body::from(body.to_owned()));
            self.house.home.clone().oneshot(request).await.unwrap()
        } else {
            self.at_app(&host, parts).await
        };
        let page = page(response).await;
        for line in page.headers.get_all(header::SET_COOKIE) {
            keep(self.jar(&host), line.to_str().unwrap());
        }
        page
    }

    async fn at_app(&self, host: &str, parts: Parts) -> Response {
        let (desk, route) = (&self.house.desk, self.house.route(host));
        if parts.uri.path().starts_with("/.doorward/") {
            return app_host::own_path(desk, &route, client(self.address), parts).await;
        }
        match desk.access.authenticate(&parts.headers, &route).await {
            Ok(Some(who)) => Response::new(Body::from(format!("{} at {}", who.name, parts.uri))),
            Ok(None) | Err(access::CredentialError::SessionEnded) => {
                app_host::start_sign_in(desk, &route, &parts)
            }
            Err(error) => panic!("{error}"),
        }
    }
}

/// A request as a browser sends it when somebody follows a link.
pub(crate) fn request(method: Method, url: &str) -> Parts {
    let agent = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0";
    let request = Request::builder().method(method).uri(url).header(header::USER_AGENT, agent);
    request.header("sec-fetch-mode", "navigate").body(()).unwrap().into_parts().0
}

pub(crate) async fn page(response: Response) -> Page {
    let (parts, body) = response.into_parts();
    let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    Page {
        status: parts.status.as_u16(),
        headers: parts.headers,
        text: String::from_utf8(bytes.to_vec()).unwrap(),
    }
}

fn keep(jar: &mut Jar, line: &str) {
    let (name, rest) = line.split_once('=').unwrap();
    let value = rest.split(';').next().unwrap();
    if line.contains("Max-Age=0") {
        jar.remove(name);
    } else {
        jar.insert(name.to_owned(), value.to_owned());
    }
}

fn resolve(base: &Uri, location: &str) -> Uri {
    let whole = if location.starts_with('/') {
        format!("http://{}{location}", base.authority().unwrap())
    } else {
        location.to_owned()
    };
    whole.parse().unwrap()
}
