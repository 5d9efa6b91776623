import { t } from '@/i18n/en/me'

/** In the order in which they must be looked for: each of the later is named by the earlier ones too. */
const BROWSERS: readonly (readonly [RegExp, string])[] = [
  [/Edg\w*\/(\d+)/, 'Edge'],
  [/OPR\/(\d+)/, 'Opera'],
  [/Firefox\/(\d+)/, 'Firefox'],
  [/Chrom\w*\/(\d+)/, 'Chrome'],
  [/Version\/(\d+).*Safari/, 'Safari'],
]
const SYSTEMS: readonly (readonly [RegExp, string])[] = [
  [/iPhone|iPad/, 'iOS'],
  [/Android/, 'Android'],
  [/Windows/, 'Windows'],
  [/Mac OS X/, 'macOS'],
  [/Linux|X11/, 'Linux'],
]

/** "Firefox 140 on Windows", as far as the header tells it. */
export function describeBrowser(userAgent: string): string {
  const found = BROWSERS.map(([pattern, name]) => [pattern.exec(userAgent)?.[1], name] as const).find(
    ([major]) => major,
  )
  const system = SYSTEMS.find(([pattern]) => pattern.test(userAgent))?.[1]
  if (!found) return userAgent.split(/[\s/]/)[0] || t.unknownBrowser
  const browser = `${found[1]} ${found[0]}`
  return system ? t.browserOn(browser, system) : browser
}
