-- Every row of every tenant. `marks` is the sorted JSON array of [name, value] that the row bears.
CREATE TABLE stored_row (
    id       INTEGER PRIMARY KEY,
    tenant   TEXT    NOT NULL,
    tbl      TEXT    NOT NULL,
    key      TEXT    NOT NULL,
    value    TEXT    NOT NULL,
    marks    TEXT    NOT NULL,
    revision INTEGER NOT NULL,
    UNIQUE (tenant, tbl, key)
) STRICT;

-- The marks once more, in the order of a scan. The key is repeated so that a page is one walk along the index.
CREATE TABLE mark (
    tenant TEXT NOT NULL,
    name   TEXT NOT NULL,
    value  TEXT NOT NULL,
    tbl    TEXT NOT NULL,
    key    TEXT NOT NULL,
    PRIMARY KEY (tenant, name, value, tbl, key)
) STRICT, WITHOUT ROWID;

-- Who may work on what; no owner where it was given back. The row stays, so that the fence rises for ever.
CREATE TABLE lease (
    tenant TEXT    NOT NULL,
    scope  TEXT    NOT NULL,
    owner  TEXT,
    fence  INTEGER NOT NULL,
    PRIMARY KEY (tenant, scope)
) STRICT, WITHOUT ROWID;

-- Batches that were applied, and when, in seconds since 1970.
CREATE TABLE batch (
    tenant TEXT    NOT NULL,
    id     TEXT    NOT NULL,
    at     INTEGER NOT NULL,
    PRIMARY KEY (tenant, id)
) STRICT, WITHOUT ROWID;

-- The revision of the last commit. One row.
CREATE TABLE counter (
    revision INTEGER NOT NULL
) STRICT;

INSERT INTO counter (revision) VALUES (0);
