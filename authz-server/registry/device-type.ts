// What a device of some kind brings, filled in from the configuration. Pure.
import type { AuthzServerConfig, DeviceType, ResourceTemplate } from '../config/config.ts'

export const DEVICE_CLIENT_PREFIX = 'device:'

export function findDeviceType(config: AuthzServerConfig, kind: string): DeviceType | undefined {
  return config.device_types.find((type) => type.kind === kind)
}

/** Every ability that a device of this type can have for its own resources. */
export function listAbilities(type: DeviceType): readonly string[] {
  return [...new Set(type.resources.flatMap((resource) => resource.scopes))]
}

export function fillTemplate(template: ResourceTemplate, deviceId: string): ResourceTemplate {
  const fill = (text: string) => text.replaceAll('{device}', () => deviceId)
  return { ...template, key: fill(template.key), name: fill(template.name) }
}
