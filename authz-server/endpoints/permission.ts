// POST /permission: a ticket for what a resource server was asked for without permission (UMA 2.0 Federated Authorization section 4).
import type { Context } from '../context.ts'
import { type Answer, answerJson, type Exchange, requireFact } from '../http/exchange.ts'
import { readMediaType } from '../http/media-type.ts'
import { refuseOAuth } from '../steps/refuse-oauth.ts'
import { parsePermissionRequest } from '../uma/parse-permission-request.ts'
import { type PermissionRefusal, requestPermission } from '../uma/request-permission.ts'

export async function permission(exchange: Exchange, context: Context): Promise<Answer> {
  const token = requireFact(exchange.token, 'requireToken')
  const type = readMediaType(exchange.request)
  const permissions = type === 'application/json' ? parsePermissionRequest(exchange.body) : undefined
  if (permissions === undefined) return refuseOAuth('invalid_request', 'the body must be JSON: {"resource_id", "resource_scopes": []}, or a list of these')
  const ticket = await requestPermission(context, { clientId: token.client_id, permissions }, exchange.now)
  return ticket.ok ? answerJson(201, { ticket: ticket.value }) : refuse(ticket.error)
}

function refuse(refusal: PermissionRefusal): Answer {
  switch (refusal) {
    case 'invalid_resource_id':
      return refuseOAuth('invalid_resource_id', 'this resource server has not registered that resource')
    case 'invalid_scope':
      return refuseOAuth('invalid_scope', 'the resource is not registered with that scope')
    case 'several_owners':
      return refuseOAuth('invalid_request', 'all resources of one request must have the same owner')
    case 'several_resource_servers':
      return refuseOAuth('invalid_request', 'all resources of one request must be of the same resource server')
  }
}
