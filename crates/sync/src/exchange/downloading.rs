//! A first download as part of an exchange.

use super::Exchange;
use crate::central::{Connection, Head};
use crate::download::{DownloadProgress, Downloaded, FirstDownload, Parts, in_background};
use crate::error::Result;
use crate::failpoint::passed;

impl Exchange {
    /// With parts of a first download other than the usual ones.
    pub fn in_parts(mut self, parts: Parts) -> Self {
        self.parts = parts;
        self
    }

    /// Downloads everything, if this file has never met the server and the server has much.
    pub(super) async fn download(
        &mut self,
        connection: &Connection,
        head: &Head,
        progress: &mut (dyn FnMut(DownloadProgress) + Send),
    ) -> Result<Option<Downloaded>> {
        if self.has_met {
            return Ok(None);
        }
        let download = FirstDownload {
            file: &self.file,
            connection,
            tables: self.parties.tables,
            program: &self.parties.identity.app_version,
            parts: self.parts,
        };
        let downloaded = download.run(head, progress).await?;
        if downloaded.is_some() {
            self.has_all_indexes = false;
            self.finish_indexes().await?;
        }
        Ok(downloaded)
    }

    /// Builds the indexes that a download has published without, even one made before this program was started.
    pub(super) async fn finish_indexes(&mut self) -> Result<()> {
        if !self.has_all_indexes {
            let database = self.file.database().clone();
            let build = move || {
                while database.build_next_index()? {
                    passed("download: an index is built");
                }
                Ok(())
            };
            in_background(build).await?;
            self.has_all_indexes = true;
        }
        Ok(())
    }
}
