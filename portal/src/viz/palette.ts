/** Colours and marks of series, made from the page's tokens. */

export interface Look {
  readonly series: readonly string[]
  readonly text: string
  readonly text2: string
  readonly hairline: string
  readonly border: string
  readonly bg: string
  readonly surface: string
  readonly accent: string
  readonly danger: string
  readonly warning: string
  readonly ok: string
  readonly link: string
  readonly font: string
  /** Whether marks must differ by more than colour from the first on. */
  readonly needsDecals: boolean
}

export interface SeriesStyle {
  readonly color: string
  readonly dash: 'solid' | 'dashed' | 'dotted'
  readonly symbol: string
  /** A pattern of the surface on bars and slices; null for a plain one. */
  readonly decal: Readonly<Record<string, unknown>> | null
}

/** As many series as have a colour of their own. */
export const COLORS = 8
const DASHES = ['solid', 'dashed', 'dotted'] as const
const SYMBOLS = ['circle', 'rect', 'triangle', 'diamond'] as const
const DECALS: readonly (Record<string, unknown> | null)[] = [
  null,
  { symbol: 'rect', dashArrayX: [1, 0], dashArrayY: [2, 5], rotation: Math.PI / 4 },
  {
    symbol: 'circle',
    dashArrayX: [
      [6, 6],
      [0, 6, 6, 0],
    ],
    dashArrayY: [6, 0],
    symbolSize: 0.6,
  },
]

/** The look of the page that the element stands in. */
export function readLook(element: Element): Look {
  const style = getComputedStyle(element)
  const token = (name: string) => style.getPropertyValue(`--${name}`).trim()
  return {
    series: Array.from({ length: COLORS }, (_, index) => token(`series-${index + 1}`)),
    text: token('text'),
    text2: token('text-2'),
    hairline: token('hairline'),
    border: token('border'),
    bg: token('bg'),
    surface: token('surface'),
    accent: token('accent'),
    danger: token('danger'),
    warning: token('warning'),
    ok: token('ok'),
    link: token('link'),
    font: token('font'),
    needsDecals: matchMedia('(prefers-contrast: more), (forced-colors: active)').matches,
  }
}

/** The style of the series with that number; the ninth starts the colours again with another mark. */
export function styleOf(look: Look, index: number): SeriesStyle {
  const round = Math.floor(index / COLORS)
  const decal = DECALS[(look.needsDecals ? index : round) % DECALS.length] ?? null
  return {
    color: look.series[index % COLORS] ?? look.text,
    dash: DASHES[round % DASHES.length] ?? 'solid',
    symbol: SYMBOLS[round % SYMBOLS.length] ?? 'circle',
    decal: decal && { ...decal, color: look.bg },
  }
}

/** Gives each name a number once, so that a series keeps its colour while one works. */
export class ColorMemory {
  private readonly numbers = new Map<string, number>()

  indexOf(name: string): number {
    const known = this.numbers.get(name)
    if (known !== undefined) return known
    this.numbers.set(name, this.numbers.size)
    return this.numbers.size - 1
  }
}

/** Black or white, whichever is read better on the colour (given as #rrggbb). */
export function readableOn(color: string): string {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((start) => {
    const part = Number.parseInt(color.slice(start, start + 2), 16) / 255
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.179 ? '#000000' : '#ffffff'
}
