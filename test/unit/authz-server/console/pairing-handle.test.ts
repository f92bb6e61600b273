import { expect, test } from 'vitest'
import { buildPairingHandle, parsePairingHandle } from '../../../../authz-server/console/pairing-handle.ts'

const typed = { pairingId: 'AbC_d-12', userCode: 'WDJB-MJHT' }
const handle = buildPairingHandle(typed, 'session-1')

test('V07: a handle is read back by the session it was made for', () => expect(parsePairingHandle(handle, 'session-1')).toEqual(typed))

test.each([
  ['another session', handle, 'session-2'],
  ['another pairing', handle.replace('AbC', 'XbC'), 'session-1'],
  ['another code', handle.replace('WDJB', 'WDJC'), 'session-1'],
  ['a cut signature', handle.slice(0, -1), 'session-1'],
  ['more behind it', `${handle}A`, 'session-1'],
  ['no signature', 'AbC_d-12.WDJB-MJHT', 'session-1'],
  ['nothing', '', 'session-1'],
  ['null', null, 'session-1'],
])('V07: %s is refused', (_title, given, session) => expect(parsePairingHandle(given, session)).toBeUndefined())
