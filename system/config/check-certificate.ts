// Checks a certificate chain and its key before they are served: they can be read, belong together, are in order, valid now, and have the public name.
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import type { Certificate } from '../http/strict-server.ts'
import { StartError } from '../start-error.ts'

export interface CertificateUse {
  /** The origin that clients connect to. */
  readonly publicOrigin: string
  readonly nowMilliseconds: number
  /** A proxy in front may connect by another name, so that a name that is missing is only warned of. */
  readonly isBehindProxy: boolean
}

export interface CertificateFault {
  readonly option: 'listen.tls.certificate_file' | 'listen.tls.key_file'
  readonly message: string
  readonly remedy: string
  /** Can be served all the same. */
  readonly isWarning?: true
}

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g
const CHAIN_MAX_CERTIFICATES = 20

/** Throws StartError with every fault; gives the warnings. */
export function requireCertificate(certificate: Certificate, use: CertificateUse): readonly string[] {
  const faults = checkCertificate(certificate, use)
  const format = ({ option, message, remedy }: CertificateFault) => `${option}: ${message}. ${remedy}.`
  const errors = faults.filter(({ isWarning }) => isWarning !== true)
  if (errors.length > 0) throw new StartError(errors.map(format).join('\n'))
  return faults.map(format)
}

export function checkCertificate({ certificate, key }: Certificate, use: CertificateUse): readonly CertificateFault[] {
  const chain = readChain(certificate)
  const privateKey = readKey(key)
  const faults = [...('message' in chain ? [chain] : []), ...('message' in privateKey ? [privateKey] : [])]
  if ('message' in chain || 'message' in privateKey) return faults
  const [leaf] = chain
  return [...checkOrder(chain, privateKey), ...checkTime(chain, use.nowMilliseconds), ...(leaf === undefined ? [] : checkName(leaf, use))]
}

function readChain(text: string): readonly X509Certificate[] | CertificateFault {
  const option = 'listen.tls.certificate_file'
  const blocks = text.match(CERTIFICATE) ?? []
  const remedy = 'Give a PEM file with the certificate of this server first, then those of its issuers'
  if (blocks.length === 0)
    return { option, message: text.includes('PRIVATE KEY-----') ? 'it holds a key, and no certificate' : 'it holds no PEM certificate', remedy }
  if (blocks.length > CHAIN_MAX_CERTIFICATES) return { option, message: `it holds ${blocks.length} certificates, more than a chain has`, remedy }
  try {
    return blocks.map((block) => new X509Certificate(block))
  } catch {
    return { option, message: 'it holds a certificate that cannot be read', remedy }
  }
}

function readKey(text: string): KeyObject | CertificateFault {
  const option = 'listen.tls.key_file'
  const remedy = 'Give the PEM file of the private key of the certificate, without a passphrase'
  try {
    return createPrivateKey(text)
  } catch {
    const message = /ENCRYPTED/.test(text)
      ? 'the key has a passphrase'
      : /BEGIN (?:CERTIFICATE|PUBLIC KEY)/.test(text)
        ? 'it holds no private key'
        : 'it holds no PEM key'
    return { option, message, remedy }
  }
}

function checkOrder(chain: readonly X509Certificate[], key: KeyObject): readonly CertificateFault[] {
  const own = chain.findIndex((certificate) => certificate.checkPrivateKey(key))
  if (own < 0) {
    const [leaf] = chain
    return [
      {
        option: 'listen.tls.key_file',
        message: `it is not the key of the certificate of "${leaf === undefined ? '' : nameOf(leaf)}" in listen.tls.certificate_file`,
        remedy: 'Give the key that this certificate was made for',
      },
    ]
  }
  const option = 'listen.tls.certificate_file'
  if (own > 0)
    return [{ option, message: `the certificate of the key is number ${own + 1} in the file`, remedy: 'Put it first, then the certificates of its issuers' }]
  const gap = chain.findIndex((certificate, index) => index > 0 && !(chain[index - 1] as X509Certificate).checkIssued(certificate))
  if (gap < 0) return []
  const message = `certificate ${gap + 1}, of "${nameOf(chain[gap] as X509Certificate)}", did not issue certificate ${gap}`
  return [{ option, message, remedy: 'Put each issuer directly after the certificate that it issued, and remove the others' }]
}

function checkTime(chain: readonly X509Certificate[], now: number): readonly CertificateFault[] {
  return chain.flatMap((certificate, index): CertificateFault[] => {
    // Of the issuers, clients need those that they do not know another way to: an expired one may be there for old clients.
    const severity = index > 0 ? { isWarning: true as const } : {}
    const [from, to] = [Date.parse(certificate.validFrom), Date.parse(certificate.validTo)]
    const clock = `this machine's clock says ${toIso(now)}`
    const what = { option: 'listen.tls.certificate_file', subject: `the certificate of "${nameOf(certificate)}"` } as const
    if (now > to)
      return [{ option: what.option, message: `${what.subject} expired on ${toIso(to)}; ${clock}`, remedy: 'Renew it, or set the clock', ...severity }]
    if (now < from)
      return [
        { option: what.option, message: `${what.subject} is valid from ${toIso(from)}; ${clock}`, remedy: 'Set the clock, e.g. by NTP, or wait', ...severity },
      ]
    return []
  })
}

function checkName(leaf: X509Certificate, { publicOrigin, isBehindProxy }: CertificateUse): readonly CertificateFault[] {
  const host = new URL(publicOrigin).hostname.replace(/^\[|\]$/g, '')
  const isNamed = isIP(host) === 0 ? leaf.checkHost(host) : leaf.checkIP(host)
  if (isNamed !== undefined) return []
  return [
    {
      option: 'listen.tls.certificate_file',
      message: `the certificate is for ${leaf.subjectAltName ?? 'no name'}, and the public origin is ${publicOrigin}`,
      remedy: 'Use a certificate with that name. If a proxy in front connects by another name, list its address in trusted_proxies',
      ...(isBehindProxy ? { isWarning: true as const } : {}),
    },
  ]
}

function nameOf(certificate: X509Certificate): string {
  return (certificate.subject ?? '').replaceAll('\n', ', ').slice(0, 100)
}

function toIso(milliseconds: number): string {
  return Number.isFinite(milliseconds) ? new Date(milliseconds).toISOString().slice(0, 19).concat('Z') : 'an unknown time'
}
