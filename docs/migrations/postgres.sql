-- The table of the PostgreSQL store of smart-app-launch. It may be run again.
--
-- The role of the server needs SELECT, INSERT and UPDATE on it.
CREATE TABLE IF NOT EXISTS smart_record (
  key text COLLATE "C" PRIMARY KEY,
  version text COLLATE "C" NOT NULL,
  text text NOT NULL,
  expires_at double precision NOT NULL
);

-- A clean-up that removes expired records. It saves space and is never needed for safety: run it from time to time, as
-- a role that has DELETE. The day between leaves room for clocks that differ.
--
--   DELETE FROM smart_record WHERE expires_at < extract(epoch FROM now()) - 86400;
