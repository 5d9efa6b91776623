/** A chart's description as what ECharts draws. Pure: the same description, look and choice give the same picture. */

import type { EChartsCoreOption } from 'echarts/core'
import type { ChartDescription } from './describe'
import type { Unit } from './format'
import { axesOption } from './option-axes'
import { graphOption, ladderOption, pieOption, treeOption } from './option-other'
import type { Look } from './palette'

export interface Threshold {
  readonly value: number
  readonly level: 'error' | 'warning' | 'info'
  readonly label?: string
}

export interface OptionChoice {
  readonly look: Look
  /** The number of a series' colour. */
  readonly colorOf: (name: string) => number
  readonly isHidden: (name: string) => boolean
  readonly timeZone: string
  readonly unit: Unit
  readonly thresholds: readonly Threshold[]
  /** Whether the picture stands alone (an export): it then has its title and a ground. */
  readonly isAlone: boolean
}

/** Null for what is no picture: cards, pivots, tables. */
export function optionOf(description: ChartDescription, choice: OptionChoice): EChartsCoreOption | null {
  const base = {
    animation: false,
    textStyle: { fontFamily: choice.look.font, color: choice.look.text, fontSize: 12 },
    ...(choice.isAlone ? { backgroundColor: choice.look.bg } : {}),
  }
  switch (description.draw) {
    case 'axes':
      return { ...base, ...axesOption(description, description.render, choice) }
    case 'pie':
      return { ...base, ...pieOption(description, choice) }
    case 'treemap':
      return { ...base, ...treeOption(description, choice) }
    case 'ladder':
      return { ...base, ...ladderOption(description, choice) }
    case 'graph':
      return { ...base, ...graphOption(description, choice) }
    default:
      return null
  }
}
