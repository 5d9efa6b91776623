/** Charts, for every page. ECharts itself comes with the first picture. */

export { Chart, type ChartHandle, type ChartProps } from './Chart'
export { UNITS, type Unit } from './format'
export { proposeChart } from './propose'
export { KINDS, plainRender, readRender, renderLine, visualOf, type Kind, type Render } from './render'
export type { Threshold } from './render-to-option'
export { CHART_ROWS, readText, tableOfRows, type ChartColumn, type ChartTable } from './table'
export { canHistogram, histogramQuery, histogramStep } from './bins'
export { ChartSettings, type ChartSettingsProps } from './ChartSettings'
export { Histogram, type HistogramProps } from './Histogram'
