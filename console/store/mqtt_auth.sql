-- login --
SELECT d.estate, c.password_hash, c.revoked_at IS NULL AND c.device IS NOT NULL AS valid
FROM devices d LEFT JOIN device_credentials c ON c.device = d.id AND c.revoked_at IS NULL
WHERE d.id = %(device)s AND d.retired_at IS NULL
