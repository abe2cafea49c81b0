-- A family's word on an alarm that waits for a confirmation, once per link.
-- depends: 0052_pre_check_in

ALTER TABLE family_links ADD COLUMN answer text CHECK (answer IN ('confirmed', 'refuted'));
ALTER TABLE family_links ADD COLUMN answered_at timestamptz;
