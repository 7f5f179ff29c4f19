//! What a form or a query says, field by field.
//!
//! Each field is taken out by name; what is left over at the end is refused, as it is in REST.

use super::Trouble;
use crate::{Desk, Problem, rest::BODY_TIME};
use axum::{
    body::to_bytes,
    extract::{FromRequest, Request},
};
use http::{HeaderMap, StatusCode, Uri, header};
use tokio::time::timeout;

/// The largest form.
const LARGEST: usize = 64 * 1024;

/// The fields of a form or a query that were not taken out yet.
pub(super) struct Fields(Vec<(String, String)>);

impl Fields {
    /// The fields of a query.
    pub(super) fn of_query(uri: &Uri) -> Self {
        Self::read(uri.query().unwrap_or_default().as_bytes())
    }

    pub(super) fn read(text: &[u8]) -> Self {
        Self(form_urlencoded::parse(text).into_owned().collect())
    }

    /// A field exactly as it was typed.
    pub(super) fn take_raw(&mut self, name: &str) -> Result<Option<String>, Problem> {
        let mut values = self.all(name);
        let value = values.pop();
        if values.is_empty() { Ok(value) } else { Err(Problem::invalid(format!("`{name}` is said twice"))) }
    }

    /// A field without the blanks around it.
    pub(super) fn take(&mut self, name: &str) -> Result<Option<String>, Problem> {
        Ok(self.take_raw(name)?.map(|value| value.trim().to_owned()))
    }

    /// A field that must be there, without the blanks around it.
    pub(super) fn text(&mut self, name: &str) -> Result<String, Problem> {
        self.take(name)?.ok_or_else(|| missing(name))
    }

    /// A password, exactly as it was typed.
    pub(super) fn password(&mut self, name: &str) -> Result<String, Problem> {
        self.take_raw(name)?.ok_or_else(|| missing(name))
    }

    /// A field that may be there many times.
    pub(super) fn all(&mut self, name: &str) -> Vec<String> {
        self.0.extract_if(.., |(found, _)| found == name).map(|(_, value)| value).collect()
    }

    /// Refuses what nobody asked for.
    pub(super) fn end(self) -> Result<(), Problem> {
        let Some((name, _)) = self.0.first() else { return Ok(()) };
        let shown: String = name.chars().filter(|c| !c.is_control()).take(60).collect();
        Err(Problem::invalid(format!("there is no field `{shown}` in this form")))
    }
}

impl FromRequest<Desk> for Fields {
    type Rejection = Trouble;

    async fn from_request(request: Request, _: &Desk) -> Result<Self, Trouble> {
        let (parts, body) = request.into_parts();
        let too_large = |_| {
            Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "body_too_large", "the form is larger than 64 KiB")
        };
        let read = timeout(BODY_TIME, to_bytes(body, LARGEST)).await;
        let bytes = read.map_err(|_| Problem::slow_body())?.map_err(too_large)?;
        if !bytes.is_empty() && !is_form(&parts.headers) {
            let detail = "a form is sent as `application/x-www-form-urlencoded`";
            return Err(
                Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", detail).into()
            );
        }
        Ok(Self::read(&bytes))
    }
}

fn is_form(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    kind.eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

fn missing(name: &str) -> Problem {
    Problem::invalid(format!("`{name}` is missing"))
}

#[cfg(test)]
mod tests {
    use super::Fields;

    #[test]
    fn typed_text_loses_the_blanks_around_it_and_a_password_does_not() {
        let mut fields = Fields::read(b"name=+Ada+&password=+secret+");
        assert_eq!(fields.text("name").unwrap(), "Ada");
        assert_eq!(fields.password("password").unwrap(), " secret ");
        assert!(fields.end().is_ok());
    }

    #[test]
    fn what_is_said_twice_or_not_asked_for_is_refused() {
        assert!(Fields::read(b"name=a&name=b").text("name").is_err());
        assert!(Fields::read(b"").text("name").is_err());
        assert!(Fields::read(b"role=admin").end().is_err());
        assert_eq!(Fields::read(b"app=a&x=&app=b").all("app"), ["a", "b"]);
    }
}
