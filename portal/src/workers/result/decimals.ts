/** Decimals as whole numbers of 10^-18: exact, and comparable. */

const DIGITS = 18
const SCALE = 10n ** BigInt(DIGITS)

/** The number that a decimal's text stands for; `null` where it is none. */
export function parseDecimal(text: string): bigint | null {
  const found = /^\s*([+-])?(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?\s*$/.exec(text)
  if (!found || !/\d/.test(text)) return null
  const [, sign, whole = '', fraction = '', exponent = '0'] = found
  const shift = DIGITS - fraction.length + Number(exponent)
  if (Math.abs(shift) > 100) return null
  const digits = BigInt(whole + fraction || '0')
  const size = shift >= 0 ? digits * 10n ** BigInt(shift) : digits / 10n ** BigInt(-shift)
  return sign === '-' ? -size : size
}

export function formatDecimal(value: bigint): string {
  const size = value < 0n ? -value : value
  const fraction = String(size % SCALE)
    .padStart(DIGITS, '0')
    .replace(/0+$/, '')
  return `${value < 0n ? '-' : ''}${size / SCALE}${fraction ? `.${fraction}` : ''}`
}
