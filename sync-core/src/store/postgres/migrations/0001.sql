-- Texts are compared by their bytes, as the contract of a store has it.

-- What is written for a tenant is written one batch after the other: each begins by raising its revision here.
CREATE TABLE sync_tenant (
    tenant   text   COLLATE "C" PRIMARY KEY,
    revision bigint NOT NULL
);

-- `marks` is the sorted JSON array of the marks that the row bears.
CREATE TABLE sync_row (
    tenant   text   COLLATE "C" NOT NULL,
    key      text   COLLATE "C" NOT NULL,
    value    text   NOT NULL,
    marks    text   NOT NULL,
    revision bigint NOT NULL,
    PRIMARY KEY (tenant, key)
);

-- The marks once more, in the order of a scan. There is one index, so that no other can be taken for it.
CREATE TABLE sync_mark (
    tenant text COLLATE "C" NOT NULL,
    mark   text COLLATE "C" NOT NULL,
    key    text COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant, mark, key)
);

-- Who may work on what; no owner where it was given back. The row stays, so that the fence rises for ever.
CREATE TABLE sync_lease (
    tenant     text        COLLATE "C" NOT NULL,
    scope      text        COLLATE "C" NOT NULL,
    owner      text,
    fence      bigint      NOT NULL,
    held_until timestamptz NOT NULL,
    PRIMARY KEY (tenant, scope)
);

-- Batches that were applied.
CREATE TABLE sync_batch (
    tenant text        COLLATE "C" NOT NULL,
    id     text        NOT NULL,
    at     timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant, id)
);

CREATE INDEX sync_batch_at ON sync_batch (at);
