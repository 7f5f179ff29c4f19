//! What the compiler writes for an app.

/// Declares actions, and lists them all in a constant `ACTIONS` for
/// [`Builder::actions`](crate::Builder::actions):
///
/// ```
/// # struct Note(doorward::Id<Note>);
/// # impl doorward::Kind for Note { const PREFIX: &'static str = "note"; }
/// # impl doorward::Resource for Note {
/// #     type Id = doorward::Id<Note>;
/// #     const TYPE: &'static str = "Note";
/// #     fn id(&self) -> Self::Id { self.0 }
/// #     fn key(&self) -> Option<String> { None }
/// #     fn facts(&self) -> doorward::Facts { doorward::Facts::new(Self::TYPE, "one") }
/// # }
/// doorward::actions! {
///     /// Read a note.
///     ReadNote = "note:read" on Note, Own Administer;
///     /// Show a note to others: nobody may, until a policy of the app's says who.
///     ShareNote = "note:share" on Note,;
/// }
/// assert_eq!(ACTIONS.len(), 2);
/// ```
///
/// Behind the comma stands whom it is for without any further policy, by the names of [`Reach`](crate::Reach).
#[macro_export]
macro_rules! actions {
    ($($(#[$doc:meta])* $vis:vis $name:ident = $text:literal on $on:ty, $($reach:ident)*;)+) => {
        $(
            $(#[$doc])*
            #[derive(Debug)]
            $vis struct $name;

            impl $crate::Action for $name {
                const NAME: &'static str = $text;
                const REACH: &'static [$crate::Reach] = &[$($crate::Reach::$reach),*];
                type On = $on;
            }
        )+

        /// Every action of the app.
        pub(crate) const ACTIONS: &[$crate::Known] = &[$($crate::Known::of::<$name>()),+];
    };
}
