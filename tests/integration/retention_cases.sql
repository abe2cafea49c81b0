-- What was closed, looked at and handed out long ago; one case of it is on hold.
INSERT INTO incidents (case_code, state, severity, code, estate, place, opened_by, closed_at)
    SELECT code, 'closed', 2, 'REPORT', 'E', 'E', 'w', now() - INTERVAL '2000 days' FROM unnest('{kept,gone}'::text[]) code;
INSERT INTO attachments (incident_id, sha256, media_type, size, width, height, taken_at, by_whom)
    SELECT id, repeat(left(md5(case_code), 1), 64), 'image/jpeg', 1, 1, 1, now(), 'w' FROM incidents;
INSERT INTO personal.fields (subject, field, sealed, shown, key)
    SELECT 'incident:' || id, 'reporter', '', '陈**', '' FROM incidents WHERE case_code IN ('kept', 'gone');
INSERT INTO case_holds (incident_id, reason, by_whom)
    SELECT id, '诉讼中', 'w' FROM incidents WHERE case_code = 'kept';
INSERT INTO devices (id, estate, place, profile, name_zh, name_en) VALUES ('cam', 'E', 'E', 'camera', '', '');
INSERT INTO picture_grants (device, what, recorded_from, recorded_until, unit, place, reason, by_whom, at, expires_at)
    SELECT 'cam', '{clip}', '2020-01-01', '2020-01-02', 'CP', 'E', '协查', 'w', at, at + INTERVAL '1 day'
    FROM unnest(ARRAY[now() - INTERVAL '2000 days', now()]) at;
INSERT INTO picture_access (at, who, unit, device, what, ref, reason, grant_id)
    SELECT g.at, 'w', 'CP', 'cam', 'clip', 'x', '协查', g.id FROM picture_grants g;
INSERT INTO personal.organ_requests
    (organ, document, basis, device, recorded_from, recorded_until, state, taken_by, decided_by, decided_at)
    VALUES ('公安局', '1', '刑诉法', 'cam', '2020-01-01', '2020-01-02', 'approved', 'a', 'b', now() - INTERVAL '2000 days');
INSERT INTO personal.fields (subject, field, sealed, shown, key)
    SELECT 'organ:' || id, 'officer.1', '', '王**', '' FROM personal.organ_requests;
INSERT INTO personal.reveals (at, who, subject, reason, until)
    VALUES (now() - INTERVAL '400 days', 'w', 'person:p', 'x', now() - INTERVAL '400 days' + INTERVAL '1 min');
