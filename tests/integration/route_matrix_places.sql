-- The places of the walk; everything of EST1 is called Innenhof.
INSERT INTO places (code, kind, name_zh, name_en, path, lat, lon, outline) VALUES
    ('510681', 'city', '广汉市', 'Guanghan', '{510681}', 30.9, 104.2, '[]'),
    ('EST1', 'estate', 'Innenhof', 'Innenhof', '{510681,EST1}', 30.97, 104.28, '[[0,0],[90,0],[90,90],[0,90]]'),
    ('EST1-B1', 'building', 'Innenhof 1', 'Innenhof 1', '{510681,EST1,EST1-B1}', NULL, NULL,
        '[[0,0],[20,0],[20,20],[0,20]]'),
    ('EST2', 'estate', '雒城', 'Luocheng', '{510681,EST2}', 30.98, 104.29, '[]');
