//! What a handler refused with, on its way to the layer.

use web::Problem;

/// What a handler refused with: the layer writes it.
#[derive(Clone)]
pub(super) struct Carried(pub(super) Problem);
