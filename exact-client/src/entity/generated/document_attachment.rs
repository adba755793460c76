// Written by the entity-generator; change its input and run it again.

use rust_decimal::Decimal;

use crate::entity::macros::entity;
use crate::id::Guid;
use crate::odata::Binary;

entity! {
    /// A file of a document. Its content is not in it but at its `Url`, which takes the access token.
    ///
    /// [Reference](https://start.exactonline.nl/docs/HlpRestAPIResourcesDetails.aspx?name=DocumentsDocumentAttachments)
    DocumentAttachment at "documents/DocumentAttachments" feed "sync/Documents/DocumentAttachments" bulk "bulk/Documents/DocumentAttachments" key "ID";
    verbs [Read, Create, Delete];
    new NewDocumentAttachment;
    write {
        /// The content as base64; sent and never delivered.
        ATTACHMENT attachment "Attachment": Binary [required, never_read];
        /// Reference to the Document.
        DOCUMENT document "Document": Guid [filterable, required, links("documents/Documents")];
        /// Filename of the attachment.
        FILE_NAME file_name "FileName": String [filterable_plain, required];
    }
    read {
        /// The id.
        ID id "ID": Guid [filterable];
        /// How many bytes it has.
        FILE_SIZE file_size "FileSize": Decimal [filterable_plain];
        /// Where its content is.
        URL url "Url": String [filterable_plain];
        /// Where it stands in the division's order of changes. In the sync feed only.
        TIMESTAMP timestamp "Timestamp": i64 [filterable_plain, feed_only];
    }
}

impl crate::entity::Read for DocumentAttachment {
    type Key = Guid;
}

impl crate::entity::Feed for DocumentAttachment {
    const FEED: &'static str = "sync/Documents/DocumentAttachments";

    fn timestamp(&self) -> Option<i64> {
        self.timestamp
    }

    fn record_id(&self) -> Option<Guid> {
        self.id
    }
}

impl crate::entity::Bulk for DocumentAttachment {
    const BULK: &'static str = "bulk/Documents/DocumentAttachments";
}

impl crate::entity::Create for DocumentAttachment {
    type New = NewDocumentAttachment;
}

impl crate::entity::Delete for DocumentAttachment {}

impl NewDocumentAttachment {
    /// With all that Exact insists on.
    #[must_use]
    pub fn new(document: Guid, file_name: impl Into<String>, attachment: Binary) -> Self {
        Self { document: Some(document), file_name: Some(file_name.into()), attachment: Some(attachment) }
    }
}
