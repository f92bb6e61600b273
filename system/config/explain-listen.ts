// Why an address cannot be listened on: the options, their values and the remedy, instead of the system's code alone.
import type { ListenAddress } from '../http/connections.ts'
import { StartError } from '../start-error.ts'

const REASONS: { readonly [code: string]: { readonly option: 'host' | 'port'; readonly what: string; readonly remedy: string } } = {
  EADDRINUSE: { option: 'port', what: 'another program has this port', remedy: 'Stop that program, or give another port' },
  EACCES: { option: 'port', what: 'this user may not use this port', remedy: 'Give a port above 1023, or let a proxy have the low one' },
  EADDRNOTAVAIL: {
    option: 'host',
    what: 'this machine does not have this address',
    remedy: 'Give an address of this machine, or 0.0.0.0 or :: for all of them',
  },
  ENOTFOUND: { option: 'host', what: 'this name has no address', remedy: 'Correct the name, or give an address such as 127.0.0.1' },
  EAI_AGAIN: {
    option: 'host',
    what: 'this name could not be looked up',
    remedy: 'Check the name server of this machine, or give an address such as 127.0.0.1',
  },
  EINVAL: { option: 'host', what: 'this address cannot be listened on', remedy: 'Add the interface to a link-local address, e.g. fe80::1%eth0' },
}

/** For `catch`: throws StartError for what the operator can correct, and anything else as it is. `group` is `listen` or `admin`. */
export function explainListen(group: string, { host, port }: ListenAddress): (cause: unknown) => never {
  return (cause) => {
    const code = (cause as NodeJS.ErrnoException | undefined)?.code ?? ''
    const reason = Object.hasOwn(REASONS, code) ? REASONS[code] : undefined
    if (reason === undefined) throw cause
    const message = `${group}.${reason.option}: cannot listen on host ${host}, port ${port}: ${reason.what} (${code}). ${reason.remedy}.`
    throw Object.assign(new StartError(message, { cause }), { code })
  }
}
