import { defineConfig } from 'vitest/config'

// Projects are the kinds of tests; `npm test` runs all of them, and `scripts/test.mjs` counts what ran.
const kinds = ['unit', 'conformance', 'contracts', 'attacks', 'faults', 'e2e', 'browser']

export default defineConfig({
  test: {
    pool: 'forks',
    // Threads that the sources start are loaded by Node itself; they inherit this.
    execArgv: ['--import', new URL('test/support/typescript-in-threads.mjs', import.meta.url).href],
    maxWorkers: 2,
    testTimeout: 20_000,
    hookTimeout: 60_000,
    projects: kinds.map((kind) => ({
      extends: true,
      test: { name: kind, include: [`test/${kind}/**/*.test.ts`] },
    })),
  },
})
