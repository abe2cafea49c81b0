// Node-RED as an engineer would run it for speed: no editor, no log lines per message.
module.exports = {
  httpAdminRoot: false,
  httpNodeRoot: false,
  uiHost: "127.0.0.1",
  uiPort: Number(process.env.RIVAL_PORT),
  flowFile: "flows.json",
  credentialSecret: false,
  functionExternalModules: true,
  externalModules: { autoInstall: false },
  logging: { console: { level: "info", metrics: false, audit: false } },
};
