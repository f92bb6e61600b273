// Node-RED for the example: loopback alone, no editor, no telemetry, flows from the file beside it. Knows nothing of Latchkey.
module.exports = {
  uiHost: '127.0.0.1',
  uiPort: Number(process.env.PORT || 1880),
  flowFile: 'flows.json',
  credentialSecret: false,
  httpAdminRoot: false,
  disableEditor: true,
  telemetry: { enabled: false, updateNotification: false },
  diagnostics: { enabled: false, ui: false },
  runtimeState: { enabled: false, ui: false },
  externalModules: { autoInstall: false, palette: { allowInstall: false, allowUpdate: false }, modules: { allowInstall: false } },
  functionExternalModules: false,
  logging: { console: { level: 'warn', metrics: false, audit: false } },
}
