// A module or an input that cannot be trusted to decide. Whoever catches it denies; it is never an answer.

export class PolicyFault extends Error {
  override readonly name = 'PolicyFault'
}
