//! REST, pages and the OpenAPI document: the only HTML.
