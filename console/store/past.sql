-- call_false --
-- In the simulated past an operator called most refusals false that were just five in a row, and a few others.
WITH called AS (
    UPDATE alerts SET state = 'false_alarm', outcome = 'false_alarm', acked_by = 'past', acked_at = ended_at
    WHERE code = 'SEC-010' AND ended_at IS NOT NULL AND CASE WHEN hit_count = 1 THEN id % 4 <> 0 ELSE id % 5 = 0 END
    RETURNING id, state
)
INSERT INTO alert_log (alert_id, action, actor, from_state, to_state, reason)
SELECT id, 'close', 'past', 'open', state, 'simulated' FROM called
