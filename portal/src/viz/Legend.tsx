import { t } from '@/i18n/en/viz'
import styles from './chart.module.css'
import type { SeriesStyle } from './palette'

export interface LegendEntry {
  readonly name: string
  readonly style: SeriesStyle
  readonly isHidden: boolean
  /** Texts beside the name: a slice's size and share. */
  readonly values?: readonly string[]
}

interface Props {
  readonly entries: readonly LegendEntry[]
  readonly onChange: (hidden: ReadonlySet<string>) => void
}

/** The series by name. A click shows only that one, or all again; with Ctrl it adds or takes away. */
export function Legend({ entries, onChange }: Props) {
  function click(name: string, isToggle: boolean) {
    const hidden = new Set(entries.filter(({ isHidden }) => isHidden).map((entry) => entry.name))
    const others = entries.filter((entry) => entry.name !== name).map((entry) => entry.name)
    if (isToggle) {
      if (!hidden.delete(name)) hidden.add(name)
      onChange(hidden.size === entries.length ? new Set() : hidden)
      return
    }
    const isAlone = !hidden.has(name) && others.every((other) => hidden.has(other))
    onChange(isAlone ? new Set() : new Set(others))
  }
  return (
    <ul className={styles['legend']} aria-label={t.legend}>
      {entries.map((entry) => (
        <li key={entry.name}>
          <button
            type="button"
            aria-pressed={!entry.isHidden}
            title={`${entry.name}\n${t.legendHint}`}
            onClick={(event) => click(entry.name, event.ctrlKey || event.metaKey)}
          >
            <Mark style={entry.style} />
            <span className={styles['name']}>{entry.name}</span>
            {entry.values?.map((value) => (
              <span key={value} className={styles['number']}>
                {value}
              </span>
            ))}
          </button>
        </li>
      ))}
    </ul>
  )
}

const DASHES = { solid: 'none', dashed: '5 3', dotted: '2 2' }

function Mark({ style }: { readonly style: SeriesStyle }) {
  return (
    <svg width="18" height="10" aria-hidden="true">
      <line
        x1="0"
        x2="18"
        y1="5"
        y2="5"
        stroke={style.color}
        strokeWidth="3"
        strokeDasharray={DASHES[style.dash]}
      />
      {style.symbol === 'circle' && <circle cx="9" cy="5" r="4" fill={style.color} />}
      {style.symbol === 'rect' && <rect x="5" y="1" width="8" height="8" fill={style.color} />}
      {style.symbol === 'triangle' && <path d="M9 0 14 9 4 9Z" fill={style.color} />}
      {style.symbol === 'diamond' && <path d="M9 0 14 5 9 10 4 5Z" fill={style.color} />}
    </svg>
  )
}
