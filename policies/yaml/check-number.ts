// Numbers of a rule are kept exactly as they are written, or refused: a rule must not say something else than its text.

const DECIMAL = /^[+-]?(?:0|[1-9][0-9]*|(?=\.))(?:\.[0-9]*)?(?:[eE][+-]?[0-9]+)?$/
const SOURCE_MAX_CHARS = 100

/** What is wrong with a number as YAML reads it; undefined where nothing is. */
export function explainNumber(source: string, value: number | bigint): string | undefined {
  const number = Number(value)
  const quotes = `Put it in quotes ("${source}") to mean the characters.`
  if (!DECIMAL.test(source)) return `${source} is not a plain decimal number. ${Number.isFinite(number) ? `Write ${number}. ` : ''}${quotes}`
  if (Number.isFinite(number) && sameNumber(source, String(number))) return undefined
  return `${source} cannot be represented exactly; the nearest number is ${number}. Use fewer digits. ${quotes}`
}

/** Do both texts say the same decimal number? */
function sameNumber(one: string, other: string): boolean {
  return one.length <= SOURCE_MAX_CHARS && normalized(one) === normalized(other)
}

/** Digits without zeros at either end, and the power of ten of the last one. */
function normalized(text: string): string {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = /^([+-]?)(\d*)\.?(\d*)(?:[eE]([+-]?\d+))?$/.exec(text) ?? []
  const digits = `${whole}${fraction}`.replace(/^0+/, '')
  const short = digits.replace(/0+$/, '')
  if (short === '') return '0'
  return `${sign === '-' ? '-' : ''}${short}e${Number(exponent) - fraction.length + digits.length - short.length}`
}
