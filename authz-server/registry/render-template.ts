// Fills the device's identifier into a name or key of its type.

export function renderTemplate(template: string, deviceId: string): string {
  return template.replaceAll('{device}', () => deviceId)
}
