// How many cases a fuzz test tries: 500, or as many as LATCHKEY_FUZZ_CASES says.

export function fuzzCases(): number {
  return Number(process.env['LATCHKEY_FUZZ_CASES'] ?? 500)
}
