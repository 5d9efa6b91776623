import css from './Sparkline.module.css'

export interface SparklineProps {
  readonly values: readonly number[]
  /** What the bars show, with the numbers that matter, for those who don't see them. */
  readonly label: string
  readonly width?: number
  readonly height?: number
}

/** How a number went, as bars; the highest fills the height. */
export function Sparkline({ values, label, width = 180, height = 24 }: SparklineProps) {
  const highest = Math.max(...values, 1)
  const step = width / Math.max(values.length, 1)
  return (
    <svg className={css['bars']} role="img" aria-label={label} width={width} height={height}>
      {values.map((value, index) => {
        const size = value === 0 ? 0 : Math.max((value / highest) * height, 1)
        return (
          <rect
            // Bars have no name but their place.
            // oxlint-disable-next-line react/no-array-index-key
            key={index}
            x={index * step}
            y={height - size}
            width={Math.max(step - 1, 1)}
            height={size}
          />
        )
      })}
    </svg>
  )
}
