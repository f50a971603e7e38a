-- The processes that use this database. A process deletes its row when it ends. Another one deletes it when its beat stands still.
CREATE TABLE workers (
    id           TEXT PRIMARY KEY,
    kind         TEXT NOT NULL CHECK (kind IN ('server', 'command')),
    beat         BIGINT NOT NULL,
    staleness_ms BIGINT NOT NULL CHECK (staleness_ms >= 0),
    release      TEXT NOT NULL,
    signs        TEXT NOT NULL,
    accepts      TEXT NOT NULL,
    started_at   TIMESTAMPTZ NOT NULL
);

-- How far tests have moved the time of the product from the clock of the database: one row, null if never.
CREATE TABLE product_clock (
    id        BIGINT PRIMARY KEY CHECK (id = 1),
    offset_ms BIGINT
);
INSERT INTO product_clock (id, offset_ms) VALUES (1, NULL);
