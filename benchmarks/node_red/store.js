// One statement per batch of joined messages; the broker has had its acknowledgements already.
const rows = msg.payload;
const column = (name) => rows.map((row) => row[name]);
await context.get("pool", "memory").query(
  `INSERT INTO rival_events (device, id, at, estate, type, data, alerts)
   SELECT * FROM unnest($1::text[], $2::text[], $3::timestamptz[], $4::text[], $5::text[], $6::jsonb[], $7::text[])
   ON CONFLICT DO NOTHING`,
  [column("device"), column("id"), column("at"), column("estate"), column("type"), column("data"),
   rows.map((row) => row.alerts.join(","))],
);
return null;
