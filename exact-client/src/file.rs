//! Files of documents: which there are, and their content as a stream.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Bytes, BytesMut};
use futures_util::stream::{Stream, StreamExt as _, TryStreamExt as _};
use http::HeaderMap;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};

use crate::division::DivisionApi;
use crate::entity::{Document, DocumentAttachment, DocumentType};
use crate::error::{Error, ErrorKind, Result};
use crate::http::{Content, Reply, Request, Target, broken};
use crate::id::Guid;
use crate::limit::Scope;
use crate::odata::Filter;

/// Where Exact keeps the content of files.
const FILES: &str = "docs/SysAttachment.aspx";

impl DivisionApi {
    /// The files of a document. Costs one call per 60 of them.
    ///
    /// # Errors
    /// Those of [`List::page`](crate::List::page).
    pub async fn document_files(&self, document: Guid) -> Result<Vec<DocumentAttachment>> {
        self.list().filter(DocumentAttachment::DOCUMENT.eq(document)).all().await
    }

    /// The files of a sales invoice, by its `InvoiceID`: its PDF, once it was printed. Costs one call for its documents,
    /// and one for their files where there are documents.
    ///
    /// # Errors
    /// Those of [`List::page`](crate::List::page).
    pub async fn invoice_files(&self, invoice: Guid) -> Result<Vec<DocumentAttachment>> {
        let of_invoice = Document::FINANCIAL_TRANSACTION_ENTRY_ID.eq(invoice);
        let of_invoice = of_invoice.and(Document::TYPE.eq(DocumentType::SalesInvoice));
        let documents = self.list::<Document>().filter(of_invoice).all().await?;
        let ids = documents.into_iter().filter_map(|document| document.id);
        match Filter::any(ids.map(|id| DocumentAttachment::DOCUMENT.eq(id))) {
            Some(of_documents) => self.list().filter(of_documents).all().await,
            None => Ok(Vec::new()),
        }
    }

    /// Opens the content of a file of at most `longest` bytes; it is read as it is taken. Costs one call, which is
    /// counted for this division, and is repeated like any read until the content begins.
    ///
    /// # Errors
    /// [`Config`](ErrorKind::Config), before any call, for a file without an address;
    /// [`Decode`](ErrorKind::Decode) for an address on another origin, which never gets the token; otherwise those of
    /// any read.
    pub async fn download(&self, file: &DocumentAttachment, longest: u64) -> Result<Download> {
        let link = file.url.clone().unwrap_or_default();
        let request = Request::read(Scope::Division(self.id()), FILES, Target::File { link, longest });
        if file.url.is_none() {
            return Err(
                request.locate(Error::config("the file has no Url; read it again with all properties"))
            );
        }
        if file.file_size.is_some_and(|size| size > longest.into()) {
            return Err(request.locate(too_long(longest)));
        }
        let Reply { headers, content, .. } = self.pipeline().send(&request).await?;
        let content = content.unwrap_or_else(|| Content(futures_util::stream::empty().boxed()));
        let download = Download {
            content: Some(content),
            length: length(&headers),
            media_type: headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).map(str::to_owned),
            taken: 0,
            longest,
            request,
        };
        match download.length {
            Some(length) if length > longest => Err(download.request.locate(too_long(longest))),
            _ => Ok(download),
        }
    }
}

/// The content of a file, piece by piece. Dropping it ends the transfer.
///
/// It ends with an error where it is longer than allowed or shorter than announced; what was taken until then is no
/// file. After an error it is at its end.
#[derive(Debug)]
#[must_use]
pub struct Download {
    /// `None` after the end.
    content: Option<Content>,
    length: Option<u64>,
    media_type: Option<String>,
    taken: u64,
    longest: u64,
    request: Request,
}

impl Download {
    /// How many bytes it has, where Exact says so.
    #[must_use]
    pub fn length(&self) -> Option<u64> {
        self.length
    }

    /// What sort of file Exact says it is, such as `application/pdf`.
    #[must_use]
    pub fn media_type(&self) -> Option<&str> {
        self.media_type.as_deref()
    }

    /// The next piece; `None` at the end, when the file is whole. The same as the [`Stream`], for those who need no
    /// more. Dropping the future loses nothing.
    ///
    /// # Errors
    /// [`Decode`](ErrorKind::Decode) where it is longer than allowed; [`Unavailable`](ErrorKind::Unavailable) or
    /// [`Timeout`](ErrorKind::Timeout) where it ended too early: begin again.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>> {
        self.try_next().await
    }

    /// All of it, in memory.
    ///
    /// # Errors
    /// Those of [`chunk`](Download::chunk).
    pub async fn bytes(mut self) -> Result<Bytes> {
        let mut all = BytesMut::new();
        while let Some(piece) = self.chunk().await? {
            all.extend_from_slice(&piece);
        }
        Ok(all.freeze())
    }

    /// Counts a piece, and whether the end comes when it should.
    fn check(&mut self, piece: Option<Result<Bytes>>) -> Option<Result<Bytes>> {
        match piece {
            Some(Ok(piece)) => {
                self.taken = self.taken.saturating_add(piece.len() as u64);
                Some(if self.taken > self.longest { Err(too_long(self.longest)) } else { Ok(piece) })
            }
            Some(Err(error)) => Some(Err(error)),
            None => self.length.filter(|length| *length != self.taken).map(|length| {
                let message = format!("the file ended after {} of {length} bytes", self.taken);
                Err(Error::new(ErrorKind::Unavailable, message))
            }),
        }
    }
}

impl Stream for Download {
    type Item = Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Bytes>>> {
        let Some(Content(content)) = &mut self.content else { return Poll::Ready(None) };
        let piece = ready!(content.poll_next_unpin(context));
        let piece = self.check(piece.map(|piece| piece.map_err(|error| broken(error, true))));
        if !matches!(piece, Some(Ok(_))) {
            self.content = None;
        }
        Poll::Ready(piece.map(|piece| piece.map_err(|error| self.request.locate(error))))
    }
}

/// The length of the content itself, which that of a compressed answer is not.
fn length(headers: &HeaderMap) -> Option<u64> {
    if headers.contains_key(CONTENT_ENCODING) {
        return None;
    }
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

fn too_long(longest: u64) -> Error {
    Error::new(ErrorKind::Decode, format!("the file is longer than {longest} bytes"))
        .with_remedy("allow more bytes, or leave the file out")
}
