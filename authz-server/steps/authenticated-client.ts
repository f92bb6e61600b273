// Who is calling an OAuth endpoint, once `authenticate-client.ts` is sure. Data only.
import type { Client } from '../config/config.ts'
import type { Device } from '../store/devices-repository.ts'

/** A client of the configuration, or a device of the registry: then `device` is there and `client_id` is `device:<id>`. */
export interface AuthenticatedClient extends Client {
  readonly device?: Device
}
