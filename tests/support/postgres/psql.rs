//! A session of a program that knows SQL and nothing of Colophon.
//!
//! It treats a script as psql does: one statement after another, each by itself, including those after an error, and
//! every value as the server writes it. It is not psql, because psql's own behaviour (for instance, what it does with
//! rows between its statements) changes from one of its updates to the next. Where psql itself is meant, there is
//! [`PsqlProgram`](super::PsqlProgram).
//!
//! A session has a thread of its own, so that tests can use it from wherever they are, and every wait for an answer has
//! an end.

use std::collections::VecDeque;
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread::{self, JoinHandle};

use anyhow::{Context as _, anyhow};
use futures_util::SinkExt as _;
use tokio::sync::{mpsc as ask, oneshot};
use tokio_postgres::{Client, Config, NoTls, SimpleQueryMessage, SimpleQueryRow};

use super::catalogue::PASSWORD;
use super::cluster::Cluster;
use super::statements::statements;
use crate::ending::Deadline;

/// What the server said to a statement that failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct SqlError {
    /// The five characters of SQLSTATE; empty if it was not the server that reported it.
    pub code: String,
    /// The first error, with its hint.
    pub message: String,
}

type Answer = Result<Vec<String>, SqlError>;

/// What a session is asked.
#[derive(Debug)]
enum Question {
    Statements(String),
    Copy { statement: String, rows: String },
}

/// An open session on the server. Ends when dropped, and with it a transaction that is open.
#[derive(Debug)]
pub struct Psql {
    questions: ask::UnboundedSender<Question>,
    answers: Receiver<Answer>,
    /// What was not answered yet, first question first.
    asked: VecDeque<String>,
    end: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Psql {
    /// A session over the socket, where no password is asked for; in a cluster that somebody else runs, at its
    /// coordinator.
    pub fn connect(cluster: &Cluster, user: &str) -> anyhow::Result<Self> {
        let (host, _) = cluster.place();
        Self::connect_at(cluster, (host, cluster.port()), user)
    }

    /// The same, at some server of that cluster.
    pub(super) fn connect_at(cluster: &Cluster, (host, port): (String, u16), user: &str) -> anyhow::Result<Self> {
        let (superuser, its_password) = cluster.superuser();
        let mut config = Config::new();
        config
            .port(port)
            .user(user)
            .dbname(cluster.place().1)
            .application_name("a foreign writer");
        if cluster.is_given() {
            let password = if user == superuser { &its_password } else { PASSWORD };
            config.host(host).password(password);
        } else {
            config.host_path(cluster.socket());
        }
        let (questions, asked) = ask::unbounded_channel();
        let (answer, answers) = mpsc::channel();
        let (end, ended) = oneshot::channel();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let thread = thread::spawn(move || {
            runtime.block_on(async {
                tokio::select! {
                    () = serve(&config, asked, &answer) => (),
                    _ = ended => (),
                }
            });
        });
        let mut session = Self {
            questions,
            answers,
            asked: VecDeque::from(["connecting".to_owned()]),
            end: Some(end),
            thread: Some(thread),
        };
        session.answer().with_context(|| format!("{user} connects"))?;
        Ok(session)
    }

    /// The id of the server's process for this session.
    pub fn backend(&mut self) -> anyhow::Result<i32> {
        Ok(self.value("SELECT pg_backend_pid()")?.parse()?)
    }

    /// Runs statements; returns their rows, columns separated by `|`. After an error the statements that follow are run
    /// nevertheless.
    pub fn run(&mut self, sql: &str) -> Result<Vec<String>, SqlError> {
        self.send(sql);
        self.answer()
    }

    /// The first row of a query; an error if there is none.
    pub fn value(&mut self, sql: &str) -> anyhow::Result<String> {
        let rows = self.run(sql)?;
        rows.into_iter().next().with_context(|| format!("no row from {sql}"))
    }

    /// Runs a `COPY … FROM STDIN` with these rows, in the text format.
    pub fn copy_in(&mut self, statement: &str, rows: &str) -> Result<(), SqlError> {
        let (statement, rows) = (statement.to_owned(), rows.to_owned());
        self.ask(statement.clone(), Question::Copy { statement, rows });
        self.answer().map(drop)
    }

    /// Sends statements without waiting for the answer, which may be long in coming.
    pub fn send(&mut self, sql: &str) {
        self.ask(sql.to_owned(), Question::Statements(sql.to_owned()));
    }

    /// Waits for the answer to what was sent first.
    pub fn answer(&mut self) -> Result<Vec<String>, SqlError> {
        let asked = self.asked.pop_front().unwrap_or_else(|| "nothing".to_owned());
        let deadline = Deadline::until(format!("PostgreSQL has answered `{asked}`"));
        match deadline.next(&self.answers) {
            Ok(Some(answer)) => answer,
            Ok(None) => Err(of_ours(&anyhow!("the session has ended"))),
            Err(over) => Err(of_ours(&over)),
        }
    }

    fn ask(&mut self, asked: String, question: Question) {
        self.asked.push_back(asked);
        // A session that has ended shows as a missing answer.
        let _ = self.questions.send(question);
    }
}

impl Drop for Psql {
    fn drop(&mut self) {
        drop(self.end.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

async fn serve(config: &Config, mut questions: ask::UnboundedReceiver<Question>, answers: &Sender<Answer>) {
    let (client, connection) = match config.connect(NoTls).await {
        Ok(connected) => connected,
        Err(error) => {
            let _ = answers.send(Err(of_server(&error)));
            return;
        }
    };
    let work = async {
        let mut answer = Ok(Vec::new());
        // Whoever no longer waits for the answer has dropped the session.
        while answers.send(answer).is_ok() {
            answer = match questions.recv().await {
                Some(Question::Statements(sql)) => run(&client, &sql).await,
                Some(Question::Copy { statement, rows }) => copy_in(&client, &statement, rows).await,
                None => break,
            };
        }
    };
    tokio::join!(work, async {
        // Whoever asks next is told what ended the connection.
        let _ = connection.await;
    });
}

async fn run(client: &Client, sql: &str) -> Answer {
    let (mut rows, mut failed) = (Vec::new(), None);
    for statement in statements(sql) {
        match client.simple_query(statement).await {
            Ok(messages) => rows.extend(messages.iter().filter_map(|message| match message {
                SimpleQueryMessage::Row(row) => Some(as_text(row)),
                _ => None,
            })),
            Err(error) => {
                failed.get_or_insert_with(|| of_server(&error));
            }
        }
    }
    failed.map_or(Ok(rows), Err)
}

async fn copy_in(client: &Client, statement: &str, rows: String) -> Answer {
    let work = async {
        let mut sink = Box::pin(client.copy_in::<_, bytes::Bytes>(statement).await?);
        sink.send(rows.into()).await?;
        sink.as_mut().finish().await
    };
    let copied: Result<u64, tokio_postgres::Error> = work.await;
    copied.map(|_| Vec::new()).map_err(|error| of_server(&error))
}

fn as_text(row: &SimpleQueryRow) -> String {
    let values: Vec<&str> = (0..row.len()).map(|at| row.get(at).unwrap_or_default()).collect();
    values.join("|")
}

fn of_server(error: &tokio_postgres::Error) -> SqlError {
    let Some(said) = error.as_db_error() else {
        return of_ours(&anyhow!("{error}"));
    };
    let hint = said.hint().map(|hint| format!("\nHINT:  {hint}"));
    SqlError {
        code: said.code().code().to_owned(),
        message: format!("{}{}", said.message(), hint.unwrap_or_default()),
    }
}

fn of_ours(error: &anyhow::Error) -> SqlError {
    SqlError {
        code: String::new(),
        message: error.to_string(),
    }
}
