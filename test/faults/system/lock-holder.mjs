// Holds the lock of a directory until it is killed. Started by directory-lock.test.ts from the built program.
import { lockDirectory } from '../../../dist/system/directory-lock.js'

const [, , directory, file] = process.argv
lockDirectory({ directory, program: 'authz-server', pid: process.pid, ...(file === undefined ? {} : { file }) })
process.stdout.write('locked\n')
setTimeout(() => process.exit(1), 60_000)
