-- call_false --
-- In the simulated past an operator called every refusal false that was no more than five in a row.
WITH called AS (
    UPDATE alerts SET state = 'false_alarm', outcome = 'false_alarm', acked_by = 'past', acked_at = ended_at
    WHERE code = 'SEC-010' AND hit_count = 1 AND ended_at IS NOT NULL
    RETURNING id, state
)
INSERT INTO alert_log (alert_id, action, actor, from_state, to_state, reason)
SELECT id, 'close', 'past', 'open', state, 'simulated' FROM called
