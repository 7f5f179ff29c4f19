//! Notes: everybody sees their own, administrators see all.
//! `cargo run -p doorward --example notes -- serve` serves it and prints the link for the first account.

use axum::{
    Json,
    extract::Path,
    http::StatusCode,
    routing::{delete, get, post},
};
use doorward::{
    Authorized, Builder, Db, Doorward, Error, Facts, Id, Kind, Principal, Resource, Routes, User,
    db::{self, Ending, FromRow, Load, Migrations, ReadTx, Row},
};
use serde::Serialize;
use std::process::ExitCode;

/// A note and whose it is.
#[derive(Serialize)]
struct Note {
    id: Id<Note>,
    owner: Id<User>,
    text: String,
}

impl Kind for Note {
    const PREFIX: &'static str = "note";
}

impl Resource for Note {
    type Id = Id<Self>;
    const TYPE: &'static str = "Note";

    fn id(&self) -> Id<Self> {
        self.id
    }

    fn facts(&self) -> Facts {
        Facts::owned(Self::TYPE, &self.id, self.owner)
    }
}

impl FromRow for Note {
    fn from_row(row: &Row<'_>) -> Result<Self, db::Error> {
        Ok(Self { id: row.read(0)?, owner: row.read(1)?, text: row.read(2)? })
    }
}

impl Load for Note {
    fn load(tx: &mut ReadTx<'_>, id: Id<Self>) -> Result<Option<Self>, db::Error> {
        tx.find("SELECT id, owner, text FROM notes WHERE id = $1", &[id.into()])
    }
}

doorward::actions! {
    /// See notes: one's own, or all.
    ListNotes = "note:list" on Note, Own Administer;
    /// Read a note.
    ReadNote = "note:read" on Note, Own Administer;
    /// Write a note of one's own.
    CreateNote = "note:create" on Note, Own;
    /// Throw a note away.
    DeleteNote = "note:delete" on Note, Own Administer;
}

async fn list(db: Db) -> Result<Json<Vec<Note>>, Error> {
    let notes = db.read((), |tx, ()| {
        let owner = tx.visible::<ListNotes>()?.owner();
        let sql = "SELECT id, owner, text FROM notes WHERE owner = coalesce($1, owner) ORDER BY id LIMIT 500";
        Ok(tx.list(sql, &[owner.into()])?)
    });
    notes.await.map(Json)
}

async fn create(who: Principal, db: Db, text: String) -> Result<(StatusCode, Json<Note>), Error> {
    let note = db.write((who.id, text), |tx, (owner, text)| {
        let note = Note { id: tx.new_id(), owner: *owner, text: text.clone() };
        let permit = tx.permit::<CreateNote>(&note)?;
        let row = [note.id.into(), note.owner.into(), note.text.as_str().into()];
        tx.change(&permit, "INSERT INTO notes (id, owner, text) VALUES ($1, $2, $3)", &row)?;
        Ok(Ending::Done(note, tx.deed(permit)))
    });
    Ok((StatusCode::CREATED, Json(note.await?)))
}

async fn read(Authorized(note): Authorized<ReadNote>) -> Json<Note> {
    Json(note)
}

async fn remove(Path(id): Path<Id<Note>>, db: Db) -> Result<StatusCode, Error> {
    let removed = db.write(id, |tx, id| {
        let (_, permit) = tx.authorize::<DeleteNote>(*id)?;
        tx.change(&permit, "DELETE FROM notes WHERE id = $1", &[permit.id().into()])?;
        Ok(Ending::Done(StatusCode::NO_CONTENT, tx.deed(permit)))
    });
    removed.await
}

const TABLES: &str = "CREATE TABLE notes (id {blob} PRIMARY KEY, text TEXT NOT NULL, \
    owner {blob} NOT NULL REFERENCES users (id) ON DELETE CASCADE) {strict}; \
    CREATE INDEX notes_by_owner ON notes (owner, id);";

/// The app, before it has a place for its data.
pub(crate) fn app() -> Builder {
    Doorward::builder("notes").actions(ACTIONS).tables(Migrations { app: "notes", steps: &[TABLES] })
}

/// Every route, and what it takes to be let through.
pub(crate) fn routes() -> Routes {
    Routes::new()
        .public("/", get(|| async { "notes with owners" }))
        .requires::<ListNotes>("/notes", get(list))
        .requires::<CreateNote>("/notes", post(create))
        .requires::<ReadNote>("/notes/{id}", get(read))
        .requires::<DeleteNote>("/notes/{id}", delete(remove))
}

fn main() -> ExitCode {
    app().run(|_| routes())
}
