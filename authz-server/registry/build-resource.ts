// A resource that a device brings its owner, made from the template of the device's type.
import { buildBase64url } from '../../protocol/encoding.ts'
import type { EpochSeconds } from '../../protocol/time.ts'
import type { DeviceType, ResourceTemplate } from '../config/config.ts'
import type { Context } from '../context.ts'
import type { Resource } from '../store/resources-repository.ts'
import { fillTemplate } from './device-type.ts'

const RESOURCE_ID_BYTES = 16

export interface ResourceOrigin {
  readonly type: DeviceType
  readonly template: ResourceTemplate
  readonly device: { readonly id: string; readonly owner: string }
}

export function buildResource(context: Pick<Context, 'ports'>, { type, template, device }: ResourceOrigin, now: EpochSeconds): Resource {
  const { key, name, type: resourceType, tags, scopes } = fillTemplate(template, device.id)
  const id = buildBase64url(context.ports.randomBytes(RESOURCE_ID_BYTES))
  return { id, resourceServer: type.resource_server, key, name, type: resourceType, tags, scopes, owner: device.owner, deviceId: device.id, createdAt: now }
}
