-- lock_key --
SELECT pg_advisory_xact_lock(hashtext('shequ_idempotency'), hashtext(%(user_name)s || ' ' || %(key)s))

-- earlier_answer --
SELECT request, status, body FROM idempotency WHERE user_name = %(user_name)s AND key = %(key)s

-- keep_answer --
INSERT INTO idempotency (user_name, key, request, status, body)
VALUES (%(user_name)s, %(key)s, %(request)s, %(status)s, %(body)s)
