-- has_role --
SELECT 1 FROM pg_roles WHERE rolname = %(name)s

-- granted --
-- What the parts may do today, from the tables' own lists.
SELECT r.rolname, CASE n.nspname WHEN 'public' THEN c.relname ELSE n.nspname || '.' || c.relname END, a.privilege_type
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
CROSS JOIN LATERAL aclexplode(c.relacl) a JOIN pg_roles r ON r.oid = a.grantee
WHERE n.nspname IN ('public', 'personal') AND c.relkind IN ('r', 'v', 'p', 'm', 'f', 'S') AND r.rolname LIKE %(groups)s
