// Decimal numbers as they are written in JSON, without the rounding of binary fractions. It reads no answer.

/** `units` times ten to the power of `-scale`. */
export interface Decimal {
  readonly units: bigint
  readonly scale: number
}

const NUMBER = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/
/** What a double holds has at most 309 digits before the point and 1,074 behind it. Longer ones would cost the square of their length. */
const DIGITS_MAX = 400

/** Undefined for what is not a number, and for one with more than 400 digits before or behind the point. */
export function parseDecimal(text: string): Decimal | undefined {
  if (text.length > 2 * DIGITS_MAX) return undefined
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = NUMBER.exec(text) ?? []
  if (whole === '' || exponent.length > 5) return undefined
  const scale = fraction.length - Number(exponent)
  if (scale > DIGITS_MAX || whole.length - Math.min(0, scale) > DIGITS_MAX) return undefined
  const digits = BigInt(`${whole}${fraction}`) * (scale < 0 ? 10n ** BigInt(-scale) : 1n)
  return { units: sign === '-' ? -digits : digits, scale: Math.max(0, scale) }
}

/** Without an exponent, without zeros at the end, without a minus before zero. */
export function printDecimal({ units, scale }: Decimal): string {
  const digits = (units < 0n ? -units : units).toString().padStart(scale + 1, '0')
  const [whole, fraction] = [digits.slice(0, digits.length - scale), digits.slice(digits.length - scale).replace(/0+$/, '')]
  return `${units < 0n ? '-' : ''}${whole}${fraction === '' ? '' : `.${fraction}`}`
}

/** The nearest multiple of the step, which is more than 0; halves go up. */
export function roundToMultiple(value: Decimal, step: Decimal): Decimal {
  const {
    scale,
    units: [number, size],
  } = alike(value, step)
  return { units: floorDivide(2n * number + size, 2n * size) * size, scale }
}

/** The greatest multiple that is not above the value. */
export function floorToMultiple(value: Decimal, step: Decimal): Decimal {
  const {
    scale,
    units: [number, size],
  } = alike(value, step)
  return { units: floorDivide(number, size) * size, scale }
}

function alike(...both: readonly [Decimal, Decimal]): { readonly scale: number; readonly units: readonly [bigint, bigint] } {
  const scale = Math.max(both[0].scale, both[1].scale)
  const units = (one: Decimal) => one.units * 10n ** BigInt(scale - one.scale)
  return { scale, units: [units(both[0]), units(both[1])] }
}

function floorDivide(number: bigint, by: bigint): bigint {
  const quotient = number / by
  return number % by < 0n ? quotient - 1n : quotient
}
