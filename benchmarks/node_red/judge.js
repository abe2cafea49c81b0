// What the flow asks of each message: nine of the catalogue's rules that need no memory.
const [, , estate, device] = msg.topic.split("/");
const said = msg.payload;
const data = said.data ?? {};
const alerts = [];
if (said.type === "smoke" && data.alarm) alerts.push("FIRE-001");
if (said.type === "gas" && data.alarm) alerts.push("FIRE-003");
if (said.type === "sos" && data.action === "pressed") alerts.push("SOS-001");
if (said.type === "contact" && data.state === "open" && data.tamper) alerts.push("SEC-004");
if (said.type === "camera.object" && data.zone === "fire-lane" && data.phase !== "leave") alerts.push("FIRE-006");
if (said.type === "camera.object" && (data.count ?? 0) > 15) alerts.push("SEC-009");
if (said.type === "gate.pass" && data.result === "denied") alerts.push("SEC-001");
if (said.type === "state" && (data.battery ?? 100) < 20) alerts.push("DEV-002");
if (said.type === "temperature" && data.celsius > 60) alerts.push("FIRE-002");
msg.payload = { device, id: said.id, at: said.at, estate, type: said.type, data: JSON.stringify(data), alerts };
return msg;
