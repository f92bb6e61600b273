// GET /rreg/ and /rreg/{id}: the resources of a resource server (UMA 2.0 Federated Authorization section 3.2). Pairing registers them; writes are refused.
import type { ResourceDescription } from '../../protocol/uma/messages.ts'
import type { Context } from '../context.ts'
import { type Answer, answerJson, type Exchange, requireFact } from '../http/exchange.ts'
import { refuseOAuth } from '../steps/refuse-oauth.ts'
import type { Resource } from '../store/resources-repository.ts'
import { listResourceServers } from '../uma/resource-servers.ts'

export async function listResources(exchange: Exchange, context: Context): Promise<Answer> {
  const token = requireFact(exchange.token, 'requireToken')
  const resources = await context.store.read.resources.listOfServers(listResourceServers(context, token.client_id))
  return answerJson(
    200,
    resources.map((resource) => resource.id),
  )
}

export async function readResource(exchange: Exchange, context: Context): Promise<Answer> {
  const token = requireFact(exchange.token, 'requireToken')
  const resource = await context.store.read.resources.find(exchange.pathValues.get('id') ?? '')
  const isOwn = resource !== undefined && listResourceServers(context, token.client_id).includes(resource.resourceServer)
  return isOwn ? answerJson(200, describe(resource)) : refuseOAuth('not_found', 'this resource server has not registered that resource')
}

export function refuseRegistration(): Answer {
  const answer = refuseOAuth('unsupported_method_type', 'resources are registered when a device is paired')
  return { ...answer, headers: { ...answer.headers, allow: 'GET, HEAD, OPTIONS' } }
}

function describe(resource: Resource): ResourceDescription {
  return { _id: resource.id, name: resource.name, type: resource.type, resource_scopes: resource.scopes }
}
