-- Each estate has a watermark of its own: one behind a slow link is waited for longer, the others are not (issue 3).
-- depends: 0001_pre_initial

ALTER TABLE places ADD COLUMN lateness_s double precision CHECK (lateness_s BETWEEN 0 AND 3600);
