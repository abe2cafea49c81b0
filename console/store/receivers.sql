-- introduce --
-- The local receivers have other ports after every start.
INSERT INTO endpoints (code, channel, driver, name_zh, name_en, settings)
VALUES (%(code)s, %(channel)s, %(driver)s, %(name_zh)s, %(name_en)s, %(settings)s)
ON CONFLICT (code) DO UPDATE SET settings = excluded.settings, version = endpoints.version + 1
