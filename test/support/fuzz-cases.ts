// How many random cases each fuzz test tries: 500, or as many as the environment says.

export function fuzzCases(): number {
  return Number(process.env['LATCHKEY_FUZZ_CASES'] ?? 500)
}
