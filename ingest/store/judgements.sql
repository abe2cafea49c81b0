-- copy_silences --
COPY rule_silences (at, estate, rule, version, subject, reason, device, event_id) FROM STDIN

-- put_shadow --
INSERT INTO shadow_signals (rule, version, verb, fingerprint, severity, estate, place, subject, device, reason,
    explain, evidence, at)
VALUES (%(rule)s, %(version)s, %(verb)s, %(fingerprint)s, %(severity)s, %(estate)s, %(place)s, %(subject)s,
    %(device)s, %(reason)s, %(explain)s, %(evidence)s, %(at)s)
