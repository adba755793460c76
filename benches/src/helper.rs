//! This program once more, in a process of its own, so that its work does not count as ours.

use std::io::{self, BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// The other process, until dropped.
#[derive(Debug)]
pub struct Helper {
    child: Child,
    hello: Value,
}

impl Helper {
    /// Starts it in a role, and waits until it says hello.
    ///
    /// # Errors
    /// Those of starting a process and of reading its first line.
    pub fn start(role: &str, setup: &impl Serialize) -> io::Result<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .env(role, serde_json::to_string(setup)?)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let output = child.stdout.take().ok_or_else(|| io::Error::other("the helper has no output"))?;
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line)?;
        Ok(Self { hello: serde_json::from_str(&line)?, child })
    }

    /// What it said.
    #[must_use]
    pub fn hello(&self) -> &Value {
        &self.hello
    }
}

impl Drop for Helper {
    fn drop(&mut self) {
        // It may have ended by itself; either way nothing is left of it.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The setup, where this process was started for that role.
///
/// # Errors
/// A setup of another form.
pub fn asked_to<T: DeserializeOwned>(role: &str) -> io::Result<Option<T>> {
    let Ok(setup) = std::env::var(role) else { return Ok(None) };
    Ok(Some(serde_json::from_str(&setup)?))
}

/// Says hello to the one who asked, and stays until that one ends, however that happens.
///
/// # Errors
/// Those of the task that watches.
#[expect(clippy::print_stdout, reason = "the parent reads it there")]
pub async fn stay(hello: &Value) -> io::Result<()> {
    println!("{hello}");
    // The parent holds the other end of the input, which closes with it.
    tokio::task::spawn_blocking(|| io::copy(&mut io::stdin(), &mut io::sink())).await??;
    Ok(())
}
