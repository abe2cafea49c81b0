-- set_dialect --
UPDATE devices SET dialect = %(dialect)s, foreign_name = %(name)s, version = version + 1 WHERE id = %(id)s

-- foreign_names --
SELECT dialect, coalesce(foreign_name, id) AS name FROM devices WHERE dialect IS NOT NULL AND retired_at IS NULL
