-- What an event of a provider tells has the name and the members that others give it.
ALTER TABLE provider_events RENAME COLUMN tidings TO payload;
UPDATE provider_events SET payload = REPLACE(payload, '"news":', '"update":') WHERE outcome = 'unmatched';
