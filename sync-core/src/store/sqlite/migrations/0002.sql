-- A key is one text, `{table} {id}`, and a mark is one, `{name} {value}`: what is compared and passed on as one costs half.
-- `marks` is the sorted JSON array of the marks that the row bears.

-- The old tables hold people's data: nothing of it may stay behind in pages that become free.
PRAGMA secure_delete = on;

CREATE TABLE row_by_key (
    id       INTEGER PRIMARY KEY,
    tenant   TEXT    NOT NULL,
    key      TEXT    NOT NULL,
    value    TEXT    NOT NULL,
    marks    TEXT    NOT NULL,
    revision INTEGER NOT NULL,
    UNIQUE (tenant, key)
) STRICT;

INSERT INTO row_by_key (id, tenant, key, value, marks, revision)
SELECT id, tenant, tbl || ' ' || key, value,
    (SELECT json_group_array((mark.value ->> 0) || ' ' || (mark.value ->> 1)) FROM json_each(marks) AS mark),
    revision
FROM stored_row;

DROP TABLE stored_row;
ALTER TABLE row_by_key RENAME TO stored_row;

CREATE TABLE row_by_mark (
    tenant TEXT NOT NULL,
    mark   TEXT NOT NULL,
    key    TEXT NOT NULL,
    PRIMARY KEY (tenant, mark, key)
) STRICT, WITHOUT ROWID;

INSERT INTO row_by_mark (tenant, mark, key)
SELECT tenant, name || ' ' || value, tbl || ' ' || key FROM mark;

DROP TABLE mark;
ALTER TABLE row_by_mark RENAME TO mark;

PRAGMA secure_delete = fast;
