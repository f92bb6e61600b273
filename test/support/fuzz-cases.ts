// How many random cases a fuzz test tries: 500, or LATCHKEY_FUZZ_CASES for a long run.

export function fuzzCases(): number {
  const cases = Number(process.env['LATCHKEY_FUZZ_CASES'] ?? 500)
  if (!Number.isSafeInteger(cases) || cases < 1) throw new Error('LATCHKEY_FUZZ_CASES is not a positive whole number')
  return cases
}
