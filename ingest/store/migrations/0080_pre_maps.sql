-- Maps: one way from a sketch to the globe.
-- depends: 0050_pre_audit_seals

-- Where a sketch lies on the globe: the nearest anchor on the way up, else the nearest place that knows.
CREATE FUNCTION anchor_of(path text[]) RETURNS TABLE (lat double precision, lon double precision) LANGUAGE sql STABLE AS $$
    SELECT coalesce(a.lat, q.lat), coalesce(a.lon, q.lon)
    FROM unnest(path) WITH ORDINALITY AS step (code, n) JOIN places q ON q.code = step.code
    LEFT JOIN place_anchors a ON a.place = q.code
    WHERE coalesce(a.lat, q.lat) IS NOT NULL ORDER BY step.n DESC LIMIT 1
$$;
