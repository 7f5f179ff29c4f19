-- Which programs may serve on a database that a newer one has brought further: those that know this schema at least.

ALTER TABLE schema_migrations ADD COLUMN compatible_from {int};
UPDATE schema_migrations SET compatible_from = 4 WHERE version IN (5, 6);
